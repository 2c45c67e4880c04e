import { clamp, correctDrift } from "../lib/drift.js";

const ENOUGH_DATA = 2; // HAVE_CURRENT_DATA
const CAN_RUN = 3; // HAVE_FUTURE_DATA
const LATE_FRAME_S = 0.2;
const END_MARGIN_S = 0.03;

/** One video or audio element that plays at t_medium = t_guide + offsetS. */
export class Medium {
  shownS = null;
  failed = false;
  #pendingS = null;
  #seekAtMs = -Infinity;
  #offsetS;

  /** @param {{kind: "video"|"audio", url: string, offsetS: number, frameS: number, scope: Scope}} options */
  constructor({ kind, url, offsetS, frameS, scope }) {
    this.kind = kind;
    this.url = url;
    this.frameS = frameS;
    this.#offsetS = offsetS;
    this.element = document.createElement(kind);
    this.element.preload = "auto";
    this.element.muted = true;
    this.element.preservesPitch = true;
    this.element.disableRemotePlayback = true;
    if (kind === "video") this.element.playsInline = true;
    scope.listen(this.element, "seeked", () => this.#settle());
    scope.add(() => this.#release());
    if (kind === "video") this.#watchFrames(scope);
  }

  /** Resolves when length and size are known; rejects when it cannot be played at all. */
  load(signal) {
    return new Promise((resolve, reject) => {
      const fail = () => {
        this.failed = true;
        reject(new Error(`cannot play ${this.url}`));
      };
      this.element.addEventListener("loadedmetadata", () => resolve(this), { once: true, signal });
      this.element.addEventListener("error", fail, { once: true, signal });
      this.element.src = this.url;
      this.element.load();
    });
  }

  get durationS() {
    return Number.isFinite(this.element.duration) ? this.element.duration : 0;
  }

  get guideTimeS() {
    return this.element.currentTime - this.#offsetS;
  }

  /** The time of the picture on screen, in the medium's own seconds. */
  get pictureS() {
    const { currentTime, seeking } = this.element;
    if (this.shownS === null) return currentTime;
    // A hidden or covered video may stop telling its frames; then its clock is the best there is.
    return !seeking && Math.abs(this.shownS - currentTime) > LATE_FRAME_S ? currentTime : this.shownS;
  }

  get stalled() {
    return this.element.readyState < CAN_RUN && !this.element.ended;
  }

  /** True when the guide's clock can be read from it. */
  leads(tS) {
    const { paused, seeking, ended, readyState } = this.element;
    return !this.failed && !paused && !seeking && !ended && readyState >= ENOUGH_DATA && this.covers(tS);
  }

  covers(tS) {
    const own = tS + this.#offsetS;
    return own >= 0 && own < this.durationS - END_MARGIN_S;
  }

  /** True when it stands at its place and could run on. */
  get settled() {
    return this.failed || (!this.element.seeking && this.#pendingS === null && !this.stalled);
  }

  /** Go to a moment of the guide; while a jump is under way only the last wish counts. */
  goTo(tS) {
    const own = clamp(tS + this.#offsetS, 0, Math.max(0, this.durationS - END_MARGIN_S));
    if (this.element.seeking) this.#pendingS = own;
    else if (Math.abs(this.element.currentTime - own) > 1e-4) this.#jump(own);
  }

  play() {
    return this.element.play();
  }

  pause() {
    if (!this.element.paused) this.element.pause();
  }

  setRate(rate) {
    if (this.element.playbackRate !== rate) this.element.playbackRate = rate;
  }

  /** Stay with the guide's clock. `run` is false while the leader waits for data. */
  follow(tS, { rate, run, nowMs }) {
    if (this.failed) return;
    if (!this.covers(tS)) {
      this.pause();
      if (!this.element.seeking) this.goTo(tS);
      return;
    }
    if (!run) {
      this.pause();
      return;
    }
    const driftS = this.guideTimeS - tS;
    if (this.element.paused) {
      if (Math.abs(driftS) > this.frameS) this.goTo(tS);
      this.setRate(rate);
      this.play().catch(() => {});
      return;
    }
    if (this.element.seeking || this.stalled) return;
    const bent = this.element.playbackRate !== rate;
    const step = correctDrift({ driftS, frameS: this.frameS, rate, bent, sinceSeekMs: nowMs - this.#seekAtMs });
    this.setRate(step.rate);
    if (step.kind === "seek") this.goTo(tS);
  }

  #jump(own) {
    this.#seekAtMs = performance.now();
    this.element.currentTime = own;
  }

  #settle() {
    if (this.#pendingS === null) return;
    const own = this.#pendingS;
    this.#pendingS = null;
    this.#jump(own);
  }

  #watchFrames(scope) {
    const { element } = this;
    if (!element.requestVideoFrameCallback) return;
    const frame = (_, { mediaTime }) => {
      this.shownS = mediaTime;
      if (!scope.disposed) element.requestVideoFrameCallback(frame);
    };
    element.requestVideoFrameCallback(frame);
  }

  #release() {
    this.element.pause();
    this.element.removeAttribute("src");
    this.element.load();
    this.element.remove();
  }
}
