/**
 * How late a dancer's movement reaches us, from hands that clap with clicks. All times in ms on one clock.
 */
import { median } from "./time-base.js";

export const EARLIEST_MS = -150; // people clap a little before a beat that they foresee
export const LATEST_MS = 600;
const SAME_MS = 90;
const LEAST_MATCHED = 5;
const MOST_SPREAD_MS = 45;
const CLOSED = 0.75; // hands at most this far apart, in shoulder breadths, have clapped
const LEAST_DIP = 0.35; // and have come this much nearer than between two claps
const NEIGHBOUR_MS = 260;
const NORMAL_MAD = 1.4826; // of the median deviation: a normal distribution's standard deviation

/**
 * The moments of claps: each deepest approach of the hands, its time refined between the pictures.
 * @param {{ms: number, gap: number}[]} samples distance of the hands in shoulder breadths, in order of time
 */
export function clapTimes(samples) {
  const claps = [];
  for (let i = 1; i < samples.length - 1; i++) {
    const { ms, gap } = samples[i];
    if (gap > CLOSED) continue;
    const near = samples.filter((other) => Math.abs(other.ms - ms) <= NEIGHBOUR_MS);
    if (near.some((other) => other.gap < gap || (other.gap === gap && other.ms < ms))) continue;
    const opened = (side) => Math.max(...near.filter((other) => Math.sign(other.ms - ms) === side).map((other) => other.gap));
    if (Math.min(opened(-1), opened(1)) - gap < LEAST_DIP) continue;
    claps.push(deepest(samples[i - 1], samples[i], samples[i + 1]));
  }
  return claps;
}

// A clap is a corner rather than a bowl: two flanks, taken as equally steep, meet at it between two pictures.
function deepest(before, at, after) {
  const falling = (before.gap - at.gap) / (at.ms - before.ms);
  const rising = (after.gap - at.gap) / (after.ms - at.ms);
  const steep = Math.max(falling, rising);
  if (!(steep > 0)) return at.ms;
  if (rising > falling) return (before.ms + at.ms) / 2 + (before.gap - at.gap) / (2 * steep);
  return (at.ms + after.ms) / 2 - (after.gap - at.gap) / (2 * steep);
}

/**
 * @param {number[]} clicks when each click was heard
 * @param {number[]} claps when the hands met in the camera's pictures
 * @returns {{latencyMs: number|null, spreadMs: number|null, matched: number, isGood: boolean}}
 */
export function latencyFrom(clicks, claps) {
  const lags = clicks.flatMap((click, n) =>
    claps.map((clap) => ({ n, lag: clap - click })).filter(({ lag }) => lag >= EARLIEST_MS && lag <= LATEST_MS),
  );
  const crowd = lags.map(({ lag }) => oneAClick(lags, lag)).sort((a, b) => b.length - a.length || spreadOf(a) - spreadOf(b))[0] ?? [];
  if (crowd.length === 0) return { latencyMs: null, spreadMs: null, matched: 0, isGood: false };
  const spreadMs = spreadOf(crowd);
  return {
    latencyMs: Math.round(median(crowd)),
    spreadMs: Math.round(spreadMs),
    matched: crowd.length,
    isGood: crowd.length >= Math.min(LEAST_MATCHED, clicks.length) && spreadMs <= MOST_SPREAD_MS,
  };
}

// Around one lag, each click's nearest clap counts once.
function oneAClick(lags, around) {
  const nearest = new Map();
  for (const { n, lag } of lags) {
    if (Math.abs(lag - around) > SAME_MS) continue;
    if (!nearest.has(n) || Math.abs(lag - around) < Math.abs(nearest.get(n) - around)) nearest.set(n, lag);
  }
  return [...nearest.values()];
}

function spreadOf(lags) {
  const middle = median(lags);
  return NORMAL_MAD * median(lags.map((lag) => Math.abs(lag - middle)));
}
