/** How far and how sharply each limb moved in an eight against the guide: choreography/comparison/extent.py says how. */

import { quantile } from "./scorer-body.js";
import { LIMBS, LIMB_OF, SEGMENT_COUNT, WEIGHTS } from "./scorer-segments.js";
import { changeOf } from "./scorer-timing.js";

const S = SEGMENT_COUNT;

/** For each limb 1 where it moves as far as the guide's; NaN where it does something else, or the guide hardly moves it. */
export function sizeRatios(shown, danced, config, rateHz) {
  const step = Math.max(Math.round(config.instrument_s * rateHz), 1);
  const sums = LIMBS.map(() => ({ count: 0, shared: 0, shown: 0, danced: 0, steadyShared: 0, steadyShown: 0, steadyDanced: 0 }));
  for (let s = 0; s < S; s += 1) addSpreads(sums[LIMB_OF[s]], shown, danced, s, step);
  const rows = shown.count;
  return sums.map((sum, limb) => {
    const full = WEIGHTS.reduce((total, weight, s) => total + (LIMB_OF[s] === limb ? weight : 0), 0) * rows;
    const match = sum.shared / Math.sqrt(Math.max(sum.shown * sum.danced, 1e-12));
    const moves = sum.shown >= config.min_movement ** 2 * sum.count && sum.count >= config.min_window_share * full;
    const lasts = sum.steadyShown >= config.min_instrument * sum.shown && sum.steadyShown > 0 && sum.steadyDanced > 0;
    if (!(match > config.min_match) || !moves || !lasts) return NaN;
    const slope = Math.max(sum.steadyShared, 0) / sum.steadyShown;
    return Math.min(Math.sqrt(slope * Math.sqrt(sum.steadyDanced / sum.steadyShown)), config.most_ratio);
  });
}

/** For each limb its peak speed in the guide's measure; NaN where the guide's is never fast. */
export function energyRatios(shown, danced, config, rateHz) {
  const [guide, dancer] = [shown, danced].map((movement) => changeOf(movement, config.slope_s, rateHz));
  return LIMBS.map((_, limb) => {
    const [fast, fastDanced] = peaks(guide, dancer, limb, config);
    return fast >= config.min_peak_speed ? Math.min(fastDanced / fast, config.most_ratio) : NaN;
  });
}

/** Adds one segment's variances about its means; four series: guide, dancer, and each a few rows earlier and later. */
function addSpreads(sum, shown, danced, s, step) {
  const sums = new Float64Array(8);
  const products = new Float64Array(6);
  const four = new Float64Array(8);
  let count = 0;
  for (let row = step; row < shown.count - step; row += 1) {
    const cells = [row * S + s, (row - step) * S + s, (row + step) * S + s];
    if (!cells.every((cell) => shown.seen[cell] && danced.seen[cell])) continue;
    read(four, shown.vectors, danced.vectors, cells);
    count += 1;
    for (let at = 0; at < 8; at += 1) sums[at] += four[at];
    PAIRS.forEach(([one, other], at) => (products[at] += four[one] * four[other] + four[one + 1] * four[other + 1]));
  }
  if (count === 0) return;
  sum.count += WEIGHTS[s] * count;
  const about = PAIRS.map(([one, other], at) => WEIGHTS[s] * (products[at] - (sums[one] * sums[other] + sums[one + 1] * sums[other + 1]) / count));
  NAMES.forEach((name, at) => (sum[name] += about[at]));
}

const PAIRS = [
  [0, 2],
  [0, 0],
  [2, 2],
  [2, 4],
  [0, 4],
  [2, 6],
];
const NAMES = ["shared", "shown", "danced", "steadyShared", "steadyShown", "steadyDanced"];

function read(four, shown, danced, [here, before, after]) {
  for (let axis = 0; axis < 2; axis += 1) {
    four[axis] = shown[2 * here + axis];
    four[2 + axis] = danced[2 * here + axis];
    four[4 + axis] = 0.5 * (shown[2 * before + axis] + shown[2 * after + axis]);
    four[6 + axis] = 0.5 * (danced[2 * before + axis] + danced[2 * after + axis]);
  }
}

/** The quantile of both speeds that is called their peak, in lengths a second. */
function peaks(guide, dancer, limb, config) {
  const [fast, fastDanced] = [[], []];
  for (let row = 0; row < guide.rows; row += 1) {
    let [weights, square, squareDanced] = [0, 0, 0];
    for (let s = 0; s < S; s += 1) {
      const at = s * guide.rows + row;
      if (LIMB_OF[s] !== limb || !guide.known[at] || !dancer.known[at]) continue;
      weights += WEIGHTS[s];
      square += WEIGHTS[s] * guide.square[at];
      squareDanced += WEIGHTS[s] * dancer.square[at];
    }
    if (weights === 0) continue;
    fast.push(Math.sqrt(square / weights) / config.slope_s);
    fastDanced.push(Math.sqrt(squareDanced / weights) / config.slope_s);
  }
  if (fast.length < config.min_window_share * guide.rows) return [NaN, NaN];
  return [fast, fastDanced].map((speeds) => quantile(Float32Array.from(speeds).sort(), config.peak));
}
