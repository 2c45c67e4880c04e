/**
 * Where the counts lie, as choreography/comparison/counts.py has it: beats start at first_beat_s + n * 60 / bpm for every
 * whole n, and n = 0 is a count 1. They run through the whole dance, also before first_beat_s, which may be negative.
 */

export const COUNTS_AN_EIGHT = 8;
const EARLY_SHARE = 1e-6; // rounding must not move the very beginning of a count into the one before

export function beatS(counts) {
  return 60 / counts.bpm;
}

export function eightS(counts) {
  return COUNTS_AN_EIGHT * beatS(counts);
}

/** Beats since the count 1 at first_beat_s; negative before it. */
export function beatAt(counts, tS) {
  return Math.floor((tS - counts.first_beat_s) / beatS(counts) + EARLY_SHARE);
}

/** The count now: {count 1..8, eight (0 begins at first_beat_s, negative before), phase in [0, 1)}. */
export function countAt(counts, tS) {
  const beats = (tS - counts.first_beat_s) / beatS(counts);
  const whole = beatAt(counts, tS);
  const eight = Math.floor(whole / COUNTS_AN_EIGHT);
  return { count: whole - eight * COUNTS_AN_EIGHT + 1, eight, phase: Math.max(0, beats - whole) };
}

/** An eight's number for people, from 1: within the section in which this moment lies, or within the dance. */
export function eightNumber(counts, sections, tS) {
  const middleS = counts.first_beat_s + (beatAt(counts, tS) + 0.5) * beatS(counts);
  const section = sections.find((part) => part.start_s <= middleS && middleS < part.end_s);
  const { eight } = countAt(counts, tS);
  // Half a beat of grace: sections are set by hand.
  const first = section ? countAt(counts, section.start_s + 0.5 * beatS(counts)).eight : 0;
  return Math.max(1, eight - first + 1);
}

/** The time of the next (+1) or previous (-1) count from a moment. */
export function neighbourCount(counts, tS, direction) {
  const beats = (tS - counts.first_beat_s) / beatS(counts);
  const target = direction > 0 ? Math.floor(beats + 0.02) + 1 : Math.ceil(beats - 0.02) - 1;
  return counts.first_beat_s + target * beatS(counts);
}

/** The time of the beat that is nearest to a moment. */
export function nearestBeat(counts, tS) {
  return counts.first_beat_s + Math.round((tS - counts.first_beat_s) / beatS(counts)) * beatS(counts);
}

/** The eight-count around a moment as [start, end] in seconds, cut to the dance. */
export function eightAround(counts, tS, durationS) {
  const start = counts.first_beat_s + countAt(counts, tS).eight * eightS(counts);
  return [Math.max(0, start), Math.min(durationS, start + eightS(counts))];
}

/** The beats that begin in [fromS, toS): [{tS, count}]. */
export function beatsBetween(counts, fromS, toS) {
  const beats = [];
  for (let n = Math.ceil((fromS - counts.first_beat_s) / beatS(counts) - EARLY_SHARE); ; n++) {
    const tS = counts.first_beat_s + n * beatS(counts);
    if (tS >= toS) return beats;
    beats.push({ tS, count: (((n % COUNTS_AN_EIGHT) + COUNTS_AN_EIGHT) % COUNTS_AN_EIGHT) + 1 });
  }
}
