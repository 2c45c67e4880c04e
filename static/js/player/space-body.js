/**
 * A body for a skeleton: rounded parts along its bones, like a wooden figure's, as plain arrays. Each part is a stack of
 * ellipses along its own y axis, with x to the dancer's left and z to the front; a pose moves parts as wholes.
 */

const AROUND = 18;
const CAP_RINGS = 5;
const HEAD_RINGS = 16;

/**
 * Parts by the way they are shaped. Rings are [share of the length, half width, half depth, forwards], in metres for a
 * dancer of the usual size (`USUAL_M`).
 */
const RINGS = {
  pelvis: [[-0.22, 0.112, 0.088], [-0.12, 0.138, 0.102], [0, 0.152, 0.11], [0.45, 0.14, 0.1], [0.9, 0.12, 0.088], [1.3, 0.112, 0.082]],
  chest: [[-0.35, 0.1, 0.074], [0, 0.115, 0.085], [0.3, 0.128, 0.096], [0.62, 0.148, 0.106], [0.84, 0.15, 0.098], [0.97, 0.12, 0.078], [1.03, 0.075, 0.055]],
  collar: [[0, 0.062, 0.056], [0.5, 0.056, 0.054], [1, 0.053, 0.053]],
  neck: [[0, 0.052, 0.052], [0.5, 0.044, 0.046], [1, 0.046, 0.05]],
  upper_arm: [[0, 0.053, 0.053], [0.3, 0.047, 0.048], [0.7, 0.036, 0.037], [1, 0.034, 0.034]],
  forearm: [[0, 0.034, 0.034], [0.25, 0.038, 0.037], [0.7, 0.028, 0.026], [1, 0.023, 0.021]],
  hand: [[0, 0.024, 0.017], [0.6, 0.039, 0.017], [1.1, 0.041, 0.016], [1.7, 0.034, 0.014], [2.0, 0.024, 0.011]],
  thigh: [[0, 0.082, 0.086], [0.25, 0.077, 0.085, 0.006], [0.65, 0.06, 0.064], [1, 0.051, 0.053]],
  shank: [[0, 0.05, 0.051], [0.25, 0.051, 0.055, -0.012], [0.6, 0.04, 0.043, -0.007], [1, 0.034, 0.036]],
  foot: [[-0.25, 0.03, 0.03, -0.028], [0.1, 0.035, 0.036, -0.026], [0.55, 0.043, 0.03, -0.03], [0.95, 0.045, 0.021, -0.036], [1.2, 0.035, 0.016, -0.038]],
};
const HEAD_M = { high: 0.127, wide: 0.082, deep: 0.1, forwards: 0.012, up: 0.03 };
const USUAL_M = 1.31;
const FOOT_TILT_RAD = 0.42;

const LIMB_PARTS = { arm: ["collar", "upper_arm", "forearm", "hand"], leg: ["thigh", "shank", "foot"] };
export const PARTS = Object.freeze([
  ...["pelvis", "chest"].map((shape) => ({ shape, limb: "torso" })),
  ...["neck", "head"].map((shape) => ({ shape, limb: "head" })),
  ...["left", "right"].flatMap((side) => Object.entries(LIMB_PARTS).flatMap(([limb, shapes]) => shapes.map((shape) => ({ shape, limb: `${side}_${limb}`, side })))),
]);

/**
 * Where each part stands in a pose: 16 numbers a part, column by column, as WebGL has them. Lengths along the bones follow
 * the pose against `lengthsM`, those for which the body was made.
 *
 * @param {Float32Array} pose (joints * 3) in the scene's metres
 * @param {object} roles space-motion.js, rolesOf
 */
export function partMatrices(pose, roles, lengthsM, out = new Float32Array(PARTS.length * 16)) {
  const bones = bonesOf(pose, roles);
  PARTS.forEach(({ shape, side }, part) => {
    const { start, along, front } = bones(shape, side);
    const lengthM = Math.hypot(...along);
    const y = unit(along, UP);
    const x = unit(cross(y, front), LEFT);
    const z = cross(x, y);
    const stretch = shape === "head" || shape === "foot" ? 1 : lengthM / lengthsM[part];
    out.set([...x, 0, ...y.map((value) => value * stretch), 0, ...z, 0, ...start, 1], part * 16);
  });
  return out;
}

/** The usual length of each part over some poses, in metres. */
export function partLengthsM(poses, roles) {
  const lengths = PARTS.map(() => []);
  for (const pose of poses) {
    const bones = bonesOf(pose, roles);
    PARTS.forEach(({ shape, side }, part) => lengths[part].push(Math.hypot(...bones(shape, side).along)));
  }
  return lengths.map((values) => Math.max(values.sort((a, b) => a - b)[values.length >> 1] ?? 0.1, 0.02));
}

/**
 * The body's surface for parts of these lengths and a dancer of this stature (space-motion.js, statureM).
 *
 * @returns {{positions: Float32Array, normals: Float32Array, parts: Uint8Array, shades: Float32Array, indices: Uint16Array}}
 *   positions in the axes of the part that `parts` names for each point; shades: -1 dark (a visor that tells where the
 *   dancer looks) to 1 light (hands, feet, head)
 */
export function bodySurface(lengthsM, statureM) {
  const size = Math.min(Math.max(statureM / USUAL_M, 0.6), 1.4) || 1;
  const surface = { positions: [], normals: [], parts: [], shades: [], indices: [] };
  PARTS.forEach(({ shape }, part) => {
    const rings = shape === "head" ? headRings(size) : partRings(RINGS[shape], lengthsM[part], size);
    addRings(surface, rings, part, (x, y, z) => shadeOf(shape, y / size, z / size));
  });
  return {
    positions: Float32Array.from(surface.positions),
    normals: Float32Array.from(surface.normals),
    parts: Uint8Array.from(surface.parts),
    shades: Float32Array.from(surface.shades),
    indices: Uint16Array.from(surface.indices),
  };
}

const UP = [0, 1, 0];
const LEFT = [1, 0, 0];

// The bones from which the parts hang: where each starts, which way and how far it goes, and where its front is.
function bonesOf(pose, roles) {
  const at = (joint) => [pose[joint * 3], pose[joint * 3 + 1], pose[joint * 3 + 2]];
  const named = (name) => at(roles.at(name));
  const middle = (a, b) => between(a, b, 0.5);
  const [hip, shoulder, ear] = ["hip", "shoulder", "ear"].map((name) => middle(named(`left_${name}`), named(`right_${name}`)));
  const waist = between(hip, shoulder, 0.32);
  const collar = between(hip, shoulder, 0.93);
  const pelvisFront = unit(cross(from(named("right_hip"), named("left_hip")), from(hip, shoulder)), [0, 0, 1]);
  const chestFront = unit(cross(from(named("right_shoulder"), named("left_shoulder")), from(hip, shoulder)), [0, 0, 1]);
  const trunk = {
    pelvis: { start: hip, along: from(hip, waist), front: pelvisFront },
    chest: { start: waist, along: from(waist, shoulder), front: chestFront },
    neck: { start: shoulder, along: from(shoulder, ear), front: chestFront },
    head: headBone(named("left_ear"), named("right_ear"), named("nose"), ear),
  };
  const limb = (side, start, end, front) => {
    const [a, b] = [named(`${side}_${start}`), named(`${side}_${end}`)];
    return { start: a, along: from(a, b), front };
  };
  return (shape, side) => {
    if (!side) return trunk[shape];
    if (shape === "collar") return { start: collar, along: from(collar, named(`${side}_shoulder`)), front: chestFront };
    if (shape === "hand") return handBone(side, named, middle);
    if (shape === "foot") return footBone(side, named, middle);
    if (shape === "thigh") return limb(side, "hip", "knee", pelvisFront);
    if (shape === "shank") return limb(side, "knee", "ankle", from(named(`${side}_ankle`), named(`${side}_bigtoe`)));
    if (shape === "upper_arm") return limb(side, "shoulder", "elbow", chestFront);
    return limb(side, "elbow", "wrist", palmFront(side, named));
  };
}

function headBone(leftEar, rightEar, nose, ear) {
  const left = from(rightEar, leftEar);
  const front = unit(from(ear, nose), [0, 0, 1]);
  const up = unit(cross(front, left), UP);
  return { start: ear, along: up, front: cross(unit(left, LEFT), up) };
}

function handBone(side, named, middle) {
  const wrist = named(`${side}_wrist`);
  const knuckles = middle(named(`${side}_palm_thumb`), named(`${side}_palm_pinky`));
  return { start: wrist, along: from(wrist, knuckles), front: palmFront(side, named) };
}

// Square to the palm: hands are flat.
function palmFront(side, named) {
  const wrist = named(`${side}_wrist`);
  const normal = cross(from(wrist, named(`${side}_palm_thumb`)), from(wrist, named(`${side}_palm_pinky`)));
  return unit(side === "left" ? normal : normal.map((value) => -value), [0, 0, 1]);
}

// From below the heel to the toes along the sole: the line from the ankle to the toes slopes, the sole does not.
function footBone(side, named, middle) {
  const ankle = named(`${side}_ankle`);
  const [big, little] = [named(`${side}_bigtoe`), named(`${side}_littletoe`)];
  const along = from(ankle, middle(big, little));
  const outwards = side === "left" ? from(big, little) : from(little, big);
  const up = unit(cross(along, unit(outwards, LEFT)), UP);
  const [cos, sin] = [Math.cos(FOOT_TILT_RAD), Math.sin(FOOT_TILT_RAD)];
  const lengthM = Math.hypot(...along);
  const ahead = unit(along, [0, 0, 1]);
  return {
    start: ankle,
    along: ahead.map((value, axis) => (value * cos + up[axis] * sin) * lengthM),
    front: ahead.map((value, axis) => up[axis] * cos - value * sin),
  };
}

function partRings(profile, lengthM, size) {
  const rings = profile.map(([share, wide, deep, forwards = 0]) => ({ y: share * lengthM, wide: wide * size, deep: deep * size, z: forwards * size }));
  const fine = rings.slice(1).flatMap((ring, i) => [0, 0.5].map((share) => blendRings(rings[i], ring, share)));
  return [...cap(rings[0], -1).reverse(), ...fine, rings.at(-1), ...cap(rings.at(-1), 1)];
}

function blendRings(a, b, share) {
  return Object.fromEntries(Object.keys(a).map((name) => [name, a[name] + (b[name] - a[name]) * share]));
}

// The rounded end of a part.
function cap(ring, direction) {
  const round = Math.min(ring.wide, ring.deep);
  return Array.from({ length: CAP_RINGS }, (_, i) => {
    const angle = (((i + 1) / CAP_RINGS) * Math.PI) / 2;
    const share = Math.max(Math.cos(angle), 1e-3);
    return { y: ring.y + direction * Math.sin(angle) * round, wide: ring.wide * share, deep: ring.deep * share, z: ring.z };
  });
}

function headRings(size) {
  return Array.from({ length: HEAD_RINGS + 1 }, (_, i) => {
    const angle = (i / HEAD_RINGS - 0.5) * Math.PI;
    const round = Math.max(Math.cos(angle), 1e-3);
    // Chin narrower than crown.
    const narrow = 1 - 0.16 * Math.max(0, -Math.sin(angle)) ** 1.5;
    const y = (HEAD_M.up + Math.sin(angle) * HEAD_M.high) * size;
    return { y, wide: HEAD_M.wide * round * narrow * size, deep: HEAD_M.deep * round * narrow * size, z: HEAD_M.forwards * size };
  });
}

function shadeOf(shape, y, z) {
  if (shape !== "head") return shape === "hand" || shape === "foot" ? 1 : 0;
  const beside = Math.min(Math.max((z - 0.052) / 0.014, 0), 1);
  const level = Math.min(Math.max((0.034 - Math.abs(y - 0.034)) / 0.012, 0), 1);
  return 1 - 2 * beside * level;
}

function addRings(surface, rings, part, shade) {
  const first = surface.parts.length;
  rings.forEach((ring, i) => {
    for (let step = 0; step <= AROUND; step += 1) {
      const angle = (step / AROUND) * 2 * Math.PI;
      const point = [Math.sin(angle) * ring.wide, ring.y, Math.cos(angle) * ring.deep + ring.z];
      surface.positions.push(...point);
      surface.normals.push(...normalAt(rings, i, angle));
      surface.parts.push(part);
      surface.shades.push(shade(...point));
      if (i === 0 || step === 0) continue;
      const corner = first + i * (AROUND + 1) + step;
      const below = corner - AROUND - 1;
      surface.indices.push(below - 1, below, corner, below - 1, corner, corner - 1);
    }
  });
}

function normalAt(rings, i, angle) {
  const [before, after] = [rings[Math.max(i - 1, 0)], rings[Math.min(i + 1, rings.length - 1)]];
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const up = [sin * (after.wide - before.wide), after.y - before.y, cos * (after.deep - before.deep) + after.z - before.z];
  const around = [cos * Math.max(rings[i].wide, 1e-6), 0, -sin * Math.max(rings[i].deep, 1e-6)];
  return unit(cross(around, up), [0, i === 0 ? -1 : 1, 0]);
}

function from(a, b) {
  return [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
}

function between(a, b, share) {
  return a.map((value, axis) => value + (b[axis] - value) * share);
}

function cross([ax, ay, az], [bx, by, bz]) {
  return [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx];
}

function unit(vector, fallback) {
  const length = Math.hypot(...vector);
  return length > 1e-9 ? vector.map((value) => value / length) : fallback;
}
