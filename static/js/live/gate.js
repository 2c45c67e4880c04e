/** Whether the whole body is in the picture, and for long enough to begin: no picture, no sound, only poses and times. */

const LEAST_CONF = 0.3;
const EDGE_SHARE = 0.01; // of the picture's short side: a foot on the very edge is half outside
const LEAST_HEIGHT_SHARE = 0.22;
const HOLD_MS = 1500;
const GRACE_MS = 350; // one lost frame is no step out of the picture
const LONGEST_STEP_MS = 250;

const sided = (...names) => names.flatMap((name) => [`left_${name}`, `right_${name}`]);

/** What has to be seen of each part, in the order in which a missing one is told; an arm may hide behind the body. */
const PARTS = [
  { part: "feet", joints: sided("ankle", "bigtoe"), need: 0.75 },
  { part: "legs", joints: sided("knee"), need: 1 },
  { part: "head", joints: ["nose"], need: 1 },
  { part: "arms", joints: sided("elbow", "wrist"), need: 0.5 },
  { part: "torso", joints: sided("shoulder", "hip"), need: 0.75 },
];

export class Gate {
  #heldMs = 0;
  #lastMs = null;
  #goodMs = -Infinity;

  /** @param {{joints: string[], sizePx: [number, number], holdMs: number}} options */
  constructor({ joints, sizePx, holdMs = HOLD_MS }) {
    this.joints = joints;
    this.sizePx = sizePx;
    this.holdMs = holdMs;
  }

  /**
   * @returns {{state: "nobody"|"missing"|"far"|"holding"|"ready", missing: string[], share: number}} `share` of the hold
   */
  add(pose, nowMs) {
    const look = this.#look(pose);
    const stepMs = this.#lastMs === null ? 0 : Math.min(nowMs - this.#lastMs, LONGEST_STEP_MS);
    this.#lastMs = nowMs;
    if (look.state === "holding") {
      this.#heldMs += stepMs;
      this.#goodMs = nowMs;
    } else if (nowMs - this.#goodMs > GRACE_MS) this.#heldMs = 0;
    const share = Math.min(1, this.#heldMs / this.holdMs);
    return { ...look, state: share >= 1 ? "ready" : look.state, share };
  }

  #look(pose) {
    if (!pose.found) return { state: "nobody", missing: [] };
    const missing = PARTS.filter((part) => !this.#sees(pose, part)).map(({ part }) => part);
    if (missing.length === PARTS.length) return { state: "nobody", missing: [] };
    if (missing.length > 0) return { state: "missing", missing };
    return { state: this.#isFar(pose) ? "far" : "holding", missing };
  }

  #sees(pose, { joints, need }) {
    return joints.filter((name) => this.#isInside(pose, this.joints.indexOf(name))).length >= need * joints.length;
  }

  #isInside(pose, joint) {
    const [width, height] = this.sizePx;
    const edge = EDGE_SHARE * Math.min(width, height);
    const [x, y] = [pose.xyPx[joint * 2], pose.xyPx[joint * 2 + 1]];
    return pose.conf[joint] >= LEAST_CONF && x >= edge && x <= width - edge && y >= edge && y <= height - edge;
  }

  #isFar(pose) {
    const y = (name) => pose.xyPx[this.joints.indexOf(name) * 2 + 1];
    const tall = Math.max(y("left_ankle"), y("right_ankle")) - y("nose");
    // Somebody who bows or crouches is near enough all the same: the shoulders' breadth tells.
    const x = (name) => pose.xyPx[this.joints.indexOf(name) * 2];
    const broad = Math.abs(x("left_shoulder") - x("right_shoulder"));
    return Math.max(tall, broad * 3) < LEAST_HEIGHT_SHARE * this.sizePx[1];
  }
}
