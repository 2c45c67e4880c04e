/** Setting the counts by hand: what taps say of tempo and phase, and the small corrections after it. Pure. */
import { beatS, eightS, nearestBeat } from "./counts.js";

export const LEAST_TAPS = 4;
export const LEAST_BPM = 30;
export const MOST_BPM = 300;
const MOST_TAPS = 128;
const LONGEST_REST_S = 4;
const NORMAL_SPREAD = 1.4826; // median absolute deviation to standard deviation, for normally spread errors

/** One more tap in the row; a rest or a jump in time begins a new one. */
export function withTap(taps, tS) {
  const sinceS = taps.length ? tS - taps.at(-1) : 0;
  return sinceS < 0 || sinceS > LONGEST_REST_S ? [tS] : [...taps, tS].slice(-MOST_TAPS);
}

/**
 * The even beat behind taps, which may be late, early or left out now and then: a Theil-Sen line through the numbered taps
 * (the median of all slopes), so that a few wild taps move nothing.
 * @param {number[]} taps seconds of the guide, in order
 * @returns {{bpm: number, firstS: number, spreadS: number} | null} firstS: where the line has the first tap; spreadS: how
 *   far taps lie off the line (standard deviation, robust). Null with fewer than LEAST_TAPS, or no possible tempo.
 */
export function fitTaps(taps) {
  if (taps.length < LEAST_TAPS) return null;
  const numbers = numbered(taps);
  const slopes = [];
  for (let i = 0; i < taps.length; i++) {
    for (let j = i + 1; j < taps.length; j++) {
      if (numbers[j] > numbers[i]) slopes.push((taps[j] - taps[i]) / (numbers[j] - numbers[i]));
    }
  }
  const beat = median(slopes);
  const bpm = 60 / beat;
  if (!(bpm >= LEAST_BPM && bpm <= MOST_BPM)) return null;
  const firstS = median(taps.map((tS, i) => tS - numbers[i] * beat));
  const offs = taps.map((tS, i) => Math.abs(tS - firstS - numbers[i] * beat));
  return { bpm, firstS, spreadS: NORMAL_SPREAD * median(offs) };
}

/** The counts with a count 1 where somebody tapped it: on the nearest beat, moved by whole eights to the dance's first. */
export function withDownbeat(counts, tS) {
  return { ...counts, first_beat_s: firstInDance(counts, nearestBeat(counts, tS)) };
}

/** The first count 1 of the dance; one that began less than half a beat before the guide does is it, too. */
export function firstInDance(counts, tS) {
  const half = beatS(counts) / 2;
  const eight = eightS(counts);
  return tS - Math.floor((tS + half) / eight) * eight;
}

/** Another tempo about the same count 1, within what is possible. */
export function withTempo(counts, bpm) {
  return { ...counts, bpm: Math.min(MOST_BPM, Math.max(LEAST_BPM, bpm)) };
}

// Each tap's number in the row: the steps are rounded one by one, so that a tempo a little off cannot add up.
function numbered(taps) {
  const beat = median(taps.slice(1).map((tS, i) => tS - taps[i]));
  const numbers = [0];
  for (let i = 1; i < taps.length; i++) numbers.push(numbers[i - 1] + Math.max(1, Math.round((taps[i] - taps[i - 1]) / beat)));
  return numbers;
}

function median(values) {
  const order = [...values].sort((a, b) => a - b);
  const middle = order.length >> 1;
  return order.length % 2 ? order[middle] : (order[middle - 1] + order[middle]) / 2;
}
