import { clamp, turnAt } from "../lib/drift.js";

const LONGEST_WAIT_MS = 1500;

/**
 * The one clock: guide time. It is read from the first medium that can lead (guide video, guide audio, attempt video)
 * and runs by itself where none can; every other medium follows.
 */
export class GuideClock {
  playing = false;
  rate = 1;
  loop = null;
  onBlocked = () => {};
  onGathered = () => {};
  #tS = 0;
  #lastMs = null;
  #waitingSinceMs = null;

  /** @param {{media: Medium[], durationS: number}} options media in the order in which they may lead */
  constructor({ media, durationS }) {
    this.media = media;
    this.durationS = durationS;
  }

  get tS() {
    return this.#tS;
  }

  play() {
    if (this.playing) return;
    this.playing = true;
    if (this.#tS >= this.durationS - 0.05) this.seek(this.loop ? this.loop[0] : 0);
    else this.#gather();
  }

  /** Stops at `tS`, or where it is, and brings every medium there. */
  pause(tS = this.#tS) {
    this.playing = false;
    this.#waitingSinceMs = null;
    this.#tS = clamp(tS, 0, this.durationS);
    for (const medium of this.media) medium.pause();
    for (const medium of this.media) medium.goTo(this.#tS);
  }

  seek(tS) {
    this.#tS = clamp(tS, 0, this.durationS);
    for (const medium of this.media) medium.goTo(this.#tS);
    if (this.playing) this.#gather();
  }

  setRate(rate) {
    this.rate = rate;
    for (const medium of this.media) medium.setRate(rate);
  }

  /** Moves the clock on to the animation frame at `nowMs` and keeps the media with it. Answers the guide's time. */
  tick(nowMs) {
    const elapsedS = this.#lastMs === null ? 0 : (nowMs - this.#lastMs) / 1000;
    this.#lastMs = nowMs;
    if (!this.playing || this.#isGathering(nowMs)) return this.#tS;
    const leader = this.media.find((medium) => medium.leads(this.#tS));
    const turn = turnAt({ tS: leader ? leader.guideTimeS : this.#tS + elapsedS * this.rate, durationS: this.durationS, loop: this.loop });
    this.#tS = turn.tS;
    if (turn.kind === "jump") this.seek(turn.tS);
    else if (turn.kind === "stop") this.pause();
    else this.#lead(leader, nowMs);
    return this.#tS;
  }

  #lead(leader, nowMs) {
    leader?.setRate(this.rate);
    const how = { rate: this.rate, run: !leader?.stalled, lagS: leader?.lagS ?? 0, nowMs };
    for (const medium of this.media) if (medium !== leader) medium.follow(this.#tS, how);
  }

  // Before running on after a start or a jump, everybody comes to the same place; a slow one is not waited for long.
  #gather() {
    this.#waitingSinceMs = performance.now();
    for (const medium of this.media) {
      medium.pause();
      medium.goTo(this.#tS);
    }
  }

  #isGathering(nowMs) {
    if (this.#waitingSinceMs === null) return false;
    const late = nowMs - this.#waitingSinceMs > LONGEST_WAIT_MS;
    if (!late && !this.media.every((medium) => medium.settled || !medium.covers(this.#tS))) return true;
    this.#waitingSinceMs = null;
    this.onGathered();
    for (const medium of this.media) if (medium.covers(this.#tS)) this.#start(medium);
    return false;
  }

  #start(medium) {
    medium.setRate(this.rate);
    medium.play().catch((error) => {
      if (error.name !== "NotAllowedError") return;
      this.pause();
      this.onBlocked();
    });
  }
}
