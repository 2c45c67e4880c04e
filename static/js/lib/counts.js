/** Where the counts lie: count k (from 1) starts at first_beat_s + (k - 1) * 60 / bpm. */

export function beatS(counts) {
  return 60 / counts.bpm;
}

/** The count now: {count 1..8, eight from 0, phase in [0, 1)}; null before the first count. */
export function countAt(counts, tS) {
  const beats = (tS - counts.first_beat_s) / beatS(counts);
  if (beats < -1e-6) return null;
  const whole = Math.floor(beats + 1e-6);
  return { count: (whole % 8) + 1, eight: Math.floor(whole / 8), phase: Math.max(0, beats - whole) };
}

/** The time of the next (+1) or previous (-1) count from a moment. */
export function neighbourCount(counts, tS, direction) {
  const beats = (tS - counts.first_beat_s) / beatS(counts);
  const target = direction > 0 ? Math.floor(beats + 0.02) + 1 : Math.ceil(beats - 0.02) - 1;
  return counts.first_beat_s + target * beatS(counts);
}

/** The nearest count, if it is closer than a third of a count; otherwise the moment itself. */
export function snapToCount(counts, tS) {
  if (!counts) return tS;
  const beats = (tS - counts.first_beat_s) / beatS(counts);
  const nearest = Math.round(beats);
  return Math.abs(beats - nearest) < 1 / 3 ? counts.first_beat_s + nearest * beatS(counts) : tS;
}

/** The eight-count around a moment as [start, end] in seconds, cut to the dance. */
export function eightAround(counts, tS, durationS) {
  const eight = 8 * beatS(counts);
  const start = counts.first_beat_s + Math.floor((tS - counts.first_beat_s) / eight + 1e-6) * eight;
  return [Math.max(0, start), Math.min(durationS, start + eight)];
}
