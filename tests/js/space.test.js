import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { decodeTrack } from "../../static/js/lib/track.js";
import { bodySurface, PARTS, partLengthsM, partMatrices } from "../../static/js/player/space-body.js";
import { facingRad, mirrorPose, Motion, placePose, rolesOf, statureM, turnBetween } from "../../static/js/player/space-motion.js";
import { Orbit } from "../../static/js/player/space-orbit.js";

const { joints: JOINTS } = await decodeTrack((await readFile(new URL("../golden/track.kdt", import.meta.url))).buffer);
const ROLES = rolesOf(JOINTS);
const PX_PER_M = 300;

/** Metres from the middle of the hips, y down, of somebody of 1.6 m who stands and faces the camera. */
const STANDING = {
  center_hip: [0, 0, 0], hip: [0.1, 0, 0], knee: [0.1, 0.42, 0], ankle: [0.1, 0.83, 0], bigtoe: [0.09, 0.88, -0.16], littletoe: [0.15, 0.88, -0.13],
  navel: [0, -0.14, 0], chest: [0, -0.37, 0], neck: [0, -0.55, 0], shoulder: [0.18, -0.5, 0], elbow: [0.22, -0.22, 0], wrist: [0.24, 0.03, 0],
  palm_thumb: [0.22, 0.11, -0.02], palm_pinky: [0.25, 0.11, 0.02], nose: [0, -0.7, -0.1], eye: [0.03, -0.73, -0.08], ear: [0.075, -0.72, 0],
};

function standing(joint) {
  const [x, y, z] = STANDING[joint.replace(/^(left|right)_/, "")];
  return joint.startsWith("right_") ? [-x, y, z] : [x, y, z];
}

/** A track of such frames: `frames[i]` changes the joints' metres and says where the hips are in the picture. */
function danced(frames, { cutAt = -1, fps = 30 } = {}) {
  const track = {
    tS: Float64Array.from(frames, (_, i) => i / fps),
    joints: JOINTS,
    conf: new Float32Array(frames.length * JOINTS.length).fill(0.9),
    xyPx: new Float32Array(frames.length * JOINTS.length * 2),
    beginsShot: Uint8Array.from(frames, (_, i) => Number(i === cutAt)),
  };
  const xyzM = new Float32Array(frames.length * JOINTS.length * 3);
  frames.forEach(({ bend = (place) => place, hipsPx = [500, 500], gone = false }, frame) => {
    JOINTS.forEach((joint, j) => {
      const place = bend(standing(joint), joint);
      const cell = frame * JOINTS.length + j;
      xyzM.set(gone ? [NaN, NaN, NaN] : place, cell * 3);
      track.xyPx.set([hipsPx[0] + place[0] * PX_PER_M, hipsPx[1] + place[1] * PX_PER_M], cell * 2);
      if (gone) track.conf[cell] = 0;
    });
  });
  return new Motion(track, xyzM, ROLES);
}

const at = (pose, joint) => [...pose.subarray(ROLES.at(joint) * 3, ROLES.at(joint) * 3 + 3)];
const near = (actual, expected, tolerance, message) => assert.ok(Math.abs(actual - expected) <= tolerance, `${message ?? ""} ${actual} is not ${expected}`);
const lowest = (pose) => Math.min(...JOINTS.map((_, j) => pose[j * 3 + 1] - ROLES.fleshM[j]));

// Standing on a floor

test("feet stand on the floor, upright, the face to the camera", () => {
  const pose = danced([{}, {}, {}]).poseAt(1 / 30);
  near(lowest(pose), 0, 1e-5);
  near(at(pose, "center_hip")[1], 0.905, 1e-5);
  assert.ok(at(pose, "nose")[2] > 0 && at(pose, "left_hip")[0] > 0);
  near(facingRad(pose, ROLES), 0, 1e-6);
});

test("who bends the knees goes down with the hips and stays on the floor", () => {
  const crouch = ([x, y, z], joint) => (/knee|ankle|toe/.test(joint) ? [x, y - 0.3, z] : [x, y, z]);
  const frames = Array.from({ length: 40 }, (_, i) => (i > 10 && i < 30 ? { bend: crouch, hipsPx: [500, 500 + 0.3 * PX_PER_M] } : {}));
  const pose = danced(frames).poseAt(20 / 30);
  near(lowest(pose), 0, 1e-3);
  near(at(pose, "center_hip")[1], 0.605, 1e-3);
});

test("a jump leaves the floor as high as the picture shows it, a step back does not", () => {
  const hop = Array.from({ length: 60 }, (_, i) => ({ hipsPx: [500, 500 - (i >= 25 && i < 33 ? 0.35 * PX_PER_M : 0)] }));
  near(lowest(danced(hop).poseAt(29 / 30)), 0.31, 0.03);
  const back = Array.from({ length: 60 }, (_, i) => ({ hipsPx: [500, 500 - (i >= 25 ? 0.35 * PX_PER_M : 0)] }));
  near(lowest(danced(back).poseAt(45 / 30)), 0, 1e-3);
});

test("steps to the side go over the floor, about the middle of the way", () => {
  const motion = danced(Array.from({ length: 61 }, (_, i) => ({ hipsPx: [500 + (i - 30) * 10, 500] })));
  near(motion.travelAt(1), 0, 0.02);
  near(at(motion.poseAt(1.5), "center_hip")[0], 0.5, 0.02);
});

test("a camera that looks up or down does not tip the dancer over", () => {
  const [cos, sin] = [Math.cos(0.2), Math.sin(0.2)];
  const tipped = ([x, y, z]) => [x, y * cos - z * sin, y * sin + z * cos];
  const pose = danced([{ bend: tipped }, { bend: tipped }]).poseAt(0);
  const [, shoulderY, shoulderZ] = at(pose, "left_shoulder");
  const [, ankleY, ankleZ] = at(pose, "left_ankle");
  near(shoulderZ - ankleZ, 0, 1e-3);
  near(shoulderY - ankleY, 1.33, 1e-3);
});

// In time

test("a pose between two frames lies between them, but never across a cut, and nobody stands where nobody was seen", () => {
  const arm = (x) => ({ bend: ([a, b, c], joint) => (joint === "left_wrist" ? [x, b, c] : [a, b, c]) });
  const whole = danced([arm(0.2), arm(0.4)]);
  near(at(whole.poseAt(0.5 / 30), "left_wrist")[0], 0.3, 1e-5);
  const cut = danced([arm(0.2), arm(0.4)], { cutAt: 1 });
  near(at(cut.poseAt(0.9 / 30), "left_wrist")[0], 0.2, 1e-5);
  const lost = danced([{}, ...Array.from({ length: 20 }, () => ({ gone: true })), {}]);
  assert.equal(lost.poseAt(10 / 30), null);
});

// Two dancers

test("a mirror image keeps left hands on left arms and turns the other way", () => {
  const motion = danced([{ bend: ([x, y, z], joint) => (joint === "left_wrist" ? [0.8, -0.5, -0.1] : [x, y, z]) }, {}]);
  const pose = motion.poseAt(0);
  const mirrored = mirrorPose(pose, ROLES);
  near(at(mirrored, "right_wrist")[0], -0.8, 1e-5);
  near(at(mirrored, "left_shoulder")[0], 0.18, 1e-5);
  assert.deepEqual([...mirrorPose(mirrored, ROLES)], [...pose]);
});

test("a dancer seen from the side is turned as the guide faces, made as tall and put in the guide's place", () => {
  const [cos, sin] = [Math.cos(0.7), Math.sin(0.7)];
  const turned = ([x, y, z]) => [0.8 * (x * cos - z * sin), 0.8 * y, 0.8 * (z * cos + x * sin)];
  const guide = danced([{}, {}]).poseAt(0);
  const other = danced([{ bend: turned }, { bend: turned }]).poseAt(0);
  const turnRad = turnBetween([[guide, other]], ROLES);
  near(Math.abs(turnRad), 0.7, 1e-5);
  const scale = statureM([guide], ROLES) / statureM([other], ROLES);
  near(scale, 1 / 0.8, 1e-4);
  placePose(other, ROLES, { turnRad, scale, atX: 0.4 });
  for (const joint of ["left_wrist", "right_bigtoe", "nose"]) {
    at(other, joint).forEach((value, axis) => near(value, at(guide, joint)[axis] + (axis === 0 ? 0.4 : 0), axis === 1 ? 0.03 : 1e-4, joint));
  }
});

// The body

test("each part hangs on its bone: from joint to joint, turned and not torn", () => {
  const pose = danced([{}, {}]).poseAt(0);
  const lengthsM = partLengthsM([pose], ROLES);
  const matrices = partMatrices(pose, ROLES, lengthsM);
  const end = (part, y) => [0, 1, 2].map((axis) => matrices[part * 16 + 4 + axis] * y + matrices[part * 16 + 12 + axis]);
  for (const [shape, side, from, to] of [["thigh", "left", "left_hip", "left_knee"], ["forearm", "right", "right_elbow", "right_wrist"]]) {
    const part = PARTS.findIndex((one) => one.shape === shape && one.side === side);
    end(part, 0).forEach((value, axis) => near(value, at(pose, from)[axis], 1e-5, shape));
    end(part, lengthsM[part]).forEach((value, axis) => near(value, at(pose, to)[axis], 1e-5, shape));
  }
  PARTS.forEach((_, part) => {
    const [x, y, z] = [0, 4, 8].map((column) => [0, 1, 2].map((axis) => matrices[part * 16 + column + axis]));
    const dot = (a, b) => a.reduce((sum, value, axis) => sum + value * b[axis], 0);
    for (const pair of [[x, y], [y, z], [z, x]]) near(dot(...pair), 0, 1e-5);
    assert.ok(dot([x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]], z) > 0.5, "a part is turned inside out");
  });
});

test("the surface is whole: every face looks outwards and every point belongs to a part", () => {
  const lengthsM = partLengthsM([danced([{}, {}]).poseAt(0)], ROLES);
  const { positions, normals, parts, shades, indices } = bodySurface(lengthsM, 1.31);
  assert.ok(parts.length < 65536 && shades.length === parts.length && positions.length === 3 * parts.length);
  const point = (values, i) => [...values.subarray(i * 3, i * 3 + 3)];
  let outwards = 0;
  for (let i = 0; i < indices.length; i += 3) {
    const [a, b, c] = [0, 1, 2].map((corner) => point(positions, indices[i + corner]));
    const [u, v] = [b.map((value, axis) => value - a[axis]), c.map((value, axis) => value - a[axis])];
    const face = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    const normal = point(normals, indices[i]);
    if (face.reduce((sum, value, axis) => sum + value * normal[axis], 0) >= -1e-9) outwards += 1;
  }
  assert.ok(outwards / (indices.length / 3) > 0.98, `${outwards} of ${indices.length / 3}`);
  assert.ok(normals.every(Number.isFinite));
  assert.deepEqual(new Set(parts), new Set(PARTS.keys()));
});

// The camera

test("the camera goes to a named side by the shorter way, and no further down than the floor", () => {
  const orbit = new Orbit();
  orbit.still = true;
  orbit.drag(-3, 0);
  orbit.face("behind");
  orbit.advance(1);
  near(orbit.azimuthRad, -Math.PI, 0.01);
  assert.equal(orbit.view, "behind");
  orbit.drag(0, -9);
  assert.ok(orbit.elevationRad > -0.1);
  orbit.reset();
  orbit.advance(1);
  assert.deepEqual([orbit.view, orbit.zoom], ["front", 1]);
  assert.equal(orbit.advance(1), false, "at rest, nothing is to be drawn");
});

test("turning by itself goes on until a hand or a key stops it", () => {
  const orbit = new Orbit();
  orbit.turning = true;
  orbit.advance(1);
  assert.ok(orbit.advance(1) && orbit.view === null);
  assert.ok(orbit.press("ArrowLeft") && !orbit.turning);
  assert.equal(orbit.press("x"), false);
});
