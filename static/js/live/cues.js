/** Short tones that tell what the dancer, two metres away, may not look at just now. */
const TONES_HZ = {
  begin: [660, 880, 1320],
  perfect: [1047, 1568],
  great: [880, 1320],
  good: [880],
  ok: [587],
  miss: [294],
  over: [880, 660],
};
const APART_S = 0.11;
const LENGTH_S = 0.16;
const LOUDNESS = 0.22;

export class Cues {
  #context = null;

  constructor(scope) {
    scope.add(() => this.#context?.close());
  }

  /** To be called from a press: browsers start no sound otherwise. */
  wake() {
    this.#context ??= new AudioContext();
    this.#context.resume();
  }

  /** @param {keyof TONES_HZ} name */
  play(name) {
    const context = this.#context;
    if (context?.state !== "running") return;
    TONES_HZ[name].forEach((hz, n) => this.#tone(context, hz, context.currentTime + n * APART_S));
  }

  #tone(context, frequency, atS) {
    const tone = new OscillatorNode(context, { frequency, type: "triangle" });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(0, atS);
    volume.gain.linearRampToValueAtTime(LOUDNESS, atS + 0.012);
    volume.gain.exponentialRampToValueAtTime(1e-3, atS + LENGTH_S);
    tone.connect(volume).connect(context.destination);
    tone.start(atS);
    tone.stop(atS + LENGTH_S);
  }
}
