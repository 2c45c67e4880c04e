/**
 * How late each moment of one eight was danced, for the body and for each limb: choreography/comparison/timing.py, which
 * says why, for the few seconds that are known. Lags are seconds of the guide, positive where the dancer is late.
 */

import { LIMBS, LIMB_OF, SEGMENT_COUNT, WEIGHTS } from "./scorer-segments.js";

const S = SEGMENT_COUNT;
const PARTS = 4; // of a sum: frames seen by both, shared change, the guide's square, the dancer's square
const UNRELATED = -1;

/** Rows by which the dancer's movement reaches beyond the guide's at both ends. */
export function padding(config, rateHz) {
  return Math.round(config.max_lag_s * rateHz);
}

export function blockRows(config, rateHz) {
  return Math.max(Math.round(config.hop_s * rateHz), 1);
}

/**
 * @param {object} shown   the guide's movement, N rows
 * @param {object} danced  the dancer's, N + 2 * padding rows
 * @param {Float64Array} overall  evidence of the take so far for each lag; what is new in this eight is added
 * @param {number} firstNew  the first of the N rows that are not a repetition of the eight before
 * @returns {{lagS: Float64Array, limbLagS: Float64Array}} N, and N * limbs; NaN where the shape does not say
 */
export function measureLags(shown, danced, overall, firstNew, config, rateHz) {
  const hop = blockRows(config, rateHz);
  const pad = padding(config, rateHz);
  const lagsS = Float64Array.from({ length: 2 * pad + 1 }, (_, at) => (at - pad) / rateHz);
  const sums = runningSums(shown, danced, pad, hop, config, rateHz);
  const everything = [WEIGHTS.map((_, s) => s)];
  const body = evidenceOf(sums, everything, config.window_s, config.unrelated_share, hop, config, rateHz);
  addEvidence(overall, body, Math.ceil(firstNew / hop));
  const usual = lagsS[indexOfMost(overall, 0, overall.length)];
  const ofBody = tracked(body, (_, lagS) => -config.stray_cost_per_s * Math.abs(lagS - usual), lagsS, hop / rateHz, config);
  const sure = ofBody.lagS.map((lagS, at) => (ofBody.sureness[at] >= config.min_sureness ? lagS : NaN));
  const leader = nearestKnown(ofBody.lagS.map((lagS, at) => (ofBody.related[at] ? lagS : NaN)));
  const groups = LIMBS.map((_, limb) => WEIGHTS.map((_w, s) => s).filter((s) => LIMB_OF[s] === limb));
  const limbs = evidenceOf(sums, groups, config.limb_window_s, config.unrelated_limb_share, hop, config, rateHz);
  const ofLimbs = tracked(limbs, (block, lagS) => -config.follow_cost_per_s * Math.abs(lagS - leader[block]), lagsS, hop / rateHz, config);
  const own = ofLimbs.lagS.map((lagS, at) => {
    const block = Math.floor(at / LIMBS.length);
    return ofLimbs.sureness[at] >= config.min_sureness && ofBody.related[block] ? lagS : sure[block];
  });
  return { lagS: toRows(sure, 1, hop, shown.count), limbLagS: toRows(own, LIMBS.length, hop, shown.count) };
}

/** The lag, where it is NaN the nearest known one; 0 if none is known. */
export function nearestKnown(lagS) {
  const nearest = Float64Array.from(lagS);
  let [known, sinceS] = [NaN, Infinity];
  const far = new Float64Array(lagS.length).fill(Infinity);
  for (let at = 0; at < lagS.length; at += 1) {
    [known, sinceS] = isFinite(lagS[at]) ? [lagS[at], 0] : [known, sinceS + 1];
    [nearest[at], far[at]] = [known, sinceS];
  }
  [known, sinceS] = [NaN, Infinity];
  for (let at = lagS.length - 1; at >= 0; at -= 1) {
    [known, sinceS] = isFinite(lagS[at]) ? [lagS[at], 0] : [known, sinceS + 1];
    if (sinceS < far[at]) nearest[at] = known;
  }
  return nearest.map((value) => (isFinite(value) ? value : 0));
}

/**
 * Change of the vectors over `slopeS` about each row, segment by segment: {x, y, square, known}, each S * rows.
 * Means of the rows before and after are subtracted, so that jitter of the joints weighs less.
 */
export function changeOf(movement, slopeS, rateHz) {
  const rows = movement.count;
  const side = Math.max(Math.round(slopeS * rateHz) - 1, 1);
  const [x, y, square, known] = Array.from({ length: 4 }, () => new Float32Array(S * rows));
  const { vectors, seen } = movement;
  for (let s = 0; s < S; s += 1) {
    for (let row = side; row < rows - side; row += 1) {
      if (!seen[row * S + s]) continue;
      let [movedX, movedY, whole] = [0, 0, true];
      for (let step = 1; step <= side && whole; step += 1) {
        const [ahead, behind] = [(row + step) * S + s, (row - step) * S + s];
        whole = seen[ahead] === 1 && seen[behind] === 1;
        movedX += vectors[2 * ahead] - vectors[2 * behind];
        movedY += vectors[2 * ahead + 1] - vectors[2 * behind + 1];
      }
      if (!whole) continue;
      const at = s * rows + row;
      [x[at], y[at], known[at]] = [movedX / side, movedY / side, 1];
      square[at] = x[at] ** 2 + y[at] ** 2;
    }
  }
  return { rows, x, y, square, known };
}

/** Sums of the products of both changes up to each block, so that those of a window are a difference of two. */
function runningSums(shown, danced, pad, hop, config, rateHz) {
  const [guide, dancer] = [shown, danced].map((movement) => changeOf(movement, config.slope_s, rateHz));
  const blocks = Math.ceil(guide.rows / hop);
  const lags = 2 * pad + 1;
  const stride = S * lags * PARTS;
  const values = new Float64Array((blocks + 1) * stride);
  for (let block = 0; block < blocks; block += 1) {
    const to = (block + 1) * stride;
    values.copyWithin(to, block * stride, to);
    for (let row = block * hop; row < Math.min((block + 1) * hop, guide.rows); row += 1) addRow(values, to, guide, dancer, row, lags);
  }
  return { blocks, lags, stride, values };
}

function addRow(values, to, guide, dancer, row, lags) {
  for (let s = 0; s < S; s += 1) {
    const from = s * guide.rows + row;
    if (!guide.known[from]) continue;
    const [x, y, square] = [guide.x[from], guide.y[from], guide.square[from]];
    let cell = to + s * lags * PARTS;
    for (let at = s * dancer.rows + row; at < s * dancer.rows + row + lags; at += 1, cell += PARTS) {
      if (!dancer.known[at]) continue;
      values[cell] += 1;
      values[cell + 1] += x * dancer.x[at] + y * dancer.y[at];
      values[cell + 2] += square;
      values[cell + 3] += dancer.square[at];
    }
  }
}

/**
 * Nats for each lag of each group of segments in the window around each block; nats that unrelated movement would reach;
 * independent samples of moving segments.
 */
function evidenceOf(sums, groups, windowS, unrelatedShare, hop, config, rateHz) {
  const { blocks, lags } = sums;
  const half = Math.max(Math.round((windowS * rateHz) / hop / 2 - 0.5), 0);
  const nats = new Float64Array(blocks * groups.length * lags);
  const samples = new Float64Array(blocks * groups.length);
  const own = new Float64Array(lags);
  for (let block = 0; block < blocks; block += 1) {
    const [from, to] = [Math.max(0, block - half), Math.min(blocks, block + half + 1)];
    groups.forEach((segments, group) => {
      const cell = block * groups.length + group;
      for (const s of segments) {
        samples[cell] += WEIGHTS[s] * segmentNats(sums, from, to, s, own, config, rateHz);
        for (let lag = 0, at = cell * lags; lag < lags; lag += 1, at += 1) nats[at] += WEIGHTS[s] * own[lag];
      }
    });
  }
  const unrelated = samples.map((each) => -0.5 * Math.log(1 - unrelatedShare) * each);
  return { blocks, groups: groups.length, lags, width: 2 * half + 1, nats, unrelated, samples };
}

/** Fills `nats` for one segment and returns the samples in which the guide moves it. */
function segmentNats({ lags, stride, values }, from, to, s, nats, config, rateHz) {
  const [first, last] = [from * stride + s * lags * PARTS, to * stride + s * lags * PARTS];
  const still = config.still_change ** 2;
  const perRow = config.independent_hz / rateHz;
  let most = 0;
  for (let lag = 0, cell = 0; lag < lags; lag += 1, cell += PARTS) {
    const count = values[last + cell] - values[first + cell];
    nats[lag] = 0;
    if (count < 0.5) continue;
    const shared = values[last + cell + 1] - values[first + cell + 1];
    const shown = Math.max(values[last + cell + 2] - values[first + cell + 2], 0);
    const danced = Math.max(values[last + cell + 3] - values[first + cell + 3], 0);
    const floor = count * still;
    const explained = (shared * shared) / Math.max((shown + floor) * (danced + floor), 1e-12);
    nats[lag] = -0.5 * count * perRow * Math.sign(shared) * Math.log(1 - explained / (1 + config.closest));
    most = Math.max(most, (count * perRow * shown) / Math.max(shown + floor, 1e-12));
  }
  return most;
}

function addEvidence(overall, { blocks, lags, nats }, firstBlock) {
  for (let block = firstBlock; block < blocks; block += 1) {
    for (let lag = 0; lag < lags; lag += 1) overall[lag] += nats[block * lags + lag];
  }
}

/** The best path of each group through its evidence, finer than a row and smooth, and how sure it is. */
function tracked(evidence, prior, lagsS, hopS, config) {
  const cells = evidence.blocks * evidence.groups;
  const found = { lagS: new Float64Array(cells), related: new Uint8Array(cells), sureness: new Float64Array(cells) };
  for (let group = 0; group < evidence.groups; group += 1) trackGroup(evidence, group, prior, lagsS, hopS, config, found);
  return found;
}

function trackGroup(evidence, group, prior, lagsS, hopS, config, found) {
  const { blocks, groups, lags, width, nats, unrelated, samples } = evidence;
  const cellOf = (block) => block * groups + group;
  const score = (block, lag) => (nats[cellOf(block) * lags + lag] + prior(block, lagsS[lag])) / width;
  const path = bestPath(blocks, lags, score, (block) => unrelated[cellOf(block)] / width, lagsS, config);
  const [rough, precision, variance, here, beyond] = Array.from({ length: 5 }, () => new Float64Array(blocks));
  const step = lagsS[1] - lagsS[0];
  for (let block = 0; block < blocks; block += 1) {
    const at = Math.max(path[block], 0);
    const inner = Math.min(Math.max(at, 1), lags - 2);
    const from = cellOf(block) * lags + inner;
    const [before, peak, after] = nats.subarray(from - 1, from + 2);
    const bend = Math.min(before - 2 * peak + after, 0);
    const rise = bend < 0 ? (0.5 * (before - after)) / bend : 0;
    rough[block] = lagsS[inner] + Math.min(1, Math.max(-1, rise)) * step;
    const isRelated = path[block] !== UNRELATED;
    precision[block] = isRelated ? -bend / step ** 2 / width : 0;
    here[block] = peak;
    beyond[block] = isRelated && ((at === 0 && before >= peak) || (at === lags - 1 && after >= peak)) ? 1 : 0;
    const stride = block > 0 ? lagsS[at] - lagsS[Math.max(path[block - 1], 0)] : 0;
    variance[block] = config.wander_s ** 2 * hopS + stride ** 2;
  }
  const smooth = smoothed(rough, precision, variance);
  for (let block = 0; block < blocks; block += 1) {
    const isRelated = path[block] !== UNRELATED;
    const match = isRelated ? matchAround(block, width >> 1, path, here, (at) => samples[cellOf(at)]) : 0;
    found.lagS[cellOf(block)] = smooth.lagS[block];
    found.related[cellOf(block)] = isRelated ? 1 : 0;
    found.sureness[cellOf(block)] = isRelated && !beyond[block] ? surenessOf(match, smooth.errorS[block], config) : 0;
  }
}

function matchAround(block, half, path, here, samplesOf) {
  let [explained, samples] = [0, 0];
  for (let at = Math.max(0, block - half); at <= Math.min(path.length - 1, block + half); at += 1) {
    if (path[at] === UNRELATED) continue;
    explained += here[at];
    samples += samplesOf(at);
  }
  return Math.sqrt(Math.min(1, Math.max(0, 1 - Math.exp((-2 * explained) / Math.max(samples, 1e-6)))));
}

function surenessOf(match, errorS, config) {
  const matched = (match - config.faint_match) / (config.full_match - config.faint_match);
  const sharp = (config.faint_error_s - errorS) / (config.faint_error_s - config.full_error_s);
  return Math.min(1, Math.max(0, matched)) * Math.min(1, Math.max(0, sharp));
}

/** Viterbi over the lags and one more state for unrelated movement; a change costs in proportion to its size. */
function bestPath(blocks, lags, score, unrelatedScore, lagsS, config) {
  const cost = config.change_cost_per_s * (lagsS[1] - lagsS[0]);
  const totals = [];
  for (let block = 0; block < blocks; block += 1) {
    const now = new Float64Array(lags + 1);
    for (let lag = 0; lag < lags; lag += 1) now[lag] = score(block, lag);
    now[lags] = unrelatedScore(block);
    if (block > 0) arrive(now, totals[block - 1], lags, cost, config.doubt_cost);
    totals.push(now);
  }
  const path = new Int16Array(blocks);
  let state = indexOfMost(totals[blocks - 1], 0, lags + 1);
  for (let block = blocks - 1; block >= 0; block -= 1) {
    path[block] = state === lags ? UNRELATED : state;
    if (block > 0) state = cameFrom(totals[block - 1], state, lags, cost, config.doubt_cost);
  }
  return path;
}

function arrive(now, before, lags, cost, doubtCost) {
  const best = Float64Array.from(before.subarray(0, lags));
  const most = Math.max(...best);
  for (let lag = 1; lag < lags; lag += 1) best[lag] = Math.max(best[lag], best[lag - 1] - cost);
  for (let lag = lags - 2; lag >= 0; lag -= 1) best[lag] = Math.max(best[lag], best[lag + 1] - cost);
  for (let lag = 0; lag < lags; lag += 1) now[lag] += Math.max(best[lag], before[lags] - doubtCost);
  now[lags] += Math.max(before[lags], most - doubtCost);
}

function cameFrom(before, state, lags, cost, doubtCost) {
  let [best, most] = [0, -Infinity];
  for (let lag = 0; lag <= lags; lag += 1) {
    const jumps = lag === lags || state === lags;
    const way = jumps ? (lag === state ? 0 : doubtCost) : cost * Math.abs(lag - state);
    if (before[lag] - way > most) [best, most] = [lag, before[lag] - way];
  }
  return best;
}

/** The smoother of a random walk in information form: messages from before and after are added to what is measured. */
function smoothed(rough, precision, variance) {
  const ahead = messages(rough, precision, variance);
  const back = messages(rough.slice().reverse(), precision.slice().reverse(), Float64Array.of(0, ...variance.slice(1).reverse()));
  const last = rough.length - 1;
  const lagS = new Float64Array(rough.length);
  const errorS = new Float64Array(rough.length);
  for (let at = 0; at <= last; at += 1) {
    const total = Math.max(precision[at] + ahead.told[at] + back.told[last - at], 1e-6);
    lagS[at] = (precision[at] * rough[at] + ahead.weighted[at] + back.weighted[last - at]) / total;
    errorS[at] = 1 / Math.sqrt(total);
  }
  return { lagS, errorS };
}

function messages(rough, precision, variance) {
  const told = new Float64Array(rough.length);
  const weighted = new Float64Array(rough.length);
  for (let at = 1; at < rough.length; at += 1) {
    const known = told[at - 1] + precision[at - 1];
    const fading = 1 / (1 + known * variance[at]);
    told[at] = known * fading;
    weighted[at] = (weighted[at - 1] + precision[at - 1] * rough[at - 1]) * fading;
  }
  return { told, weighted };
}

/** From the blocks' centres to rows, by straight lines; NaN reaches no further than its own block. */
function toRows(values, width, hop, rows) {
  const blocks = values.length / width;
  const found = new Float64Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    const centre = (row - (hop - 1) / 2) / hop;
    const left = Math.min(Math.max(Math.floor(centre), 0), Math.max(blocks - 2, 0));
    const right = Math.min(left + 1, blocks - 1);
    const share = Math.min(1, Math.max(0, centre - left));
    const own = Math.min(Math.floor(row / hop), blocks - 1);
    for (let column = 0; column < width; column += 1) {
      const between = values[left * width + column] * (1 - share) + values[right * width + column] * share;
      found[row * width + column] = isFinite(between) ? between : values[own * width + column];
    }
  }
  return found;
}

function indexOfMost(values, from, to) {
  let best = from;
  for (let at = from + 1; at < to; at += 1) if (values[at] > values[best]) best = at;
  return best;
}
