/**
 * From a track's metres to a dancer who stands on a floor. The metres are measured from the middle of the hips, so how high
 * the hips are and where over the floor they go is found here, once for the whole track.
 *
 * The scene's axes: x to the right of the camera's picture, y up from the floor, z towards the camera, in metres.
 */
import { framesAround } from "../lib/track.js";

/** How far below a joint's centre the body ends: what of it would touch the floor. */
const FLESH_M = { ankle: 0.075, bigtoe: 0.02, littletoe: 0.02, knee: 0.05, hip: 0.09, wrist: 0.03, palm_thumb: 0.02, palm_pinky: 0.02 };
const OTHER_FLESH_M = 0.06;
const LONGEST_FLIGHT_S = 0.45;
const LEAST_RISE_M = 0.04;
const MOST_RISE_M = 0.9;
const LEAST_LEAN_RAD = 0.03;
const MOST_LEAN_RAD = 0.5;
const STANDING_SHARE = 0.85;
const SMOOTH_S = 0.15;
const MOST_TRAVEL_M = 1.6;
const SEEN_CONF = 0.3;

/** The joints by role, as indices of the track's joints. */
export function rolesOf(joints) {
  const at = (name) => joints.indexOf(name);
  const pair = (name) => [at(`left_${name}`), at(`right_${name}`)];
  return {
    count: joints.length,
    at,
    hips: pair("hip"),
    shoulders: pair("shoulder"),
    ankles: pair("ankle"),
    feet: [...pair("ankle"), ...pair("bigtoe")],
    fleshM: joints.map((joint) => FLESH_M[joint.replace(/^(left|right)_/, "")] ?? OTHER_FLESH_M),
    mirrored: joints.map((joint) => at(swapped(joint))),
  };
}

function swapped(joint) {
  if (joint.startsWith("left_")) return joint.replace("left_", "right_");
  return joint.replace("right_", "left_");
}

/** A dancer's movement in the scene: ask for the pose of any moment. */
export class Motion {
  /**
   * @param {import("../lib/track.js").Track} track
   * @param {Float32Array} xyzM (T * joints * 3) its metres
   * @param {ReturnType<typeof rolesOf>} roles
   */
  constructor(track, xyzM, roles) {
    this.track = track;
    this.xyzM = xyzM;
    this.roles = roles;
    const lean = leanRad(xyzM, roles);
    this.upright = { cos: Math.cos(lean), sin: Math.sin(lean) };
    const pxPerM = picturePxPerM(track, xyzM, roles);
    this.liftM = new Float32Array(track.tS.length);
    this.travelM = new Float32Array(track.tS.length);
    for (const shot of shotsOf(track)) this.#stand(shot, pxPerM);
  }

  /**
   * The joints (joints * 3) in the scene at a moment of the track, or null while nobody is in view.
   * Between two frames they lie between them; nothing is interpolated across a cut.
   */
  poseAt(tS, out = new Float32Array(this.roles.count * 3)) {
    const around = framesAround(this.track, tS);
    if (!around || !this.#isKnown(around.from) || !this.#isKnown(around.to)) return null;
    const { from, to, share } = around;
    const { xyzM, upright } = this;
    const between = (values, first, second) => values[first] + (values[second] - values[first]) * share;
    const [liftM, travelM] = [between(this.liftM, from, to), between(this.travelM, from, to)];
    const width = this.roles.count * 3;
    for (let cell = 0; cell < width; cell += 3) {
      const [first, second] = [from * width + cell, to * width + cell];
      const y = between(xyzM, first + 1, second + 1);
      const z = between(xyzM, first + 2, second + 2);
      out[cell] = between(xyzM, first, second) + travelM;
      out[cell + 1] = liftM - (y * upright.cos - z * upright.sin);
      out[cell + 2] = -(z * upright.cos + y * upright.sin);
    }
    return out;
  }

  /** How far to the right of the middle of its way the dancer is, in metres; 0 where nobody is in view. */
  travelAt(tS) {
    const around = framesAround(this.track, tS);
    return around ? this.travelM[around.from] + (this.travelM[around.to] - this.travelM[around.from]) * around.share : 0;
  }

  #isKnown(frame) {
    return !Number.isNaN(this.xyzM[frame * this.roles.count * 3]);
  }

  // The lowest part of the body stands on the floor, unless the picture shows that the whole body has left it.
  #stand({ first, end }, pxPerM) {
    const frames = Array.from({ length: end - first }, (_, i) => first + i);
    const lowestM = filled(frames.map((frame) => lowestPointM(this, frame)));
    const riseM = risesM(this.track, frames, this.roles, pxPerM);
    const travelM = travelsM(this.track, frames, this.roles, pxPerM);
    frames.forEach((frame, i) => {
      this.liftM[frame] = lowestM[i] + riseM[i];
      this.travelM[frame] = travelM[i];
    });
  }
}

/** The same pose as a mirror would show it: left and right exchanged, so that hands and feet stay what they are. */
export function mirrorPose(pose, roles, out = new Float32Array(pose.length)) {
  roles.mirrored.forEach((other, joint) => {
    out[joint * 3] = -pose[other * 3];
    out[joint * 3 + 1] = pose[other * 3 + 1];
    out[joint * 3 + 2] = pose[other * 3 + 2];
  });
  return out;
}

/** Which way a dancer faces: 0 to the camera, a quarter turn to the right of the picture is pi / 2. */
export function facingRad(pose, roles) {
  const across = [0, 2].map((axis) => {
    const way = ([left, right]) => pose[left * 3 + axis] - pose[right * 3 + axis];
    return way(roles.hips) + way(roles.shoulders);
  });
  return Math.atan2(-across[1], across[0]);
}

/** The turn about the upright that makes one dancer face as the other one does, on the average of pairs of poses; 0 without. */
export function turnBetween(pairs, roles) {
  let [sin, cos] = [0, 0];
  for (const [guide, other] of pairs) {
    const turn = facingRad(guide, roles) - facingRad(other, roles);
    sin += Math.sin(turn);
    cos += Math.cos(turn);
  }
  return Math.atan2(sin, cos) || 0;
}

/** Turns, sizes and moves a pose in place: about the point on the floor below its hips, on to `atX`. */
export function placePose(pose, roles, { turnRad = 0, scale = 1, atX = null }) {
  const [x0, z0] = hipsOnFloor(pose, roles);
  const [cos, sin] = [Math.cos(turnRad), Math.sin(turnRad)];
  for (let cell = 0; cell < pose.length; cell += 3) {
    const [x, z] = [pose[cell] - x0, pose[cell + 2] - z0];
    pose[cell] = (x * cos + z * sin) * scale + (atX ?? x0);
    pose[cell + 1] *= scale;
    pose[cell + 2] = (z * cos - x * sin) * scale + z0;
  }
  return pose;
}

/** The length of legs and trunk that a dancer shows over the dance, metres: the median, so that no lost frame counts. */
export function statureM(poses, roles) {
  const lengths = poses.map((pose) => {
    const between = (a, b) => Math.hypot(...[0, 1, 2].map((axis) => pose[a * 3 + axis] - pose[b * 3 + axis]));
    return [0, 1].reduce((sum, side) => sum + between(roles.hips[side], roles.ankles[side]) + between(roles.shoulders[side], roles.hips[side]), 0) / 2;
  });
  return median(lengths);
}

function hipsOnFloor(pose, { hips }) {
  return [0, 2].map((axis) => (pose[hips[0] * 3 + axis] + pose[hips[1] * 3 + axis]) / 2);
}

function shotsOf(track) {
  const starts = [0];
  for (let frame = 1; frame < track.tS.length; frame += 1) if (track.beginsShot[frame]) starts.push(frame);
  return starts.map((first, i) => ({ first, end: starts[i + 1] ?? track.tS.length }));
}

// A camera that looks up or down tilts everybody it sees. Over a whole dance people stand upright, so what they lean on the
// average towards the camera or away from it is the camera's tilt.
function leanRad(xyzM, roles) {
  const ways = [];
  const width = roles.count * 3;
  for (let frame = 0; frame * width < xyzM.length; frame += 1) {
    const middle = ([left, right], axis) => (xyzM[frame * width + left * 3 + axis] + xyzM[frame * width + right * 3 + axis]) / 2;
    const [y, z] = [1, 2].map((axis) => middle(roles.shoulders, axis) - middle(roles.ankles, axis));
    if (y < 0) ways.push({ leanRad: Math.atan2(z, -y), tall: Math.hypot(y, z) });
  }
  const tallest = Math.max(0, ...ways.map(({ tall }) => tall));
  const lean = median(ways.filter(({ tall }) => tall >= STANDING_SHARE * tallest).map(({ leanRad: rad }) => rad));
  return Math.abs(lean) < LEAST_LEAN_RAD || Math.abs(lean) > MOST_LEAN_RAD ? 0 : lean || 0;
}

/** Pixels of the picture that a metre takes at the dancer, from the trunk's length in both; NaN where it was never seen. */
function picturePxPerM(track, xyzM, roles) {
  const ratios = [];
  for (let frame = 0; frame < track.tS.length; frame += 1) {
    const px = trunkLength(track.xyPx, frame * roles.count, 2, roles);
    const metres = trunkLength(xyzM, frame * roles.count, 3, roles);
    if (px > 0 && metres > 0.2) ratios.push(px / metres);
  }
  return median(ratios);
}

function trunkLength(values, firstJoint, axes, roles) {
  const middle = ([left, right], axis) => (values[(firstJoint + left) * axes + axis] + values[(firstJoint + right) * axes + axis]) / 2;
  return Math.hypot(...[0, 1].map((axis) => middle(roles.shoulders, axis) - middle(roles.hips, axis)));
}

function lowestPointM({ xyzM, roles, upright }, frame) {
  let lowest = -Infinity;
  for (let joint = 0; joint < roles.count; joint += 1) {
    const cell = (frame * roles.count + joint) * 3;
    const y = xyzM[cell + 1] * upright.cos - xyzM[cell + 2] * upright.sin;
    if (Number.isNaN(y)) return NaN;
    lowest = Math.max(lowest, y + roles.fleshM[joint]);
  }
  return lowest;
}

/**
 * How far the body has left the floor in each frame. Metres from the hips cannot tell a jump from standing; the picture can:
 * in a jump the lower foot is higher than it was just before and than it will be just after. A step back is higher only
 * than before, and a knee that bends does not move the feet.
 */
function risesM(track, frames, roles, pxPerM) {
  if (!(pxPerM > 0)) return new Float32Array(frames.length);
  const feetPx = filled(frames.map((frame) => lowerFootPx(track, frame, roles)));
  const rises = feetPx.map((px, i) => {
    const before = extreme(track, frames, feetPx, i, -1);
    const after = extreme(track, frames, feetPx, i, +1);
    const riseM = (Math.min(before, after) - px) / pxPerM;
    return riseM > LEAST_RISE_M ? Math.min(riseM - LEAST_RISE_M, MOST_RISE_M) : 0;
  });
  return smoothed(track, frames, rises, SMOOTH_S / 3);
}

function lowerFootPx(track, frame, roles) {
  const seen = roles.feet.map((joint) => frame * roles.count + joint).filter((cell) => track.conf[cell] >= SEEN_CONF);
  return seen.length ? Math.max(...seen.map((cell) => track.xyPx[cell * 2 + 1])) : NaN;
}

function extreme(track, frames, values, i, direction) {
  let most = values[i];
  for (let j = i + direction; j >= 0 && j < frames.length; j += direction) {
    if (Math.abs(track.tS[frames[j]] - track.tS[frames[i]]) > LONGEST_FLIGHT_S) break;
    most = Math.max(most, values[j]);
  }
  return most;
}

// To the side only: how near the camera somebody is, a single picture tells too badly.
function travelsM(track, frames, roles, pxPerM) {
  if (!(pxPerM > 0)) return new Float32Array(frames.length);
  const px = filled(frames.map((frame) => hipsPx(track, frame, roles)));
  const middle = median(px);
  const metres = px.map((x) => Math.min(Math.max((x - middle) / pxPerM, -MOST_TRAVEL_M), MOST_TRAVEL_M));
  return smoothed(track, frames, metres, SMOOTH_S);
}

function hipsPx(track, frame, { hips, count }) {
  return (track.xyPx[(frame * count + hips[0]) * 2] + track.xyPx[(frame * count + hips[1]) * 2]) / 2;
}

// Where nobody is in view the last value stays, so that nothing has to jump when they come back.
function filled(values) {
  let last = values.find((value) => !Number.isNaN(value)) ?? 0;
  return values.map((value) => (last = Number.isNaN(value) ? last : value));
}

function smoothed(track, frames, values, reachS) {
  return values.map((_, i) => {
    let [sum, count] = [0, 0];
    const add = (j) => {
      sum += values[j];
      count += 1;
    };
    const near = (j) => j >= 0 && j < frames.length && Math.abs(track.tS[frames[j]] - track.tS[frames[i]]) <= reachS;
    add(i);
    for (let j = i - 1; near(j); j -= 1) add(j);
    for (let j = i + 1; near(j); j += 1) add(j);
    return sum / count;
  });
}

function median(values) {
  const sorted = Float64Array.from(values).sort();
  return sorted.length ? sorted[sorted.length >> 1] : NaN;
}
