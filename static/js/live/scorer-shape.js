/**
 * How right the shape is, as choreography/comparison/metrics.py and scoring.py have it: closeness above chance and match
 * above chance, of one eight within the take so far.
 */

import { fullnessOf, lengthOf, quantile } from "./scorer-body.js";
import { GROUP_COUNT, LIMB_OF, SEGMENT_COUNT, WEIGHTS } from "./scorer-segments.js";

const S = SEGMENT_COUNT;
const G = GROUP_COUNT;
const DEG = 180 / Math.PI;

/** The angle whose chord is the distance between two vectors (cells of their movements). */
export function errorDeg(one, a, other, b) {
  const half = 0.5 * lengthOf(one.vectors[2 * a] - other.vectors[2 * b], one.vectors[2 * a + 1] - other.vectors[2 * b + 1]);
  return 2 * DEG * Math.asin(Math.min(half, 1));
}

/** How much a segment of the guide counts at a moment; 0 where it does not show it. */
export function shownWeight(shown, cell, config) {
  if (!shown.seen[cell]) return 0;
  return WEIGHTS[cell % S] * (config.least_fullness + (1 - config.least_fullness) * fullnessOf(shown, cell, config));
}

/** Sums of the segments, for the body and each limb. */
export function inGroups(values) {
  const sums = new Float64Array(G);
  values.forEach((value, s) => {
    sums[0] += value;
    sums[1 + LIMB_OF[s]] += value;
  });
  return sums;
}

/** Sums over rows, by segment. G is the guide, A the dancer; w the weight, 0 where either is not seen. */
export class SegmentSums {
  constructor() {
    for (const name of ["rows", "shownW", "w", "wError", "gx", "gy", "ax", "ay", "wgx", "wgy", "wax", "way", "wgg", "wga", "waa", "n"]) {
      this[name] = new Float64Array(name === "rows" ? 1 : S);
    }
  }

  add(shown, shownRow, danced, dancedRow, config) {
    this.rows[0] += 1;
    for (let s = 0; s < S; s += 1) {
      const [one, other] = [shownRow * S + s, dancedRow * S + s];
      const w = shownWeight(shown, one, config);
      this.shownW[s] += w;
      if (w === 0 || !danced.seen[other]) continue;
      const [gx, gy] = [shown.vectors[2 * one], shown.vectors[2 * one + 1]];
      const [ax, ay] = [danced.vectors[2 * other], danced.vectors[2 * other + 1]];
      this.n[s] += 1;
      this.w[s] += w;
      this.wError[s] += w * errorDeg(shown, one, danced, other);
      this.gx[s] += gx;
      this.gy[s] += gy;
      this.ax[s] += ax;
      this.ay[s] += ay;
      this.wgx[s] += w * gx;
      this.wgy[s] += w * gy;
      this.wax[s] += w * ax;
      this.way[s] += w * ay;
      this.wgg[s] += w * (gx * gx + gy * gy);
      this.wga[s] += w * (gx * ax + gy * ay);
      this.waa[s] += w * (ax * ax + ay * ay);
    }
  }

  addAll(other) {
    for (const [name, values] of Object.entries(other)) values.forEach((value, at) => (this[name][at] += value));
  }
}

/** What is known of the guide beforehand: each segment's mean, and how far the body and each limb move about it. */
export class GuideShape {
  constructor(shown, fromRow, toRow, config) {
    const sums = new SegmentSums();
    for (let row = fromRow; row < toRow; row += 1) sums.add(shown, row, shown, row, config);
    this.meanX = sums.gx.map((sum, s) => sum / Math.max(sums.n[s], 1));
    this.meanY = sums.gy.map((sum, s) => sum / Math.max(sums.n[s], 1));
    const squares = inGroups(aboutMeans(sums, this.meanX, this.meanY, this.meanX, this.meanY).shown);
    const weights = inGroups(sums.w);
    this.movement = squares.map((square, group) => Math.sqrt(Math.max(square, 0) / Math.max(weights[group], 1e-9)));
    /** Shown weight of a row, on average: a share of it must be seen for an eight to count. */
    this.usualWeight = weights[0] / Math.max(sums.rows[0], 1);
  }
}

/**
 * Errors that wrong timing gives: the dancer's moments against the guide's at other times, as many of them as are asked
 * for, in a circle.
 */
export class Chance {
  constructor(shown, fromRow, toRow, config, mostRows) {
    this.config = config;
    this.shown = shown;
    this.fromRow = fromRow;
    this.mostRows = mostRows;
    this.step = Math.max(1, Math.round(config.chance_step_s * config.rate_hz));
    this.places = Math.max(1, Math.ceil((toRow - fromRow) / this.step));
    this.weights = new Float32Array(this.places * S);
    for (let cell = 0; cell < this.weights.length; cell += 1) this.weights[cell] = shownWeight(shown, this.#cell(cell), config);
    this.danced = [];
  }

  /** Keeps what the dancer did at a row of the guide, if it is one that is looked at. */
  add(row, danced, dancedRow) {
    if ((row - this.fromRow) % this.step) return;
    const cells = [dancedRow * S, (dancedRow + 1) * S];
    this.danced.push({
      place: (row - this.fromRow) / this.step,
      vectors: danced.vectors.slice(2 * cells[0], 2 * cells[1]),
      seen: danced.seen.slice(...cells),
    });
  }

  /** Degrees for the body and each limb; NaN where a limb is never seen by both. */
  errors() {
    const every = Math.max(1, this.danced.length / this.mostRows);
    const rows = [];
    for (let at = 0; at < this.danced.length; at += every) rows.push(this.danced[Math.floor(at)]);
    const table = this.#shifts().map((shift) => this.#errorsAt(shift, rows));
    return Array.from({ length: G }, (_, group) => {
      const column = table.map((errors) => errors[group]).filter(isFinite);
      return quantile(Float32Array.from(column).sort(), 0.5);
    });
  }

  #cell(cell) {
    return (this.fromRow + Math.floor(cell / S) * this.step) * S + (cell % S);
  }

  #shifts() {
    const rateHz = this.config.rate_hz / this.step;
    const least = Math.min(Math.round(this.config.min_chance_shift_s * rateHz), this.places >> 1);
    const count = this.config.chance_shifts;
    const shifts = Array.from({ length: count }, (_, n) => Math.round(least + ((this.places - 2 * least) * n) / (count - 1)));
    return [...new Set(shifts)];
  }

  #errorsAt(shift, rows) {
    const [errors, weights] = [new Float64Array(G), new Float64Array(G)];
    for (const danced of rows) {
      const place = (danced.place + shift) % this.places;
      for (let s = 0; s < S; s += 1) {
        const weight = danced.seen[s] ? this.weights[place * S + s] : 0;
        if (!weight) continue;
        const error = weight * errorDeg(this.shown, this.#cell(place * S + s), danced, s);
        errors[0] += error;
        errors[1 + LIMB_OF[s]] += error;
        weights[0] += weight;
        weights[1 + LIMB_OF[s]] += weight;
      }
    }
    return errors.map((error, group) => (weights[group] > 0 ? error / weights[group] : NaN));
  }
}

/**
 * Points for the shape of an eight, of the body (0) and each limb; NaN where too little was seen.
 * @param {SegmentSums} eight @param {SegmentSums} take  so far, this eight included
 * @param {GuideShape} guide @param {number[]} chanceDeg
 * @param {number} plannedRows  of the guide that are danced in all
 */
export function shapePoints(eight, take, guide, chanceDeg, plannedRows, config) {
  const weight = inGroups(eight.w);
  const shown = inGroups(eight.shownW);
  const error = inGroups(eight.wError).map((sum, group) => sum / weight[group]);
  const judgedS = judgedSeconds(take, plannedRows, config);
  const close = chanceLevel(config.chance_closeness_1s, judgedS, config);
  const matched = chanceLevel(config.chance_match_1s, judgedS, config);
  const match = matchOf(eight, take, guide, config);
  const floor = config.unseen_error_deg;
  const points = Array.from(weight, (_, group) => {
    if (weight[group] < config.min_limb_coverage * shown[group] || weight[group] === 0) return NaN;
    const chance = Math.max(isFinite(chanceDeg[group]) ? chanceDeg[group] : 0, config.least_chance_deg);
    const closeness = Math.min((chance - error[group]) / (chance - floor), 1);
    const moved = 0.5 * (aboveChance(closeness, close) + aboveChance(match[group], matched));
    const posture = Math.min(1, Math.max(0, 1 - (error[group] - floor) / (config.posture_zero_deg - floor)));
    const moves = 1 / (1 + (config.still_limb_movement / Math.max(guide.movement[group], 1e-9)) ** 2);
    return interpolated(moves * moved + (1 - moves) * posture, config.quality_knots, config.score_knots);
  });
  points[0] = withLimbs(points, weight, config);
  return { points, weight, shown };
}

/** Straight lines between knots, flat beyond. */
export function interpolated(value, knots, values) {
  if (!(value > knots[0])) return isNaN(value) ? NaN : values[0];
  const at = knots.findIndex((knot) => value <= knot);
  if (at < 0) return values[values.length - 1];
  return values[at - 1] + ((values[at] - values[at - 1]) * (value - knots[at - 1])) / (knots[at] - knots[at - 1]);
}

/** Seconds of a whole body that will have been judged, if the rest of the plan is seen like the take so far. */
function judgedSeconds(take, plannedRows, config) {
  const most = WEIGHTS.reduce((sum, weight, s) => sum + (take.w[s] > 0 ? weight : 0), 0) * take.rows[0];
  const share = take.w.reduce((sum, w) => sum + w, 0) / Math.max(most, 1e-9);
  return (share * plannedRows) / config.rate_hz;
}

function chanceLevel(in1s, judgedS, config) {
  return judgedS > 0 ? Math.min(in1s / Math.sqrt(judgedS), config.most_chance) : config.most_chance;
}

function aboveChance(value, chance) {
  return Math.min(1, Math.max(0, (value - chance) / (1 - chance)));
}

/** Correlation about the take's means; the eight counts with some seconds of the take so far. */
function matchOf(eight, take, guide, config) {
  const meanX = guide.meanX.map((mean, s) => mean + (take.ax[s] - take.gx[s]) / Math.max(take.n[s], 1));
  const meanY = guide.meanY.map((mean, s) => mean + (take.ay[s] - take.gy[s]) / Math.max(take.n[s], 1));
  const [here, whole] = [eight, take].map((sums) => {
    const parts = aboutMeans(sums, guide.meanX, guide.meanY, meanX, meanY);
    return { shared: inGroups(parts.shared), shown: inGroups(parts.shown), danced: inGroups(parts.danced) };
  });
  const weight = inGroups(take.w);
  const rows = Math.max(take.rows[0], 1);
  const full = Math.min(1, Math.max(...take.w) / rows);
  return weight.map((each, group) => {
    const memory = (config.match_memory_s * config.rate_hz * full) / rows;
    const [shared, shown, danced] = ["shared", "shown", "danced"].map((part) => here[part][group] + memory * whole[part][group]);
    const scale = Math.sqrt(Math.max(shown, 0) * Math.max(danced, 0));
    return each > 0 && scale > 1e-9 ? shared / scale : 0;
  });
}

/** Weighted products of both movements about given means, by segment. */
function aboutMeans(sums, gX, gY, aX, aY) {
  const shared = sums.wga.map((wga, s) => wga - gX[s] * sums.wax[s] - gY[s] * sums.way[s] - aX[s] * sums.wgx[s] - aY[s] * sums.wgy[s] + sums.w[s] * (gX[s] * aX[s] + gY[s] * aY[s]));
  const square = (values, x, y, meanX, meanY) =>
    values.map((value, s) => value - 2 * (meanX[s] * x[s] + meanY[s] * y[s]) + sums.w[s] * (meanX[s] ** 2 + meanY[s] ** 2));
  return { shared, shown: square(sums.wgg, sums.wgx, sums.wgy, gX, gY), danced: square(sums.waa, sums.wax, sums.way, aX, aY) };
}

function withLimbs(points, weight, config) {
  let [sum, weights] = [0, 0];
  for (let group = 1; group < G; group += 1) {
    if (!isFinite(points[group])) continue;
    sum += points[group] * weight[group];
    weights += weight[group];
  }
  return weights > 0 ? (1 - config.limbs_share) * points[0] + config.limbs_share * (sum / weights) : points[0];
}
