import { problemOf, uploadLeftS } from "../lib/clip.js";
import { html } from "../lib/dom.js";
import { fileSize, lengthOf, timeLeft } from "../lib/format.js";
import { word } from "../lib/words.js";

const SPEED_OVER_MS = 8000;
const LENGTH_WAIT_MS = 4000;

/** A form that sends one clip: looks at it first, shows it, sends it with progress, and keeps it when the net fails. */
export default function mount(form, scope) {
  new Upload(form, scope);
}

class Upload {
  #request = null;
  #problem = null;
  #looks = 0;

  constructor(form, scope) {
    this.form = form;
    this.scope = scope;
    this.input = form.querySelector("input[type=file]");
    this.submit = form.querySelector("[type=submit]");
    this.submitWords = this.submit.textContent;
    this.limits = { maxBytes: Number(form.dataset.maxBytes) || Infinity, maxSeconds: Number(form.dataset.maxSeconds) || Infinity };
    this.#build();
    this.#listen();
    if (this.input.files.length) this.#look();
  }

  #build() {
    this.preview = html("div", { className: "upload__preview", hidden: true });
    this.about = html("p", { className: "upload__about" });
    this.bar = html("progress", { className: "upload__bar", max: 100, value: 0, hidden: true });
    this.status = html("p", { className: "upload__status" });
    this.status.setAttribute("role", "status");
    this.problem = html("p", { className: "upload__problem", hidden: true, id: `${this.input.id || "clip"}-problem` });
    this.problem.setAttribute("role", "alert");
    this.stop = html("button", { type: "button", className: "button button--quiet", hidden: true }, word("upload_cancel"));
    this.input.after(this.preview, this.about, this.problem);
    this.submit.before(this.bar, this.status);
    this.submit.after(this.stop);
    this.pick = headingOf(this.input);
    if (this.pick) this.pick.textContent = word("upload_drop");
    this.form.classList.add("upload--ready");
  }

  #listen() {
    const { form, scope } = this;
    scope.listen(this.input, "change", () => this.#look());
    scope.listen(form, "submit", (event) => this.#send(event));
    scope.listen(this.stop, "click", () => this.#request?.abort());
    scope.listen(window, "beforeunload", (event) => this.#request && event.preventDefault());
    let depth = 0;
    const carriesFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    const mark = (change) => form.classList.toggle("upload--over", (depth = Math.max(0, depth + change)) > 0);
    scope.listen(form, "dragenter", (event) => carriesFile(event) && mark(1));
    scope.listen(form, "dragleave", (event) => carriesFile(event) && mark(-1));
    scope.listen(form, "dragover", (event) => carriesFile(event) && event.preventDefault());
    scope.listen(form, "drop", (event) => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      mark(-depth);
      this.#take(event.dataTransfer.files);
    });
  }

  #take(files) {
    if (this.#request || files.length === 0) return;
    const one = new DataTransfer();
    one.items.add(files[0]);
    this.input.files = one.files;
    this.#look();
  }

  async #look() {
    const look = ++this.#looks;
    const [file] = this.input.files;
    this.#clear();
    if (this.pick) this.pick.textContent = word(file ? "upload_choose_other" : "upload_drop");
    if (!file) return;
    const durationS = (await this.#show(file)) ?? null;
    if (look !== this.#looks || this.scope.disposed) return;
    const clip = { name: file.name, size: fileSize(file.size), length: durationS === null ? "" : lengthOf(durationS) };
    this.about.textContent = word(durationS === null ? "upload_ready" : "upload_ready_length", clip);
    const key = problemOf({ name: file.name, type: file.type, size: file.size, durationS }, this.limits);
    if (key) this.#refuse(key, file, durationS);
  }

  #refuse(key, file, durationS) {
    const limit = key === "upload_too_long" ? lengthOf(this.limits.maxSeconds) : fileSize(this.limits.maxBytes);
    this.#tellProblem(word(key, { size: fileSize(file.size), length: durationS ? lengthOf(durationS) : "", limit }));
    this.#problem = key;
  }

  /** Shows the clip and answers how long it lasts; null when this browser cannot read it. */
  #show(file) {
    if (!file.type.startsWith("video/") && file.type !== "") return Promise.resolve(null);
    const url = URL.createObjectURL(file);
    const video = html("video", { src: url, muted: true, playsInline: true, controls: true, preload: "metadata" });
    video.setAttribute("aria-label", word("upload_preview"));
    this.release = () => URL.revokeObjectURL(url);
    this.scope.add(() => URL.revokeObjectURL(url));
    return new Promise((resolve) => {
      const unknown = () => {
        this.about.textContent = word("upload_no_preview");
        resolve(null);
      };
      video.addEventListener("error", unknown, { once: true });
      video.addEventListener("loadedmetadata", () => {
        this.preview.replaceChildren(video);
        this.preview.hidden = false;
        resolve(Number.isFinite(video.duration) ? video.duration : null);
      });
      this.scope.timeout(() => resolve(null), LENGTH_WAIT_MS);
    });
  }

  #send(event) {
    event.preventDefault();
    const [file] = this.input.files;
    if (this.#request) return;
    if (!file) return this.#tellProblem(word("upload_none"));
    if (this.#problem) return this.problem.scrollIntoView({ block: "nearest" });
    const request = new XMLHttpRequest();
    const samples = [];
    request.open("POST", this.form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => this.#progress(samples, loaded, total);
    request.onload = () => this.#answered(request);
    request.onerror = () => this.#ended(word("upload_offline"));
    request.onabort = () => this.#ended(word("upload_cancelled"));
    const data = new FormData(this.form);
    this.#begin(request);
    request.send(data);
  }

  #begin(request) {
    this.#request = request;
    this.problem.hidden = true;
    this.bar.hidden = this.stop.hidden = false;
    this.bar.value = 0;
    this.submit.disabled = this.input.disabled = true;
    this.form.classList.add("upload--sending");
  }

  #progress(samples, bytes, total) {
    const atMs = performance.now();
    samples.push({ atMs, bytes });
    while (samples.length > 2 && atMs - samples[0].atMs > SPEED_OVER_MS) samples.shift();
    const percent = Math.floor((bytes / total) * 100);
    this.bar.value = percent;
    const words = bytes >= total ? word("upload_checking") : word("upload_progress", { percent, left: timeLeft(uploadLeftS(samples, total)) });
    if (this.status.textContent !== words) this.status.textContent = words;
  }

  #answered(request) {
    const { status, response } = request;
    if (status >= 200 && status < 300 && response?.url) {
      this.#request = null;
      location.assign(response.url);
      return;
    }
    this.#ended(response?.error?.message ?? word("upload_refused"));
  }

  #ended(message) {
    this.#request = null;
    this.bar.hidden = this.stop.hidden = true;
    this.submit.disabled = this.input.disabled = false;
    this.form.classList.remove("upload--sending");
    this.submit.textContent = word("upload_retry");
    this.status.textContent = "";
    this.#tellProblem(message);
    this.submit.focus();
  }

  #tellProblem(message) {
    this.problem.textContent = message;
    this.problem.hidden = false;
    this.input.setAttribute("aria-describedby", this.problem.id);
    this.input.setAttribute("aria-invalid", "true");
  }

  #clear() {
    this.#problem = null;
    this.problem.hidden = true;
    this.status.textContent = "";
    this.about.textContent = "";
    this.preview.hidden = true;
    this.preview.replaceChildren();
    this.release?.();
    this.submit.textContent = this.submitWords;
    this.input.removeAttribute("aria-invalid");
  }
}

// The words on which people press: the strong part of the input's label, or all of it.
function headingOf(input) {
  const label = input.labels?.[0];
  return label?.querySelector("strong") ?? label ?? null;
}
