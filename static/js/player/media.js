import { clamp, correctDrift } from "../lib/drift.js";

const ENOUGH_DATA = 2; // HAVE_CURRENT_DATA
const CAN_RUN = 3; // HAVE_FUTURE_DATA
const STALE_FRAME_S = 0.2;
const UNTOLD_MS = 300; // a picture that was jumped to is on screen by then, whether or not it was told
const END_MARGIN_S = 0.03;
const SAME_PLACE_S = 1e-4;
const LAG_SHARE = 0.2; // of each new picture in the running mean

/** One video or audio element that plays at t_medium = t_guide + offsetS. */
export class Medium {
  shownS = null;
  failed = false;
  onFailed = () => {};
  #pendingS = null;
  #standsAtS = 0;
  #lagS = null;
  #seekAtMs = -Infinity;
  #landedAtMs = -Infinity;
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

  /** Resolves when length and size are known; rejects when it cannot be played at all. `onFailed` hears of what breaks later. */
  load(signal) {
    return new Promise((resolve, reject) => {
      const fail = () => {
        this.failed = true;
        this.onFailed();
        reject(new Error(`cannot play ${this.url}`));
      };
      this.element.addEventListener("loadedmetadata", () => resolve(this), { once: true, signal });
      this.element.addEventListener("error", fail, { signal });
      this.element.src = this.url;
      this.element.load();
    });
  }

  /** From now on it plays at t_medium = t_guide + offsetS; whoever asks for it sends it to its new place. */
  shiftTo(offsetS) {
    this.#offsetS = offsetS;
  }

  get durationS() {
    return Number.isFinite(this.element.duration) ? this.element.duration : 0;
  }

  /** Whether there is anything to hear. Browsers tell it in three ways, some of them only once data has come. */
  get hasSound() {
    const { element } = this;
    if (this.kind === "audio" || "mozHasAudio" in element) return this.kind === "audio" || element.mozHasAudio;
    if (element.audioTracks) return element.audioTracks.length > 0;
    return (element.webkitAudioDecodedByteCount ?? 1) > 0;
  }

  get guideTimeS() {
    return this.element.currentTime - this.#offsetS;
  }

  /** The time of the picture on screen, in the medium's own seconds. */
  get pictureS() {
    const { currentTime, seeking, paused } = this.element;
    if (this.shownS === null) return currentTime;
    // While it runs or jumps, and a moment longer, the last picture told is the one on screen, however late. A video
    // that stood still while it was covered tells no frames; then its clock is the best there is.
    if (!paused || seeking || performance.now() - this.#landedAtMs < UNTOLD_MS) return this.shownS;
    return Math.abs(this.shownS - currentTime) > STALE_FRAME_S ? currentTime : this.shownS;
  }

  /** How far the pictures run ahead of the element's clock (mostly behind: negative), over the last few of them. */
  get lagS() {
    return this.#lagS ?? 0;
  }

  /** The guide's time in the middle of the picture on screen: going there changes nothing that is seen. */
  get restS() {
    return this.pictureS + 0.4 * this.frameS - this.#offsetS;
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

  /** False where the guide goes on before its first or after its last picture. */
  shows(tS) {
    const own = tS + this.#offsetS;
    return own > -this.frameS && own < this.durationS + this.frameS;
  }

  /** True when it stands at its place and could run on. */
  get settled() {
    return this.failed || (!this.element.seeking && this.#pendingS === null && !this.stalled);
  }

  /** Go to a moment of the guide; while a jump is under way only the last wish counts. */
  goTo(tS) {
    const own = clamp(tS + this.#offsetS, 0, Math.max(0, this.durationS - END_MARGIN_S));
    this.#pendingS = null;
    if (this.#standsAt(own)) return;
    if (this.element.seeking) this.#pendingS = own;
    else this.#jump(own);
  }

  // Never by the clock of what has run: it can be paused at the right moment with the next picture already on screen.
  #standsAt(own) {
    return this.#standsAtS !== null && Math.abs(this.#standsAtS - own) <= SAME_PLACE_S;
  }

  play() {
    this.#standsAtS = null;
    return this.element.play();
  }

  pause() {
    if (!this.element.paused) this.element.pause();
  }

  setRate(rate) {
    if (this.element.playbackRate !== rate) this.element.playbackRate = rate;
  }

  /** Stay with the guide's clock. `run` is false while the leader waits for data; `lagS` is that of the leader's pictures. */
  follow(tS, { rate, run, nowMs, lagS }) {
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
    // Two clocks can agree while the pictures stay a frame apart: go halfway towards the pictures, and both are in step.
    const driftS = this.guideTimeS - tS + clamp(this.lagS - lagS, -this.frameS / 2, this.frameS / 2);
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
    this.#standsAtS = this.element.paused ? own : null;
    this.element.currentTime = own;
  }

  #settle() {
    this.#landedAtMs = performance.now();
    if (this.#pendingS === null) return;
    const own = this.#pendingS;
    this.#pendingS = null;
    this.#jump(own);
  }

  #watchFrames(scope) {
    const { element } = this;
    if (!element.requestVideoFrameCallback) return;
    const frame = (nowMs, { mediaTime, expectedDisplayTime }) => {
      this.shownS = mediaTime;
      this.#measureLag(mediaTime + ((nowMs - expectedDisplayTime) / 1000) * element.playbackRate);
      if (!scope.disposed) element.requestVideoFrameCallback(frame);
    };
    element.requestVideoFrameCallback(frame);
  }

  #measureLag(pictureS) {
    const { currentTime, paused, seeking } = this.element;
    if (paused || seeking) this.#lagS = null;
    else this.#lagS = this.lagS + LAG_SHARE * (pictureS - currentTime - this.lagS);
  }

  #release() {
    this.element.pause();
    this.element.removeAttribute("src");
    this.element.load();
    this.element.remove();
  }
}
