import { beatS, beatsBetween, COUNTS_AN_EIGHT } from "../lib/counts.js";

const LEAD_MS = 120; // planning a sound takes a moment
const WAKE_MS = 300; // a browser that lets no sound begin is not waited for longer

/**
 * The eight counts before a moment of the guide, at its tempo: they end where the dance begins, so whoever starts on a
 * count 5 hears 5 6 7 8 1 2 3 4.
 *
 * @returns {{lengthMs: number, beats: {atMs: number, count: number}[]}} from the first of them on
 */
export function countInPlan({ counts, tS, rate }) {
  const lengthS = COUNTS_AN_EIGHT * beatS(counts);
  const beats = beatsBetween(counts, tS - lengthS, tS).slice(0, COUNTS_AN_EIGHT);
  return {
    lengthMs: (lengthS / rate) * 1000,
    beats: beats.map((beat) => ({ atMs: (Math.max(0, beat.tS - tS + lengthS) / rate) * 1000, count: beat.count })),
  };
}

/** Counts somebody in: clicks planned to the sample, a voice over them where one is wished and there is one. */
export class CountIn {
  #plan = null;
  #startMs = null;
  #told = 0;
  #voice = null;

  /** @param {{metronome: Metronome, voice: Voice, now?: () => number}} setup */
  constructor({ metronome, voice, now = () => performance.now() }) {
    this.metronome = metronome;
    this.voice = voice;
    this.now = now;
  }

  get runs() {
    return this.#plan !== null;
  }

  async start(plan, { spoken }) {
    this.#plan = plan;
    this.#startMs = null;
    this.#told = 0;
    this.#voice = spoken ? this.voice : null;
    await Promise.race([this.#wake(), new Promise((resolve) => setTimeout(resolve, WAKE_MS))]);
    if (this.#plan !== plan) return;
    this.#startMs = this.now() + LEAD_MS;
    this.metronome.count(plan.beats.map(({ atMs, count }) => ({ atMs: this.#startMs + atMs, count })));
  }

  /** The count now: null before the first; "over" once, when the dance begins. */
  tick() {
    if (!this.runs || this.#startMs === null) return null;
    const sinceMs = this.now() - this.#startMs;
    const { beats, lengthMs } = this.#plan;
    if (sinceMs >= lengthMs) {
      this.#plan = null;
      return "over";
    }
    const begun = beats.filter(({ atMs }) => atMs <= sinceMs).length;
    if (begun > this.#told) this.#voice?.say(beats[begun - 1].count, lengthMs / COUNTS_AN_EIGHT);
    this.#told = begun;
    return begun ? beats[begun - 1].count : null;
  }

  cancel() {
    if (!this.runs) return;
    this.#plan = null;
    this.metronome.hush();
    this.voice.hush();
  }

  // Without any sound the large count still counts in.
  async #wake() {
    try {
      await this.metronome.start();
    } catch (error) {
      console.warn("no clicks", error);
    }
  }
}
