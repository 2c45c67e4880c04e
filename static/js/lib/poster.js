import { JOINTS } from "./joints.js";

/** The dance line of a poster, in its thousandths: 1000 wide, 1333 high. */
export const POSTER_SIZE = Object.freeze({ x: 0, y: 0, width: 1000, height: 1333 });

const at = (joint) => JOINTS.indexOf(joint);
const NECK = at("neck");
const HIPS = at("center_hip");
const CHEST = at("chest");
const EARS = [at("left_ear"), at("right_ear")];
const TRUNK = ["left_shoulder", "right_shoulder", "right_hip", "left_hip"].map(at);

// Thickness of each limb as a share of the trunk's length, as on the still poster (choreography/poster_svg.py).
const FLESH = [
  ["shoulder", "elbow", 0.1],
  ["elbow", "wrist", 0.075],
  ["wrist", "palm_pinky", 0.065],
  ["hip", "knee", 0.145],
  ["knee", "ankle", 0.1],
  ["ankle", "bigtoe", 0.07],
].flatMap(([start, end, share]) => ["left", "right"].map((side) => [at(`${side}_${start}`), at(`${side}_${end}`), share]));

/** A point of an evenly sampled trail at `share` (0..1) of its way; null where the dancer was not found. */
export function trailAt(trail, share) {
  if (trail.length === 0) return null;
  const place = Math.min(Math.max(share, 0), 1) * (trail.length - 1);
  const before = Math.min(Math.floor(place), trail.length - 1);
  const from = trail[before];
  const to = trail[Math.min(before + 1, trail.length - 1)];
  if (!from || !to) return from ?? to;
  return [from[0] + (to[0] - from[0]) * (place - before), from[1] + (to[1] - from[1]) * (place - before)];
}

/** How bright figure `index` of `count` is when the line has come to `share`: 1 at its own moment, fading after it. */
export function figureGlow(index, count, share) {
  const since = share * count - index;
  if (since < 0) return Math.max(0, 1 + since * 4);
  return Math.max(0, 1 - since / 1.6);
}

/** A figure as shapes: {trunk: corners or null, limbs: [from, to, width][], head: {x, y, rx, ry, turn} or null}; null without a trunk. */
export function bodyOf(figure) {
  const neck = figure[NECK];
  const hips = figure[HIPS];
  if (!neck || !hips) return null;
  const length = Math.hypot(neck[0] - hips[0], neck[1] - hips[1]);
  const limbs = FLESH.map(([start, end, share]) => [figure[start], figure[end], share * length]);
  limbs.push([figure[CHEST], neck, 0.13 * length]);
  const corners = TRUNK.map((joint) => figure[joint]);
  return {
    length,
    trunk: corners.every(Boolean) ? corners : null,
    limbs: limbs.filter(([from, to]) => from && to),
    head: headOf(figure, neck),
  };
}

function headOf(figure, neck) {
  const [left, right] = EARS.map((ear) => figure[ear]);
  if (!left || !right) return null;
  const [x, y] = [(left[0] + right[0]) / 2, (left[1] + right[1]) / 2];
  const ry = 0.62 * Math.hypot(x - neck[0], y - neck[1]);
  return { x, y, rx: 0.8 * ry, ry, turn: Math.atan2(x - neck[0], neck[1] - y) };
}
