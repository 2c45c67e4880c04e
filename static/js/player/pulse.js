import { CountIn, countInPlan } from "./count-in.js";
import { Metronome } from "./metronome.js";
import { Voice } from "./voice.js";

/** The beat as something to be heard: the count-in before the dance, and the clicks under it. */
export class Pulse {
  /** @param {{options: Options, scope: Scope}} setup */
  constructor({ options, scope }) {
    this.options = options;
    this.metronome = new Metronome(scope);
    this.voice = new Voice(scope);
    this.count = new CountIn({ metronome: this.metronome, voice: this.voice });
  }

  get counting() {
    return this.count.runs;
  }

  /** To be called from a press, so that browsers let the clicks be heard. */
  wake() {
    if (this.options.clicks) this.metronome.start();
    else if (!this.counting) this.rest();
  }

  /** Nothing is to be heard until the next press. */
  rest() {
    this.metronome.stop();
  }

  /** Counts in what begins at `tS`. */
  countIn(counts, tS) {
    this.count.start(countInPlan({ counts, tS, rate: this.options.rate }), { spoken: this.options.countIn === "voice" });
  }

  /** The count that is being counted in: null before the first one, "over" once the dance begins. */
  tick() {
    return this.count.tick();
  }

  cancel() {
    this.count.cancel();
  }

  /** Keeps the clicks with the dance. */
  follow(counts, { tS, playing }) {
    if (!this.options.clicks || this.counting) return;
    this.metronome.follow({ counts, tS, nowMs: performance.now(), rate: this.options.rate, playing });
  }
}
