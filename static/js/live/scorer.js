/**
 * The streaming scorer: tells what an eight was worth as soon as it is over, and which limbs are wrong at this moment.
 *
 * It follows the server's comparison (choreography/comparison) with what is known so far; docs/live-scoring.md has the
 * formulas, how far the two agree, and why the stored score is always the server's. Pure: no page, no clock.
 */

import { countAt, eightS } from "../lib/counts.js";
import { clamp } from "../lib/drift.js";
import { mirroredLimb } from "../lib/skeleton.js";
import { Build, Frames, movementOf } from "./scorer-body.js";
import { energyRatios, sizeRatios } from "./scorer-extent.js";
import { Glow } from "./scorer-glow.js";
import { MirrorWatch } from "./scorer-mirror.js";
import { pointsOf } from "./scorer-points.js";
import { LIMBS, SEGMENT_COUNT } from "./scorer-segments.js";
import { Chance, GuideShape, SegmentSums, shapePoints } from "./scorer-shape.js";
import { blockRows, measureLags, nearestKnown, padding } from "./scorer-timing.js";
import { findTurn, NO_TURN, rotation, turned, TurnMoments, wanderedYaw } from "./scorer-turn.js";
import { median } from "./time-base.js";

const S = SEGMENT_COUNT;
const TIME_TOLERANCE_S = 1e-6;
const LEAST_GUIDE_ROWS = 2;

/**
 * @typedef {object} EightVerdict
 * @property {number} eight  as countAt().eight has it, or the index of pieces of a few seconds where nobody counts
 * @property {number} startS  seconds of the guide, cut to what is danced
 * @property {number} endS
 * @property {number|null} score   0..100; null, as all that follows, where too little was seen
 * @property {"perfect"|"great"|"good"|"ok"|"miss"|null} verdict
 * @property {number|null} lagMs  real milliseconds, positive late; null where the movement does not tell
 * @property {number|null} size   1 is as far as the guide
 * @property {string|null} limb   the dancer's own worst limb, if it is clearly worse than the rest
 * @property {Record<string, number|null>} limbs  points of the dancer's own limbs
 */

export class StreamScorer {
  /**
   * @param {object} take
   * @param {import("../lib/track.js").Track} take.guide
   * @param {Float32Array|null} take.guideWorld  what `await guide.world()` gave
   * @param {object} [take.skeleton]  not needed: the compared segments are in scorer-segments.js
   * @param {{bpm: number, first_beat_s: number}|null} take.counts
   * @param {object} take.config  choreography/comparison/live_config.py, as_payload
   * @param {number} [take.rate]  the guide's speed
   * @param {[number, number]} take.sizePx  of the dancer's picture
   * @param {number} take.fromS  seconds of the guide that are danced
   * @param {number} take.toS
   * @param {number} [take.clockDoubtS]  so much of a constant lag is put down to camera, sound and clock, as the server does
   */
  constructor({ guide, guideWorld, counts, config, rate = 1, sizePx, fromS, toS, clockDoubtS = 0 }) {
    this.config = config;
    this.clockDoubtS = clockDoubtS;
    this.rate = rate;
    this.fromS = fromS;
    this.toS = toS;
    this.rateHz = config.scoring.rate_hz;
    this.#readGuide(guide, guideWorld);
    this.eights = eightsOf(counts, fromS, Math.min(toS, this.guideEndS), config.scoring.piece_s);
    this.frames = new Frames(sizePx, config.scoring);
    this.mirror = new MirrorWatch(config);
    this.lookedAtRow = this.firstRow;
    this.nextLookS = this.fromS + config.mirror.step_s;
    this.glow = new Glow(config, rate);
    this.build = null;
    this.told = [];
    this.closed = 0;
    this.#forgetTake();
  }

  /** Whether the dancer dances the mirror image of the guide; false until it is clear. */
  get mirrored() {
    return this.mirror.isMirrored;
  }

  /**
   * One more pose, in the order of time; one that is not later than the last is left out.
   * @param {number} tGuideS  seconds of the guide at the moment of the picture
   * @param {{xyPx: Float32Array, conf: Float32Array, xyzM?: Float32Array|null, found?: boolean}} pose
   */
  add(tGuideS, pose) {
    const { frames } = this;
    if (!(tGuideS >= this.fromS - 1) || !(tGuideS <= this.toS + 1)) return;
    if (frames.count > 0 && tGuideS <= frames.tS[frames.count - 1]) return;
    this.#closeUntil(tGuideS - this.config.lookahead_s * this.rate);
    frames.push(tGuideS, pose.xyPx, pose.found === false ? NOT_FOUND : pose.conf, pose.xyzM ?? null);
    if (tGuideS >= this.nextLookS) this.#lookAgain(tGuideS);
    if (this.mirror.knows) this.#followGlow(tGuideS);
  }

  /** The dancer's own limbs that are wrong at this moment, the worst first. */
  limbsWrong() {
    return this.glow.wrong().map((limb) => this.#own(limb));
  }

  /** @returns {EightVerdict[]} the eights that are over and have not been told yet */
  takeEights(nowGuideS) {
    this.#closeUntil(nowGuideS - this.config.latest_s * this.rate);
    return this.told.splice(0);
  }

  /** The guide's movement on the grid that the server judges, with what is needed around the danced part. */
  #readGuide(guide, guideWorld) {
    const { scoring } = this.config;
    const frames = new Frames(guide.sizePx, scoring, Math.max(guide.tS.length, LEAST_GUIDE_ROWS));
    const joints = guide.joints.length;
    for (let at = 0; at < guide.tS.length; at += 1) {
      const xyzM = guideWorld ? guideWorld.subarray(at * joints * 3, (at + 1) * joints * 3) : null;
      const xyPx = guide.xyPx.subarray(at * joints * 2, (at + 1) * joints * 2);
      frames.push(guide.tS[at], xyPx, guide.conf.subarray(at * joints, (at + 1) * joints), xyzM, guide.beginsShot[at] === 1);
    }
    this.guideStartS = guide.tS.length ? guide.tS[0] : 0;
    this.guideEndS = guide.tS.length ? guide.tS[guide.tS.length - 1] : 0;
    this.#layGrid(frames);
    const range = [this.shown, this.firstRow - this.zeroRow, this.endRow - this.zeroRow, scoring];
    this.shape = new GuideShape(...range);
    this.chanceRange = range;
  }

  #layGrid(frames) {
    const { scoring } = this.config;
    this.contextRows = 5 * blockRows(scoring.timing, this.rateHz);
    this.firstRow = this.#rowFrom(Math.max(this.fromS, this.guideStartS));
    this.endRow = Math.max(this.firstRow, this.#rowFrom(Math.min(this.toS, this.guideEndS + 0.5 / this.rateHz)));
    this.zeroRow = this.firstRow - this.contextRows;
    const count = this.endRow - this.zeroRow + 2 * this.contextRows;
    this.shown = movementOf(frames, new Build(frames, scoring), this.#timeOf(this.zeroRow), count, scoring);
  }

  #timeOf(row) {
    return this.guideStartS + row / this.rateHz;
  }

  /** The first row that is not before a moment. */
  #rowFrom(tS) {
    return Math.ceil((tS - this.guideStartS - TIME_TOLERANCE_S) * this.rateHz);
  }

  /** What is known of the take: begun anew where it turns out to be the mirror image. */
  #forgetTake() {
    this.take = new SegmentSums();
    this.moments = new TurnMoments();
    this.lastMoments = new TurnMoments();
    this.turn = [0, 0, 0];
    this.rotation = NO_TURN;
    this.lagS = 0;
    this.lagsS = [];
    this.overall = new Float64Array(2 * padding(this.config.scoring.timing, this.rateHz) + 1);
    this.chance = new Chance(...this.chanceRange, this.config.chance_rows);
  }

  /** Every half second: the dancer's build, and whether it is the mirror image; of moments whose lags are all known. */
  #lookAgain(tS) {
    const { scoring, mirror } = this.config;
    this.nextLookS = tS + mirror.step_s;
    this.build = new Build(this.frames, scoring);
    const from = this.lookedAtRow;
    const until = Math.min(this.#rowFrom(tS - Math.max(...mirror.lags_s)), this.endRow);
    if (until <= from) return;
    this.lookedAtRow = until;
    const around = Math.round(scoring.timing.slope_s * this.rateHz);
    const [first, last] = [from - around, until + around];
    const changed = this.mirror.add(this.#shownRows(first, last), this.frames, this.build, this.#timeOf(first), around);
    if (changed) this.#forgetTake();
  }

  #followGlow(tS) {
    const danced = turned(movementOf(this.frames, this.build, tS, 1, this.config.scoring, this.mirrored), this.rotation);
    const row = Math.round((tS - this.guideStartS) * this.rateHz) - this.zeroRow;
    this.glow.add(this.shown, row, danced, this.lagS, tS);
  }

  #closeUntil(tS) {
    while (this.closed < this.eights.length && this.eights[this.closed].endS <= tS) {
      this.told.push(this.#close(this.eights[this.closed]));
      this.closed += 1;
    }
  }

  /** @returns {EightVerdict} */
  #close({ eight, startS, endS }) {
    const [from, to] = [this.#rowFrom(startS), this.#rowFrom(endS)];
    const verdict = { eight, startS, endS, score: null, verdict: null, lagMs: null, size: null, limb: null, limbs: nothing() };
    if (this.frames.count < 2 || to - from < LEAST_GUIDE_ROWS) return verdict;
    this.build = new Build(this.frames, this.config.scoring);
    const { inStep, limbLagS } = this.#readInStep(from, to);
    const shown = this.#shownRows(from, to);
    const danced = this.#turnedAsShown(shown, inStep);
    const sums = this.#remember(shown, danced, from);
    const { scoring } = this.config;
    const planned = this.endRow - this.firstRow;
    const shape = shapePoints(sums, this.take, this.shape, this.chance.errors(), planned, scoring);
    const extent = {
      sizes: sizeRatios(shown, danced, scoring.extent, this.rateHz),
      energies: energyRatios(shown, danced, scoring.extent, this.rateHz),
    };
    if (!this.#isEnough(shape)) return verdict;
    return this.#named({ ...verdict, ...pointsOf(shape, shown, danced, limbLagS, extent, this.rate, this.config) });
  }

  /** The dancer's movement at the rows of an eight, read at its lag; and the lag of each limb. */
  #readInStep(from, to) {
    const { scoring } = this.config;
    const hop = blockRows(scoring.timing, this.rateHz);
    const pad = padding(scoring.timing, this.rateHz);
    const first = from - this.contextRows;
    const count = to + hop - first;
    const raw = movementOf(this.frames, this.build, this.#timeOf(first - pad), count + 2 * pad, scoring, this.mirrored);
    const lags = measureLags(this.#shownRows(first, to + hop), turned(raw, this.#likelyTurn(raw, first, from, to, pad)), this.overall, from - first, scoring.timing, this.rateHz);
    const read = nearestKnown(lags.lagS).slice(from - first, to - first);
    this.lagS = read[read.length - 1];
    const zeroS = this.#constantLag(lags.lagS.subarray(from - first, to - first));
    return {
      inStep: readAt(raw, Float64Array.from(read, (lagS, row) => pad + from - first + row + lagS * this.rateHz)),
      limbLagS: lags.limbLagS.slice((from - first) * LIMBS.length, (to - first) * LIMBS.length).map((lagS) => lagS - zeroS),
    };
  }

  /** What of the lags so far, those of this eight among them, is not the dancer's. In seconds of the guide, as they are. */
  #constantLag(lagS) {
    for (const each of lagS) if (isFinite(each)) this.lagsS.push(each);
    const most = this.clockDoubtS * this.rate;
    return most > 0 && this.lagsS.length ? clamp(median(this.lagsS), -most, most) : 0;
  }

  /** The turn known so far; in the first eight what this eight says when it is taken to be in time. */
  #likelyTurn(raw, first, from, to, pad) {
    if (!raw.depth || this.moments.size > 0) return this.rotation;
    const moments = new TurnMoments();
    for (let row = from; row < to; row += 1) moments.add(this.shown, row - this.zeroRow, raw, row - first + pad);
    return rotation(findTurn(moments, this.config.scoring));
  }

  #turnedAsShown(shown, inStep) {
    if (!inStep.depth) return inStep;
    const { scoring } = this.config;
    const here = new TurnMoments();
    for (let row = 0; row < shown.count; row += 1) here.add(shown, row, inStep, row);
    this.moments = this.moments.plus(here);
    this.turn = findTurn(this.moments, scoring);
    this.rotation = rotation(wanderedYaw(this.turn, here.plus(this.lastMoments), scoring));
    this.lastMoments = here;
    return turned(inStep, this.rotation);
  }

  /** @returns {SegmentSums} of this eight, added to those of the take */
  #remember(shown, danced, from) {
    const sums = new SegmentSums();
    for (let row = 0; row < shown.count; row += 1) {
      if (this.#timeOf(from + row) < this.frames.tS[0] - TIME_TOLERANCE_S) continue;
      sums.add(shown, row, danced, row, this.config.scoring);
      this.chance.add(from + row - this.zeroRow, danced, row);
    }
    this.take.addAll(sums);
    return sums;
  }

  #isEnough({ points, weight, shown }) {
    const { min_stretch_share: least, min_coverage: minCoverage } = this.config.scoring;
    const rows = eightRows(this.eights, this.rateHz);
    return isFinite(points[0]) && weight[0] >= minCoverage * shown[0] && weight[0] >= least * minCoverage * this.shape.usualWeight * rows;
  }

  /** With limbs by the dancer's own left and right. */
  #named({ limbPoints, ...verdict }) {
    LIMBS.forEach((limb, at) => (verdict.limbs[this.#own(limb)] = limbPoints[at]));
    const known = Object.entries(verdict.limbs).filter(([, points]) => points !== null);
    const [limb, points] = known.reduce((worst, each) => (each[1] < worst[1] ? each : worst), [null, Infinity]);
    const most = Math.min(this.config.tell_limb_below, verdict.score - this.config.tell_limb_apart);
    return { ...verdict, limb: points < most ? limb : null };
  }

  #own(limb) {
    return this.mirrored ? mirroredLimb(limb) : limb;
  }

  /** Rows of the guide; those before its beginning and after its end show nothing. */
  #shownRows(from, to) {
    return rowsOf(this.shown, from - this.zeroRow, to - this.zeroRow);
  }
}

const NOT_FOUND = new Float32Array(29);

/** The eights that are danced, cut to it, as choreography/comparison/counts.py has them. */
export function eightsOf(counts, fromS, toS, pieceS) {
  const lengthS = counts ? eightS(counts) : pieceS;
  const zeroS = counts ? counts.first_beat_s : 0;
  const first = counts ? countAt(counts, fromS).eight : Math.floor(fromS / pieceS + TIME_TOLERANCE_S);
  const eights = [];
  for (let eight = first; zeroS + eight * lengthS < toS - TIME_TOLERANCE_S; eight += 1) {
    const startS = zeroS + eight * lengthS;
    eights.push({ eight, startS: Math.max(fromS, startS), endS: Math.min(toS, startS + lengthS) });
  }
  return eights;
}

function eightRows(eights, rateHz) {
  return Math.max(...eights.map(({ startS, endS }) => endS - startS)) * rateHz;
}

function nothing() {
  return Object.fromEntries(LIMBS.map((limb) => [limb, null]));
}

function rowsOf({ vectors, depth, seen }, from, to) {
  return {
    count: to - from,
    vectors: vectors.subarray(2 * from * S, 2 * to * S),
    depth: depth && depth.subarray(from * S, to * S),
    seen: seen.subarray(from * S, to * S),
  };
}

/** Rows of a movement between which is read by straight lines; not seen where a row that is needed is not. */
function readAt(movement, at) {
  const count = at.length;
  const found = { count, vectors: new Float32Array(2 * count * S), depth: movement.depth && new Float32Array(count * S), seen: new Uint8Array(count * S) };
  for (let row = 0; row < count; row += 1) {
    const place = Math.min(Math.max(at[row], 0), movement.count - 1);
    const left = Math.min(Math.floor(place), movement.count - 2);
    const share = place - left;
    for (let s = 0; s < S; s += 1) {
      const [one, other, to] = [left * S + s, (left + 1) * S + s, row * S + s];
      if ((share < 1 && !movement.seen[one]) || (share > 0 && !movement.seen[other])) continue;
      const mix = (values, a, b) => values[a] * (1 - share) + values[b] * share;
      found.seen[to] = 1;
      found.vectors[2 * to] = mix(movement.vectors, 2 * one, 2 * other);
      found.vectors[2 * to + 1] = mix(movement.vectors, 2 * one + 1, 2 * other + 1);
      if (found.depth) found.depth[to] = mix(movement.depth, one, other);
    }
  }
  return found;
}
