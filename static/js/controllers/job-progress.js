import { html, jsonInside, svg } from "../lib/dom.js";
import { timeLeft } from "../lib/format.js";
import { LiveSocket } from "../lib/socket.js";
import { word } from "../lib/words.js";

const STAGES = ["checking", "converting", "finding", "comparing"];
const POLL_MS = 5000;
const SPEAK_EVERY_MS = 2000;
const FINAL = new Set(["succeeded", "failed", "cancelled"]);
const LINE = "M8 96C60 20 96 24 120 70s52 56 88 6 58-60 86-14 42 58 84 12 62-66 92-20 44 44 80 6 54-52 82-44";

/** A job's progress, live: the dance line is drawn as far as the work has come. */
export default function mount(root, scope) {
  const view = new JobView(root, scope);
  const snapshot = root.dataset.snapshot ? JSON.parse(root.dataset.snapshot) : jsonInside(root);
  if (snapshot) view.show(snapshot);
  if (view.isOver) return;
  const live = scope.child();
  const poll = pollWhileDown({ url: root.dataset.pollUrl, scope: live, onMessage: receive });
  new LiveSocket({
    path: root.dataset.socketPath,
    scope: live,
    onMessage: receive,
    onUp: () => poll.rest(),
    onDown: () => {
      view.tellOffline();
      poll.start();
    },
  });

  function receive(job) {
    view.show(job);
    if (!view.isOver) return;
    live.dispose();
    if (job.state === "succeeded") location.replace(root.dataset.doneUrl);
    else if (pageHasMore(root.dataset.lookAgain, job.failure?.code)) location.reload();
  }
}

/** Whether the page has more to offer after this failure than words and another try: `codes` names them, or is "any". */
function pageHasMore(codes = "", code) {
  return codes === "any" || codes.split(" ").includes(code);
}

function pollWhileDown({ url, scope, onMessage }) {
  let cancel = null;
  const look = async () => {
    try {
      const answer = await fetch(url, { signal: scope.signal, headers: { Accept: "application/json" } });
      if (answer.ok && cancel) onMessage(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error; // TypeError: no connection
    }
    if (cancel) cancel = scope.timeout(look, POLL_MS);
  };
  return {
    start() {
      if (url && !cancel) cancel = scope.timeout(look, POLL_MS);
    },
    rest() {
      cancel?.();
      cancel = null;
    },
  };
}

class JobView {
  isOver = false;
  #spokenMs = -Infinity;
  #cancelSpeech = () => {};

  constructor(root, scope) {
    this.root = root;
    this.scope = scope;
    this.title = root.querySelector(".job__title");
    this.bar = root.querySelector("progress");
    this.words = root.querySelector("[role=status]");
    this.cancelForm = root.querySelector("[data-job-cancel]");
    this.retryForm = root.querySelector("[data-job-retry]");
    this.another = root.querySelector("[data-job-another]");
    this.#build();
  }

  show(job) {
    this.isOver = FINAL.has(job.state);
    this.root.dataset.jobState = job.state;
    this.#draw(job);
    if (this.cancelForm) this.cancelForm.hidden = this.isOver;
    this.#offerNextStep(job);
    this.#speak(sentenceOf(job), this.isOver);
  }

  tellOffline() {
    this.#speak(word("job_offline"), false);
  }

  // Another try does not help a clip that cannot be judged: another clip does.
  #offerNextStep(job) {
    const hasFailed = job.state === "failed" || job.state === "cancelled";
    const helps = this.retryForm?.dataset.jobRetry.split(" ").includes(job.failure?.code ?? job.state);
    if (this.retryForm) this.retryForm.hidden = !hasFailed || !helps;
    if (this.another) this.another.hidden = !hasFailed || helps;
  }

  #build() {
    this.drawn = svg("path", { class: "job__drawn", d: LINE, pathLength: 100 });
    this.head = svg("circle", { class: "job__head", r: 9 });
    this.number = html("p", { className: "job__percent", ariaHidden: "true" });
    this.facts = html("p", { className: "job__facts" });
    this.stages = STAGES.map((stage) => html("li", {}, word(`job_stage_${stage}`)));
    const line = svg("svg", { class: "job__line", viewBox: "0 0 640 124", "aria-hidden": "true" });
    line.append(svg("path", { class: "job__path", d: LINE }), this.drawn, this.head);
    const anchor = this.bar ?? this.words;
    anchor.before(line, this.number);
    this.words.after(this.facts, html("ol", { className: "job__stages" }, ...this.stages));
    this.root.classList.add("job--live");
  }

  #draw(job) {
    const { percent } = job;
    const stage = STAGES.indexOf(job.stage);
    this.drawn.setAttribute("stroke-dasharray", `${percent} 101`);
    const point = this.drawn.getPointAtLength((this.drawn.getTotalLength() * percent) / 100);
    this.head.setAttribute("cx", point.x);
    this.head.setAttribute("cy", point.y);
    this.number.textContent = `${percent}%`;
    if (this.bar) this.bar.value = percent;
    if (this.title) this.title.textContent = titleOf(job);
    this.facts.textContent = factsOf(job);
    this.stages.forEach((item, i) => {
      item.dataset.reached = String(i < stage || job.stage === "done");
      if (i === stage && !this.isOver) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    });
  }

  // A screen reader reads each change aloud: no more than one in two seconds, and the last one always.
  #speak(sentence, now) {
    this.#cancelSpeech();
    const waitMs = now ? 0 : Math.max(0, this.#spokenMs + SPEAK_EVERY_MS - performance.now());
    const say = () => {
      this.#spokenMs = performance.now();
      if (this.words.textContent !== sentence) this.words.textContent = sentence;
    };
    if (waitMs === 0) say();
    else this.#cancelSpeech = this.scope.timeout(say, waitMs);
  }
}

function titleOf(job) {
  if (job.state === "failed") return word("job_title_failed");
  return word(job.state === "cancelled" ? "job_title_cancelled" : `job_stage_${job.stage}`);
}

function sentenceOf(job) {
  if (job.state === "succeeded") return word("job_done");
  if (job.state === "failed") return job.failure?.message ?? word("job_failed");
  if (job.state === "cancelled") return job.failure?.message ?? word("job_cancelled");
  if (job.state === "queued") return queueSentence(job.queue_position);
  const now = word("job_now", { stage: word(`job_stage_${job.stage}`), percent: job.percent });
  return job.left_s === null ? now : `${now}, ${timeLeft(job.left_s)}`;
}

function queueSentence(position) {
  if (position === null) return word("job_queue_plain");
  return position <= 1 ? word("job_queue_next") : word("job_queue", { n: position - 1 });
}

function factsOf(job) {
  if (job.state !== "running") return "";
  const facts = [];
  if (job.frames_per_s) facts.push(word("job_rate", { n: Math.round(job.frames_per_s * 10) / 10 }));
  if (job.attempt > 1) facts.push(word("job_again", { n: job.attempt }));
  return facts.join(" · ");
}
