import { beatsBetween } from "../lib/counts.js";

const AHEAD_S = 0.25;
const JUMP_S = 0.02;
const LENGTH_S = 0.045;
const PITCH_HZ = { one: 1760, other: 1175 };
const LOUDNESS = { one: 0.5, other: 0.25 };

/** A click on each count, planned a little ahead so that it falls on the moment of the guide that is heard with it. */
export class Metronome {
  #context = null;
  #planned = [];
  #plannedToS = null;
  #last = null;

  constructor(scope) {
    scope.add(() => this.#context?.close());
  }

  /** To be called from a press: browsers start no sound otherwise. Resolves once there is sound. */
  start() {
    this.#context ??= new AudioContext({ latencyHint: "interactive" });
    this.#plannedToS = null;
    return this.#context.resume();
  }

  stop() {
    this.#drop();
    this.#last = null;
    this.#context?.suspend();
  }

  /** Keeps the plan: `tS` of the guide is heard at `nowMs` (performance.now). Other counts or a jump drop what was planned. */
  follow({ counts, tS, nowMs, rate, playing }) {
    const now = { counts, tS, nowMs, rate, playing };
    if (!playing || !counts || jumped(this.#last, now)) this.#drop();
    this.#last = now;
    if (!playing || !counts) return;
    const toS = tS + AHEAD_S * rate;
    for (const beat of beatsBetween(counts, this.#plannedToS ?? tS, toS)) {
      this.#click(this.#contextTime(nowMs + ((beat.tS - tS) / rate) * 1000), beat.count === 1 ? "one" : "other");
    }
    this.#plannedToS = Math.max(this.#plannedToS ?? tS, toS);
  }

  /** Clicks beforehand: [{atMs (performance.now), count}]. The next start or jump of the dance drops what is left of them. */
  count(beats) {
    if (this.#context?.state !== "running") return; // what waits in a silent context would sound later, all at once
    for (const { atMs, count } of beats) this.#click(this.#contextTime(atMs), count === 1 ? "one" : "other");
  }

  hush() {
    this.#drop();
  }

  /** The context's time of a sound that is to be heard at `heardMs`: outputs lag, by a tenth of a second without wires. */
  #contextTime(heardMs) {
    const context = this.#context;
    const stamp = context.getOutputTimestamp?.();
    if (stamp?.performanceTime) return stamp.contextTime + (heardMs - stamp.performanceTime) / 1000;
    return context.currentTime - (context.outputLatency ?? 0) + (heardMs - performance.now()) / 1000;
  }

  #click(atS, kind) {
    const context = this.#context;
    if (atS < context.currentTime) return;
    const tone = new OscillatorNode(context, { frequency: PITCH_HZ[kind] });
    const volume = new GainNode(context, { gain: LOUDNESS[kind] });
    volume.gain.setValueAtTime(LOUDNESS[kind], atS);
    volume.gain.exponentialRampToValueAtTime(1e-3, atS + LENGTH_S);
    tone.connect(volume).connect(context.destination);
    tone.start(atS);
    tone.stop(atS + LENGTH_S);
    this.#planned.push(tone);
    tone.onended = () => (this.#planned = this.#planned.filter((other) => other !== tone));
  }

  #drop() {
    for (const tone of this.#planned) tone.stop();
    this.#planned = [];
    this.#plannedToS = null;
  }
}

function jumped(last, { counts, tS, nowMs, rate, playing }) {
  if (!last || last.playing !== playing || last.rate !== rate || last.counts !== counts) return true;
  return Math.abs(tS - last.tS - ((nowMs - last.nowMs) / 1000) * rate) > JUMP_S;
}
