import { beatS, eightAround, eightS, nearestBeat } from "../lib/counts.js";
import { clamp } from "../lib/drift.js";
import { sectionAt } from "../lib/timeline.js";

export const LEAST_LOOP_S = 0.5;
export const LEAST_COUNT_PX = 5; // counts closer together are neither drawn nor hit
const FALLBACK_LOOP_S = 4;
const SAME_S = 0.02;

/** What a loop may be of: "section" and "eight" where the dance knows them, "own" always. */
export function kindsOf({ sections, counts }) {
  return [sections.length > 0 && "section", counts && "eight", "own"].filter(Boolean);
}

/** The section or the eight around a moment as [start, end], cut to the dance; null where there is none. */
export function loopAround(kind, { sections, counts, durationS, tS }) {
  const atS = Math.min(tS, durationS - 1e-3);
  if (kind === "eight") return counts ? eightAround(counts, atS, durationS) : null;
  const section = kind === "section" ? sectionAt(sections, atS) : null;
  return section ? [section.start_s, Math.min(section.end_s, durationS)] : null;
}

/** The stretch that a press on "loop" means: of the wished kind, else of the first that exists here, else some seconds. */
export function loopHere(wished, dance) {
  for (const kind of [wished, "section", "eight"]) {
    const loop = loopAround(kind, dance);
    if (loop && loop[1] - loop[0] >= LEAST_LOOP_S) return { kind, loop };
  }
  const { durationS, tS } = dance;
  const startS = clamp(tS, 0, Math.max(0, durationS - FALLBACK_LOOP_S));
  return { kind: "own", loop: [startS, Math.min(startS + FALLBACK_LOOP_S, durationS)] };
}

/** By what name a stretch goes that somebody set: a whole section, a whole eight, or their own. */
export function kindOfLoop(loop, { sections, counts, durationS }) {
  const middleS = (loop[0] + loop[1]) / 2;
  const is = (kind) => loopAround(kind, { sections, counts, durationS, tS: middleS })?.every((tS, end) => Math.abs(tS - loop[end]) <= SAME_S);
  return ["section", "eight"].find(is) ?? "own";
}

/** The loop with its start (0) or end (1) at the count that is nearest to a moment; the other end gives way if it must. */
export function markedLoop(loop, end, tS, { counts, durationS }) {
  const marked = loop ? [...loop] : [0, durationS];
  marked[end] = clamp(counts ? nearestBeat(counts, tS) : tS, 0, durationS);
  if (marked[1] - marked[0] < LEAST_LOOP_S) marked[1 - end] = end === 0 ? durationS : 0;
  return marked[1] - marked[0] < LEAST_LOOP_S ? null : marked;
}

/** The loop between two moments of the timeline, whichever came first; null where it would be too short to dance. */
export function pickedLoop(aS, bS, { counts, durationS, perS }) {
  const loop = [aS, bS].map((tS) => clamp(snapToMark(counts, tS, perS), 0, durationS)).sort((a, b) => a - b);
  return loop[1] - loop[0] < LEAST_LOOP_S ? null : loop;
}

/** The nearest count, or the nearest eight where counts lie too close to be told apart at `perS` pixels a second. */
export function snapToMark(counts, tS, perS) {
  if (!counts) return tS;
  if (beatS(counts) * perS >= LEAST_COUNT_PX) return nearestBeat(counts, tS);
  return counts.first_beat_s + Math.round((tS - counts.first_beat_s) / eightS(counts)) * eightS(counts);
}

/** How many counts a loop lasts, where it lasts whole ones; else null. */
export function countsIn(loop, counts) {
  const beats = counts ? (loop[1] - loop[0]) / beatS(counts) : NaN;
  return Math.abs(beats - Math.round(beats)) < 0.05 ? Math.round(beats) : null;
}
