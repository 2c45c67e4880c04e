/** From shape, lags and sizes of an eight to points and a verdict: choreography/comparison/scoring.py says how. */

import { LIMBS, LIMB_OF, SEGMENT_COUNT } from "./scorer-segments.js";
import { interpolated, shownWeight } from "./scorer-shape.js";

const S = SEGMENT_COUNT;
const LEAST_RATIO = 1e-3;

/**
 * @param {{points: number[], weight: Float64Array}} shape  of the body and each limb
 * @param {Float64Array} limbLagS  rows * limbs, seconds of the guide
 * @param {{sizes: number[], energies: number[]}} extent  of each limb
 * @returns {{score: number, verdict: string, lagMs: number|null, size: number|null, limbPoints: (number|null)[]}}
 */
export function pointsOf(shape, shown, danced, limbLagS, { sizes, energies }, rate, config) {
  const { scoring } = config;
  const weights = limbWeights(shown, danced, scoring);
  const lags = meansOf(weights, limbLagS, (lagS) => (1000 * lagS) / rate);
  const timing = meansOf(weights, limbLagS, (lagS) => interpolated((1000 * Math.abs(lagS)) / rate, scoring.lag_knots_ms, scoring.lag_points));
  const [size, sizePoints] = extentOf(sizes, shape.weight, scoring);
  const [, energyPoints] = extentOf(energies, shape.weight, scoring);
  const scores = shape.points.map((points, group) => {
    const spread = both(sizePoints[group], energyPoints[group], scoring.energy_share);
    return points * kept(timing[group], scoring.most_timing_costs) * kept(spread, scoring.most_size_costs);
  });
  const known = (value) => (isFinite(value) ? value : null);
  return {
    score: scores[0],
    verdict: bandOf(scores[0], config.bands),
    lagMs: known(lags[0]),
    size: known(size),
    limbPoints: scores.slice(1).map(known),
  };
}

export function bandOf(score, { perfect, great, good, ok }) {
  if (score >= perfect) return "perfect";
  if (score >= great) return "great";
  if (score >= good) return "good";
  return score >= ok ? "ok" : "miss";
}

/** (rows * limbs) how much of each limb was judged at each row. */
function limbWeights(shown, danced, config) {
  const weights = new Float64Array(shown.count * LIMBS.length);
  for (let cell = 0; cell < shown.count * S; cell += 1) {
    if (danced.seen[cell]) weights[Math.floor(cell / S) * LIMBS.length + LIMB_OF[cell % S]] += shownWeight(shown, cell, config);
  }
  return weights;
}

/** Weighted means over the rows, of all limbs (0) and of each; NaN where nothing is known. */
function meansOf(weights, values, pointsAt) {
  const sums = new Float64Array(1 + LIMBS.length);
  const totals = new Float64Array(1 + LIMBS.length);
  values.forEach((value, at) => {
    if (!isFinite(value)) return;
    const points = pointsAt(value) * weights[at];
    for (const group of [0, 1 + (at % LIMBS.length)]) {
      sums[group] += points;
      totals[group] += weights[at];
    }
  });
  return sums.map((sum, group) => (totals[group] > 0 ? sum / totals[group] : NaN));
}

/** The typical ratio of the body, and the points of the body and each limb. */
function extentOf(ratios, weight, config) {
  let [sum, total] = [0, 0];
  ratios.forEach((ratio, limb) => {
    if (!isFinite(ratio)) return;
    sum += weight[1 + limb] * Math.log(Math.max(ratio, LEAST_RATIO));
    total += weight[1 + limb];
  });
  const typical = total > 0 ? Math.exp(sum / total) : NaN;
  return [typical, [typical, ...ratios].map((ratio) => interpolated(ratio, config.size_knots, config.size_points))];
}

function both(size, energy, energyShare) {
  return isFinite(energy) ? (1 - energyShare) * size + energyShare * energy : size;
}

/** The share that is kept; all where nothing is known. */
function kept(points, most) {
  return isFinite(points) ? 1 - most * (1 - points / 100) : 1;
}
