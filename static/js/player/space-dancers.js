/** Who stands in the 3D view at a moment: every side's movement, mirrored, turned and placed as the page wants it. */
import { mirroredLimb } from "../lib/skeleton.js";
import { limbsWrongNow } from "../lib/timeline.js";
import { isOneShot } from "../lib/track.js";
import { partLengthsM } from "./space-body.js";
import { mirrorPose, Motion, placePose, rolesOf, statureM, turnBetween } from "./space-motion.js";

const SAMPLES = 160;
const TRAIL_S = 0.7;
const TRAIL_STEPS = 20;
const APART_M = 1.15;
const NOTHING_WRONG = { wrong: new Set(), wrongNames: [] };

/** What shades the floor, with how broad it is in metres. */
const SHADING = { left_ankle: 0.1, right_ankle: 0.1, left_bigtoe: 0.07, right_bigtoe: 0.07, left_knee: 0.09, right_knee: 0.09, center_hip: 0.18, chest: 0.17, left_wrist: 0.06, right_wrist: 0.06, nose: 0.1 };

export class Dancers {
  /** Both stand on one place, or beside each other. */
  apart = false;
  #all = [];

  /**
   * @param {{side: object, xyzM: Float32Array}[]} known sides (side.js) with their metres, the guide first
   * @param {object|undefined} comparison of the page (choreography/payloads.py)
   */
  constructor(known, comparison) {
    this.comparison = comparison;
    this.roles = withShading(rolesOf(known[0].side.track.joints));
    this.#all = known.map(({ side, xyzM }) => this.#dancer(side, xyzM));
    this.match();
  }

  /** What a figure needs to be made: name, lengths and stature of each. */
  get figures() {
    return this.#all.map(({ side, lengthsM, tallM }) => ({ name: side.name, lengthsM, statureM: tallM }));
  }

  /**
   * Everybody at a moment of the guide, as space-scene.js draws them.
   * @param {{mirror: boolean, still: boolean, ownTime: (side: object) => number, preview: boolean}} how
   */
  at(tS, how) {
    const [guide] = this.#all;
    this.aimX = (how.mirror ? -1 : 1) * (guide.motion.travelAt(how.ownTime(guide.side)) || 0);
    return this.#all.map((dancer, i) => this.#shown(dancer, i, tS, how));
  }

  #shown(dancer, i, tS, how) {
    const ownS = how.ownTime(dancer.side);
    const pose = dancer.side.shows(tS) ? this.#poseOf(dancer, i, ownS, how.mirror, dancer.pose) : null;
    if (!pose) return null;
    const trails = how.still || this.#all.length > 1 ? [] : this.#trails(dancer, i, ownS, how.mirror);
    return { pose, roles: this.roles, ...this.#wrong(dancer, tS, how), trails };
  }

  #poseOf(dancer, i, ownS, mirror, out) {
    let pose = dancer.motion.poseAt(ownS, out);
    if (!pose) return null;
    if (dancer.flipped) pose = mirrorPose(pose, this.roles, dancer.spare);
    if (dancer.fit) placePose(pose, this.roles, { ...dancer.fit, atX: this.#guideX(mirror) });
    if (mirror) pose = mirrorPose(pose, this.roles, pose === dancer.spare ? out : dancer.spare);
    return this.apart ? moved(pose, (i - (this.#all.length - 1) / 2) * APART_M) : pose;
  }

  #guideX(mirror) {
    return mirror ? -this.aimX : this.aimX;
  }

  // The timeline names the guide's limbs. Who danced the mirror image used the other one, and is shown mirrored, so that
  // theirs is where the guide's is; the page's own mirror exchanges both once more. Names are the dancer's own.
  #wrong({ side }, tS, { mirror, preview }) {
    if (side.name !== "me" || !this.comparison || preview) return NOTHING_WRONG;
    const limbs = limbsWrongNow(this.comparison, tS);
    const wrongNames = this.comparison.mirrored ? limbs.map(mirroredLimb) : limbs;
    return { wrong: new Set(mirror ? limbs.map(mirroredLimb) : limbs), wrongNames };
  }

  #trails(dancer, i, ownS, mirror) {
    const hands = ["left_wrist", "right_wrist"].map((name) => this.roles.at(name));
    const trails = hands.map(() => []);
    for (let step = TRAIL_STEPS; step >= 0; step -= 1) {
      const thenS = ownS - (step * TRAIL_S) / TRAIL_STEPS;
      const pose = isOneShot(dancer.side.track, thenS, ownS) ? this.#poseOf(dancer, i, thenS, mirror, dancer.trailPose) : null;
      hands.forEach((hand, which) => trails[which].push(pose ? [...pose.subarray(hand * 3, hand * 3 + 3)] : null));
    }
    return trails;
  }

  #dancer(side, xyzM) {
    const motion = new Motion(side.track, xyzM, this.roles);
    const poses = samplesOf(motion);
    const buffer = () => new Float32Array(this.roles.count * 3);
    return {
      side,
      motion,
      lengthsM: partLengthsM(poses, this.roles),
      tallM: statureM(poses, this.roles),
      flipped: side.name === "me" && Boolean(this.comparison?.mirrored),
      fit: null,
      pose: buffer(),
      spare: buffer(),
      trailPose: buffer(),
    };
  }

  /** Turns and sizes the take to the guide, once for the whole dance: what is left is what the dancer did differently. */
  match() {
    const [guide, me] = this.#all;
    if (!me) return;
    const pairs = [];
    const [fromS, toS] = this.comparison?.overlap_s ?? [0, guide.side.endS];
    for (let step = 0; step <= SAMPLES; step += 1) {
      const tS = fromS + ((toS - fromS) * step) / SAMPLES;
      const theirs = guide.motion.poseAt(tS + guide.side.offsetS);
      const mine = me.motion.poseAt(tS + me.side.offsetS);
      if (theirs && mine) pairs.push([theirs, me.flipped ? mirrorPose(mine, this.roles) : mine]);
    }
    const scale = guide.tallM / me.tallM;
    me.fit = { turnRad: turnBetween(pairs, this.roles), scale: scale > 0.5 && scale < 2 ? scale : 1 };
  }
}

function withShading(roles) {
  return { ...roles, shading: Object.entries(SHADING).map(([joint, broadM]) => [roles.at(joint), broadM]) };
}

function samplesOf(motion) {
  const { tS } = motion.track;
  const step = Math.max(1, Math.floor(tS.length / SAMPLES));
  const poses = [];
  for (let frame = 0; frame < tS.length; frame += step) {
    const pose = motion.poseAt(tS[frame]);
    if (pose) poses.push(pose);
  }
  return poses;
}

function moved(pose, byM) {
  for (let cell = 0; cell < pose.length; cell += 3) pose[cell] += byM;
  return pose;
}
