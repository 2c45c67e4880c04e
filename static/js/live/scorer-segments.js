/** The compared segments and what a mirror makes of them: choreography/comparison/normalise.py is the source. */

import { JOINTS } from "../lib/joints.js";
import { mirroredLimb } from "../lib/skeleton.js";

const HIPS = ["left_hip", "right_hip"];
const SHOULDERS = ["left_shoulder", "right_shoulder"];

const sided = (side) => [
  [`${side}_arm`, [`${side}_shoulder`], [`${side}_elbow`], 1, 0.65],
  [`${side}_arm`, [`${side}_elbow`], [`${side}_wrist`], 1, 0.51],
  [`${side}_arm`, [`${side}_wrist`], [`${side}_palm_thumb`, `${side}_palm_pinky`], 0.25, 0.18],
  [`${side}_leg`, [`${side}_hip`], [`${side}_knee`], 1, 0.85],
  [`${side}_leg`, [`${side}_knee`], [`${side}_ankle`], 1, 0.85],
  [`${side}_leg`, [`${side}_ankle`], [`${side}_bigtoe`], 0.25, 0.35],
];

/** limb, the joints between whose middles it runs, weight, usual length in torso lengths. */
const TABLE = [
  ["torso", HIPS, SHOULDERS, 0.5, 1],
  ["torso", ["right_shoulder"], ["left_shoulder"], 0.25, 0.75],
  ["torso", ["right_hip"], ["left_hip"], 0.25, 0.45],
  ["head", SHOULDERS, ["nose"], 0.3, 0.45],
  ["head", ["left_ear", "right_ear"], ["nose"], 0.2, 0.25],
  ...sided("left"),
  ...sided("right"),
];

export const LIMBS = Object.freeze(["torso", "left_arm", "right_arm", "left_leg", "right_leg", "head"]);
export const SEGMENT_COUNT = TABLE.length;
/** Sums are kept for the whole body (0) and each limb (1 + its index). */
export const GROUP_COUNT = 1 + LIMBS.length;

const indices = (joints) => joints.map((joint) => JOINTS.indexOf(joint));
export const STARTS = TABLE.map(([, start]) => indices(start));
export const ENDS = TABLE.map(([, , end]) => indices(end));
export const LIMB_OF = TABLE.map(([limb]) => LIMBS.indexOf(limb));
export const WEIGHTS = TABLE.map((row) => row[3]);
export const LENGTHS = TABLE.map((row) => row[4]);
export const WHOLE_WEIGHT = WEIGHTS.reduce((sum, weight) => sum + weight);
export const TELLS_SIZE = WEIGHTS.map((weight) => weight >= 0.25);

const ends = TABLE.map(([, start, end]) => [key(start), key(end)]);
const images = TABLE.map(([, start, end]) => [key(start.map(mirroredLimb)), key(end.map(mirroredLimb))]);
const found = images.map(([start, end]) => ends.findIndex(([from, to]) => from === start && to === end));
/** For each segment the one it becomes in a mirror, and -1 where it becomes that one reversed. */
export const MIRROR_SIGN = found.map((at) => (at < 0 ? -1 : 1));
export const MIRROR_ORDER = found.map((at, segment) => {
  const [start, end] = images[segment];
  return at < 0 ? ends.findIndex(([from, to]) => from === end && to === start) : at;
});

function key(joints) {
  return [...joints].sort().join();
}
