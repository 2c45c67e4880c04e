/**
 * The turn between the dancer's camera and the guide's, as choreography/comparison/turn.py finds it, from the moments of
 * the take so far: sum w g a^T (2 x 3), sum w a a^T (3 x 3) and sum w |g|^2, g the guide's vectors and a the dancer's.
 */

import { SEGMENT_COUNT, WEIGHTS, WHOLE_WEIGHT } from "./scorer-segments.js";

const S = SEGMENT_COUNT;
const STEPS_DEG = [
  [10, 5, 4],
  [2.5, 1.25, 1],
  [0.6, 0.3, 0.25],
];
const RAD = Math.PI / 180;

export const NO_TURN = rotation([0, 0, 0]);

export class TurnMoments {
  constructor() {
    this.across = new Float64Array(6);
    this.within = new Float64Array(9);
    this.size = 0;
    this.frames = 0;
  }

  /** Adds one row of both movements. */
  add(shown, shownRow, danced, dancedRow) {
    let seen = 0;
    for (let s = 0; s < S; s += 1) {
      const [one, other] = [shownRow * S + s, dancedRow * S + s];
      if (!shown.seen[one] || !danced.seen[other]) continue;
      const weight = WEIGHTS[s];
      const guide = [shown.vectors[2 * one], shown.vectors[2 * one + 1]];
      const dancer = [danced.vectors[2 * other], danced.vectors[2 * other + 1], danced.depth[other]];
      for (let j = 0; j < 3; j += 1) {
        for (let i = 0; i < 2; i += 1) this.across[3 * i + j] += weight * guide[i] * dancer[j];
        for (let i = 0; i < 3; i += 1) this.within[3 * i + j] += weight * dancer[i] * dancer[j];
      }
      this.size += weight * (guide[0] ** 2 + guide[1] ** 2);
      seen += weight;
    }
    this.frames += seen / WHOLE_WEIGHT;
  }

  /** @returns {TurnMoments} */
  plus(other) {
    const sum = new TurnMoments();
    sum.across = this.across.map((value, at) => value + other.across[at]);
    sum.within = this.within.map((value, at) => value + other.within[at]);
    sum.size = this.size + other.size;
    sum.frames = this.frames + other.frames;
    return sum;
  }
}

/** [yaw, pitch, roll] in degrees; a turn costs, and the more the less is known. */
export function findTurn(moments, config) {
  if (moments.size <= 0) return [0, 0, 0];
  const prior = config.turn_prior * Math.max(1, (config.turn_told_s * config.rate_hz) / Math.max(moments.frames, 1));
  const limits = [config.max_yaw_deg, config.max_pitch_deg, config.max_roll_deg];
  let best = [0, 0, 0];
  STEPS_DEG.forEach((step, stage) => {
    const counts = limits.map((limit, axis) => (stage === 0 ? Math.floor(limit / step[axis]) : 4));
    const middle = best;
    let least = Infinity;
    for (const angles of grid(middle, counts, step, limits)) {
      const away = angles.reduce((sum, angle, axis) => sum + (angle / limits[axis]) ** 2, 0);
      const cost = costOf(rotation(angles), moments) + prior * away;
      if (cost < least) [least, best] = [cost, angles];
    }
  });
  return best;
}

/** The yaw of the last seconds, near the take's: dancers walk and cameras are carried. */
export function wanderedYaw([yaw, pitch, roll], moments, config) {
  let best = yaw;
  let least = Infinity;
  for (let off = -config.max_wander_deg; off <= config.max_wander_deg; off += 2) {
    const cost = costOf(rotation([yaw + off, pitch, roll]), moments) + config.wander_prior * (off / config.max_wander_deg) ** 2;
    if (cost < least) [least, best] = [cost, yaw + off];
  }
  return [best, pitch, roll];
}

/** The first two rows of the rotation (6): about the vertical, then the picture's horizontal, then the line of sight. */
export function rotation([yawDeg, pitchDeg, rollDeg]) {
  const [cy, cp, cr] = [yawDeg, pitchDeg, rollDeg].map((angle) => Math.cos(angle * RAD));
  const [sy, sp, sr] = [yawDeg, pitchDeg, rollDeg].map((angle) => Math.sin(angle * RAD));
  return [cr * cy - sr * sp * sy, -sr * cp, cr * sy + sr * sp * cy, sr * cy + cr * sp * sy, cr * cp, sr * sy - cr * sp * cy];
}

/** The movement as the guide's camera would have seen it. */
export function turned(movement, r) {
  if (!movement.depth) return movement;
  const vectors = new Float32Array(movement.vectors.length);
  for (let cell = 0; cell < movement.seen.length; cell += 1) {
    const [x, y, z] = [movement.vectors[2 * cell], movement.vectors[2 * cell + 1], movement.depth[cell]];
    vectors[2 * cell] = r[0] * x + r[1] * y + r[2] * z;
    vectors[2 * cell + 1] = r[3] * x + r[4] * y + r[5] * z;
  }
  return { ...movement, vectors };
}

function* grid(middle, counts, step, limits) {
  const at = (axis, n) => Math.min(limits[axis], Math.max(-limits[axis], middle[axis] + n * step[axis]));
  for (let i = -counts[0]; i <= counts[0]; i += 1) {
    for (let j = -counts[1]; j <= counts[1]; j += 1) {
      for (let k = -counts[2]; k <= counts[2]; k += 1) yield [at(0, i), at(1, j), at(2, k)];
    }
  }
}

/** Distance of the turned movement to the guide's, but for a constant, as a share of the guide's size. */
function costOf(r, { across, within, size }) {
  let fits = 0;
  let length = 0;
  for (let i = 0; i < 2; i += 1) {
    for (let j = 0; j < 3; j += 1) {
      fits += r[3 * i + j] * across[3 * i + j];
      for (let k = 0; k < 3; k += 1) length += r[3 * i + j] * r[3 * i + k] * within[3 * j + k];
    }
  }
  return (length - 2 * fits) / Math.max(size, 1e-9);
}
