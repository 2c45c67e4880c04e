import { JOINTS } from "../lib/joints.js";

/** From BlazePose's 33 landmarks to the 29 joints: what inference/pose/mapping.py does, held to it by a golden file. */
const DIRECT = {
  nose: 0,
  left_eye: 2,
  right_eye: 5,
  left_ear: 7,
  right_ear: 8,
  left_shoulder: 11,
  right_shoulder: 12,
  left_elbow: 13,
  right_elbow: 14,
  left_wrist: 15,
  right_wrist: 16,
  left_palm_pinky: 17,
  right_palm_pinky: 18,
  left_palm_thumb: 21,
  right_palm_thumb: 22,
  left_hip: 23,
  right_hip: 24,
  left_knee: 25,
  right_knee: 26,
  left_ankle: 27,
  right_ankle: 28,
  left_bigtoe: 31,
  right_bigtoe: 32,
};
const EARS = [7, 8];
const SHOULDERS = [11, 12];
const HIPS = [23, 24];
const FEET = { left: [27, 29, 31], right: [28, 30, 32] }; // ankle, heel, big toe
const ALONG_FOOT = 0.85;
const ACROSS_FOOT = 0.3;
const LITTLE_TOE_CONFIDENCE = 0.5;
const BLANK_FOOT = 1e-6;
const LANDMARKS = 33;

const index = Object.fromEntries(JOINTS.map((joint, i) => [joint, i]));
const seenAt = Object.entries(DIRECT).map(([joint, landmark]) => [index[joint], landmark]);
const parents = JOINTS.map((joint) => (joint in DIRECT ? [DIRECT[joint]] : parentsOfDerived(joint)));
const littleToes = Object.keys(FEET).map((side) => index[`${side}_littletoe`]);

/**
 * @typedef {object} Pose  of the 29 joints, in pixels of the unmirrored picture and metres from the middle of the hips
 * @property {Float32Array} xyPx  (58)
 * @property {Float32Array} conf  (29) the lesser of visibility and presence; a derived joint's is that of its least sure parent
 * @property {Float32Array|null} xyzM  (87) x to the right, y down, z away from the camera
 * @property {boolean} found  false: NaN and 0
 */

/**
 * @param {{x: number, y: number, z: number, visibility: number, presence?: number}[]} landmarks  33, shares of the picture
 * @param {{x: number, y: number, z: number}[]|undefined} world  33, metres
 * @param {[number, number]} sizePx
 * @returns {Pose}
 */
export function toPose(landmarks, world, [width, height]) {
  const joints = jointsOf(landmarks.map(({ x, y, z }) => [x * width, y * height, z * width]));
  const sure = landmarks.map(({ visibility, presence = 1 }) => Math.min(visibility, presence));
  return {
    xyPx: Float32Array.from(joints.flatMap(([x, y]) => [x, y])),
    conf: confidences(sure),
    xyzM: world?.length === LANDMARKS ? aroundHips(jointsOf(world.map(({ x, y, z }) => [x, y, z]))) : null,
    found: true,
  };
}

/** @returns {Pose} of nobody */
export function nobody() {
  return { xyPx: new Float32Array(JOINTS.length * 2).fill(NaN), conf: new Float32Array(JOINTS.length), xyzM: null, found: false };
}

function confidences(sure) {
  const conf = Float32Array.from(parents, (landmarks) => Math.min(...landmarks.map((landmark) => sure[landmark])));
  for (const joint of littleToes) conf[joint] *= LITTLE_TOE_CONFIDENCE;
  return conf.map((value) => Math.min(1, Math.max(0, value)));
}

function aroundHips(joints) {
  const hip = joints[index.center_hip];
  return Float32Array.from(joints.flatMap((joint) => minus(joint, hip)));
}

function jointsOf(points) {
  const joints = new Array(JOINTS.length);
  for (const [joint, landmark] of seenAt) joints[joint] = points[landmark];
  const [shoulders, hips, ears] = [SHOULDERS, HIPS, EARS].map(([first, second]) => between(points[first], points[second], 0.5));
  joints[index.center_hip] = hips;
  joints[index.neck] = between(shoulders, ears, 0.25);
  joints[index.chest] = between(shoulders, hips, 0.25);
  joints[index.navel] = between(shoulders, hips, 0.72);
  for (const [side, foot] of Object.entries(FEET)) {
    joints[index[`${side}_littletoe`]] = littleToe(...foot.map((landmark) => points[landmark]), side);
  }
  return joints;
}

// The direction across the foot is perpendicular to the foot and to the shin, outwards for its side.
function littleToe(ankle, heel, toe, side) {
  const foot = minus(toe, heel);
  const shin = minus(ankle, heel);
  const across = side === "left" ? cross(shin, foot) : cross(foot, shin);
  const length = Math.hypot(...across);
  const step = length > BLANK_FOOT ? (ACROSS_FOOT * Math.hypot(...foot)) / length : 0;
  return heel.map((value, axis) => value + ALONG_FOOT * foot[axis] + step * across[axis]);
}

function parentsOfDerived(joint) {
  if (joint === "center_hip") return HIPS;
  if (joint === "neck") return [...SHOULDERS, ...EARS];
  if (joint === "chest" || joint === "navel") return [...SHOULDERS, ...HIPS];
  return FEET[joint.replace("_littletoe", "")];
}

function between(from, to, share) {
  return from.map((value, axis) => value + share * (to[axis] - value));
}

function minus(first, second) {
  return first.map((value, axis) => value - second[axis]);
}

function cross([ax, ay, az], [bx, by, bz]) {
  return [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx];
}
