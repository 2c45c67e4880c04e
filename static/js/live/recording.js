import { JOINTS } from "../lib/joints.js";
import { encodeTrack } from "../lib/track-writer.js";

const SHARES_OF_A_TICK = 100000;

/** The joints of one dance as they come in; what is kept of it is a .kdt and nothing else. */
export class Recording {
  /** When its time 0 was, on performance.now()'s clock. Whoever records sets it. */
  startedMs = null;
  #tS = [];
  #poses = [];

  /** @param {{sizePx: [number, number], model: "lite"|"full"}} how the size of the camera's pictures; the engine's model */
  constructor({ sizePx, model }) {
    this.sizePx = [...sizePx];
    this.model = `tasks-vision-${model}`; // inference/pose/browser_track.py knows these names
  }

  get frames() {
    return this.#tS.length;
  }

  get durationS() {
    return this.#tS.at(-1) ?? 0;
  }

  /** @param {number} tS seconds since its first picture, later than the last  @param {Pose} pose */
  add(tS, pose) {
    const last = this.#tS.at(-1) ?? -Infinity;
    if (Math.round(tS * SHARES_OF_A_TICK) <= Math.round(last * SHARES_OF_A_TICK)) throw new RangeError(`${tS} s does not come after ${last} s`);
    this.#tS.push(tS);
    this.#poses.push(pose);
  }

  /** @returns {Promise<ArrayBuffer>} docs/track-format.md */
  toKdt() {
    return encodeTrack(this.toTrack());
  }

  /** What encodeTrack takes: quickly made, for keeping while somebody dances. */
  toTrack() {
    const { sizePx, model } = this;
    const inSpace = this.#poses.some((pose) => pose.xyzM);
    return {
      tS: [...this.#tS],
      xyPx: this.#joined(2, (pose) => (pose.found ? pose.xyPx : null)),
      conf: this.#joined(1, (pose) => (pose.found ? pose.conf : null), 0),
      xyzM: inSpace ? this.#joined(3, (pose) => (pose.found ? pose.xyzM : null)) : null,
      sizePx,
      model,
    };
  }

  #joined(axes, valuesOf, blank = NaN) {
    const width = JOINTS.length * axes;
    const joined = new Float32Array(this.#poses.length * width).fill(blank);
    this.#poses.forEach((pose, frame) => {
      const values = valuesOf(pose);
      if (values) joined.set(values, frame * width);
    });
    return joined;
  }
}
