/**
 * From poses to movement: limb vectors on an even grid of guide time, in shares of the dancer's own segment lengths, as
 * choreography/comparison/normalise.py has them. Works on what has been seen so far.
 */

import { ENDS, LENGTHS, MIRROR_ORDER, MIRROR_SIGN, SEGMENT_COUNT, STARTS, TELLS_SIZE } from "./scorer-segments.js";

const S = SEGMENT_COUNT;
const LONGEST_VECTOR = 1.4;
const TRUE_LENGTH_SHARE = 0.7;
const LIKELY_LONGEST_SHARE = 0.9;
const SCALE_FRAMES = 31;
const LEAST_METRES = 0.3;
const MOST_FRAMES_LOOKED_AT = 400;
const TIME_TOLERANCE_S = 1e-6;

/** The segments of each pose, in the order of time, in memory that grows. */
export class Frames {
  /** @param {[number, number]} sizePx of the picture @param {object} config the scoring's */
  constructor(sizePx, config, room = 1024) {
    this.config = config;
    const [width, height] = sizePx;
    const margin = config.picture_margin;
    this.bounds = [-margin * width, (1 + margin) * width, -margin * height, (1 + margin) * height];
    this.count = 0;
    this.shotCount = 1;
    this.#grow(room);
  }

  /** @param {number} tS later than the last one @param {boolean} beginsShot a cut lies before it */
  push(tS, xyPx, conf, xyzM, beginsShot = false) {
    if (this.count === this.tS.length) this.#grow(2 * this.count);
    const at = this.count++;
    if (beginsShot && at > 0) this.shotCount += 1;
    this.tS[at] = tS;
    this.shot[at] = this.shotCount - 1;
    const inSpace = xyzM !== null && isFinite(xyzM[0]);
    this.inSpace[at] = inSpace ? 1 : 0;
    for (let s = 0; s < S; s += 1) this.#segment(at * S + s, STARTS[s], ENDS[s], xyPx, conf, inSpace ? xyzM : null);
    this.pxPerM[at] = inSpace ? this.#scale(at) : NaN;
  }

  #segment(cell, start, end, xyPx, conf, xyzM) {
    const seen = start.every((joint) => this.#isInView(joint, xyPx, conf)) && end.every((joint) => this.#isInView(joint, xyPx, conf));
    this.seen[cell] = seen ? 1 : 0;
    for (let axis = 0; axis < 2; axis += 1) this.flat[2 * cell + axis] = seen ? between(xyPx, 2, start, end, axis) : 0;
    for (let axis = 0; axis < 3; axis += 1) {
      const metres = seen && xyzM ? between(xyzM, 3, start, end, axis) : 0;
      this.space[3 * cell + axis] = isFinite(metres) ? metres : 0;
    }
  }

  #isInView(joint, xyPx, conf) {
    const [left, right, top, bottom] = this.bounds;
    const [x, y] = [xyPx[2 * joint], xyPx[2 * joint + 1]];
    return conf[joint] >= this.config.min_joint_conf && x >= left && x <= right && y >= top && y <= bottom;
  }

  /** Pixels a metre at this moment, by the segments that tell it; NaN where none does. */
  #scale(at) {
    let px = 0;
    let metres = 0;
    for (let s = 0; s < S; s += 1) {
      const cell = at * S + s;
      if (!TELLS_SIZE[s] || !this.seen[cell]) continue;
      px += lengthOf(this.flat[2 * cell], this.flat[2 * cell + 1]);
      metres += lengthOf(this.space[3 * cell], this.space[3 * cell + 1]);
    }
    return metres > LEAST_METRES ? px / metres : NaN;
  }

  #grow(room) {
    const grown = (Type, old, size) => {
      const made = new Type(size);
      if (old) made.set(old);
      return made;
    };
    this.tS = grown(Float64Array, this.tS, room);
    this.shot = grown(Uint16Array, this.shot, room);
    this.inSpace = grown(Uint8Array, this.inSpace, room);
    this.pxPerM = grown(Float32Array, this.pxPerM, room);
    this.seen = grown(Uint8Array, this.seen, room * S);
    this.flat = grown(Float32Array, this.flat, room * S * 2);
    this.space = grown(Float32Array, this.space, room * S * 3);
  }
}

/** How long a dancer's segments are: in metres, or where no depth is known in pixels for each shot. */
export class Build {
  /** @param {Frames} frames @param {object} config */
  constructor(frames, config) {
    this.hasDepth = frames.inSpace.subarray(0, frames.count).includes(1);
    this.lengths = this.hasDepth ? trueLengths(frames) : null;
    this.fullPx = this.hasDepth ? null : fullByShot(frames, config);
  }
}

/**
 * Movement at `count` moments from `fromS` on: {count, vectors (count * S * 2), depth (count * S)|null, seen (count * S)}.
 * @param {Frames} frames @param {Build} build @param {boolean} mirrored as a mirror would show it
 */
export function movementOf(frames, build, fromS, count, config, mirrored = false) {
  const vectors = new Float32Array(count * S * 2);
  const depth = build.hasDepth ? new Float32Array(count * S) : null;
  const seen = new Uint8Array(count * S);
  const movement = { count, vectors, depth, seen };
  if (frames.count < 2) return movement;
  const scale = new Map();
  let right = firstFrom(frames, fromS);
  for (let row = 0; row < count; row += 1) {
    const tS = fromS + row / config.rate_hz;
    while (right < frames.count - 1 && frames.tS[right] < tS) right += 1;
    const left = right - 1;
    const share = shareOf(frames, left, right, tS);
    if (!isCovered(frames, left, right, share, tS, config)) continue;
    const pxPerM = build.hasDepth ? scaleAt(frames, left, scale) * (1 - share) + scaleAt(frames, right, scale) * share : 0;
    const fullPx = build.hasDepth ? null : build.fullPx[frames.shot[share > 0.5 ? right : left]];
    for (let s = 0; s < S; s += 1) {
      const [one, other] = [left * S + s, right * S + s];
      if ((share < 1 && !frames.seen[one]) || (share > 0 && !frames.seen[other])) continue;
      const to = row * S + (mirrored ? MIRROR_ORDER[s] : s);
      const sign = mirrored ? MIRROR_SIGN[s] : 1;
      const mix = (values, width, axis) => values[width * one + axis] * (1 - share) + values[width * other + axis] * share;
      const length = build.hasDepth ? Math.max(build.lengths[s] * pxPerM, 1e-6) : fullPx[s];
      put(movement, to, mix(frames.flat, 2, 0) / length, mix(frames.flat, 2, 1) / length, sign, mirrored);
      if (depth) depth[to] = sign * clamp(mix(frames.space, 3, 2) / build.lengths[s], LONGEST_VECTOR);
    }
  }
  return movement;
}

/** How fully a vector is seen, 0 where it points at the camera. */
export function fullnessOf(movement, cell, config) {
  return Math.min(1, lengthOf(movement.vectors[2 * cell], movement.vectors[2 * cell + 1]) / config.full_length_share);
}

/** Math.hypot guards against overflow and is many times slower. */
export function lengthOf(x, y, z = 0) {
  return Math.sqrt(x * x + y * y + z * z);
}

function put({ vectors, seen }, to, x, y, sign, mirrored) {
  const length = lengthOf(x, y);
  const shorter = Math.min(1, LONGEST_VECTOR / Math.max(length, 1e-9));
  vectors[2 * to] = (mirrored ? -sign : sign) * x * shorter;
  vectors[2 * to + 1] = sign * y * shorter;
  seen[to] = length > 0 ? 1 : 0;
}

function between(values, width, start, end, axis) {
  let difference = 0;
  for (const joint of end) difference += values[width * joint + axis] / end.length;
  for (const joint of start) difference -= values[width * joint + axis] / start.length;
  return difference;
}

function firstFrom(frames, tS) {
  let low = 1;
  let high = frames.count - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (frames.tS[middle] < tS) low = middle + 1;
    else high = middle;
  }
  return low;
}

function shareOf(frames, left, right, tS) {
  const share = Math.min(1, Math.max(0, (tS - frames.tS[left]) / (frames.tS[right] - frames.tS[left])));
  return frames.shot[left] === frames.shot[right] ? share : Math.round(share);
}

function isCovered(frames, left, right, share, tS, config) {
  if (tS < frames.tS[0] - TIME_TOLERANCE_S || tS > frames.tS[frames.count - 1] + TIME_TOLERANCE_S) return false;
  return frames.tS[right] - frames.tS[left] <= config.max_gap_s || share === 0 || share === 1;
}

/** The scale's median over a second around: an engine's depth trembles, a dancer does not come nearer so fast. */
function scaleAt(frames, at, known) {
  if (known.has(at)) return known.get(at);
  const half = SCALE_FRAMES >> 1;
  const around = [];
  for (let frame = Math.max(0, at - half); frame <= Math.min(frames.count - 1, at + half); frame += 1) {
    if (frames.shot[frame] === frames.shot[at] && frames.pxPerM[frame] > 0) around.push(frames.pxPerM[frame]);
  }
  const scale = around.length ? median(around) : lastScale(frames, at);
  known.set(at, scale);
  return scale;
}

function lastScale(frames, at) {
  for (let frame = at; frame >= 0; frame -= 1) if (frames.pxPerM[frame] > 0) return frames.pxPerM[frame];
  const next = frames.pxPerM.subarray(at, frames.count).find((scale) => scale > 0);
  return next ?? 1;
}

/** Alike on both sides; what is never seen has its usual share of the body. */
function trueLengths(frames) {
  const lengths = percentiles(frames, TRUE_LENGTH_SHARE, (at) => frames.inSpace[at], (cell) => lengthOf(frames.space[3 * cell], frames.space[3 * cell + 1], frames.space[3 * cell + 2]));
  const alike = lengths.map((length, s) => {
    const both = [length, lengths[MIRROR_ORDER[s]]].filter(isFinite);
    return both.reduce((sum, each) => sum + each, 0) / both.length;
  });
  const torso = torsoOf(alike);
  return alike.map((length, s) => (isFinite(length) ? Math.max(length, 1e-3) : LENGTHS[s] * torso));
}

function fullByShot(frames, config) {
  const length = (cell) => lengthOf(frames.flat[2 * cell], frames.flat[2 * cell + 1]);
  const whole = percentiles(frames, LIKELY_LONGEST_SHARE, () => true, length);
  const spans = spansOfShots(frames);
  return spans.map(([fromS, toS], shot) => {
    const tells = toS - fromS >= config.min_telling_shot_s && spans.length > 1;
    const longest = tells ? percentiles(frames, LIKELY_LONGEST_SHARE, (at) => frames.shot[at] === shot, length) : whole;
    const torso = torsoOf(longest);
    return longest.map((px, s) => {
      const usual = LENGTHS[s] * torso;
      return Math.max(isFinite(px) ? px : usual, config.least_length_share * usual, 1e-6);
    });
  });
}

function spansOfShots(frames) {
  const spans = Array.from({ length: frames.shotCount }, () => [Infinity, -Infinity]);
  for (let at = 0; at < frames.count; at += 1) {
    const span = spans[frames.shot[at]];
    span[0] = Math.min(span[0], frames.tS[at]);
    span[1] = Math.max(span[1], frames.tS[at]);
  }
  return spans;
}

/** For each segment, over evenly chosen frames; NaN if never seen. */
function percentiles(frames, share, counts, lengthAt) {
  const step = Math.max(1, frames.count / MOST_FRAMES_LOOKED_AT);
  const found = new Float32Array(MOST_FRAMES_LOOKED_AT + 1);
  return Array.from({ length: S }, (_, s) => {
    let known = 0;
    for (let at = 0; at < frames.count; at += step) {
      const frame = Math.floor(at);
      if (frames.seen[frame * S + s] && counts(frame)) found[known++] = lengthAt(frame * S + s);
    }
    return quantile(found.subarray(0, known).sort(), share);
  });
}

function torsoOf(lengths) {
  const votes = lengths.map((length, s) => length / LENGTHS[s]).filter((vote, s) => isFinite(vote) && TELLS_SIZE[s]);
  return votes.length ? Math.max(median(votes), 1e-6) : 1;
}

function median(values) {
  return quantile(Float32Array.from(values).sort(), 0.5);
}

/** Of sorted values, straight between two neighbours. */
export function quantile(sorted, share) {
  if (!sorted.length) return NaN;
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low] + (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]) * (at - low);
}

function clamp(value, most) {
  return Math.min(most, Math.max(-most, value));
}
