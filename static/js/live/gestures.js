const HOLD_MS = 1500;
const GRACE_MS = 300;
const LEAST_CONF = 0.3;

/**
 * Signs that are held for a second and a half: both arms crossed above the head say "stop", the right hand high with the
 * left one down says "again". No dance of ours holds either for so long.
 */
export class GestureWatch {
  #sign = null;
  #sinceMs = 0;
  #seenMs = 0;

  /** @param {string[]} joints @param {string[]} signs those that are looked for now */
  constructor(joints, signs) {
    this.joints = joints;
    this.signs = signs;
  }

  /** @returns {"stop"|"again"|null} once, when the hold is over */
  add(pose, nowMs) {
    const sign = this.#signOf(pose);
    if (sign === null) {
      if (nowMs - this.#seenMs > GRACE_MS) this.#sign = null;
      return null;
    }
    if (sign !== this.#sign) this.#sinceMs = nowMs;
    this.#sign = sign;
    this.#seenMs = nowMs;
    if (nowMs - this.#sinceMs < HOLD_MS) return null;
    this.#sinceMs = Infinity;
    return sign;
  }

  #signOf(pose) {
    if (!pose.found) return null;
    const at = (name) => this.#place(pose, name);
    const [left, right, nose, leftShoulder, rightShoulder] = ["left_wrist", "right_wrist", "nose", "left_shoulder", "right_shoulder"].map(at);
    if (!left || !right || !nose || !leftShoulder || !rightShoulder) return null;
    const sign = this.#named({ left, right, nose, leftShoulder, rightShoulder });
    return this.signs.includes(sign) ? sign : null;
  }

  #named({ left, right, nose, leftShoulder, rightShoulder }) {
    const broad = Math.abs(leftShoulder.x - rightShoulder.x);
    const facing = Math.sign(leftShoulder.x - rightShoulder.x);
    const above = (hand) => hand.y < nose.y - 0.3 * broad;
    if (above(left) && above(right)) return (left.x - right.x) * facing < -0.05 * broad ? "stop" : null;
    if (above(right) && left.y > leftShoulder.y + 0.3 * broad) return "again";
    return null;
  }

  #place(pose, name) {
    const joint = this.joints.indexOf(name);
    return pose.conf[joint] >= LEAST_CONF ? { x: pose.xyPx[joint * 2], y: pose.xyPx[joint * 2 + 1] } : null;
  }
}
