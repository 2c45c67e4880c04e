/** Verdicts as shapes, words and counts. A shape each, so that no colour has to be told apart. */
import { svg } from "../lib/dom.js";
import { word } from "../lib/words.js";

export const VERDICTS = ["perfect", "great", "good", "ok", "miss"];
const CARRY_ON = new Set(["perfect", "great", "good"]);
const NOTED_MS = 70;
const ROUGH_MS = 10;

/** star, ring, bar, dot, dash; a blank circle where too little was seen. */
const SHAPES = {
  perfect: () => svg("path", { d: "m12 2.5 2.9 6.2 6.8.8-5 4.6 1.3 6.7-6-3.3-6 3.3 1.3-6.7-5-4.6 6.8-.8z", fill: "currentColor" }),
  great: () => svg("circle", { cx: 12, cy: 12, r: 7.5, fill: "none", stroke: "currentColor", "stroke-width": 4 }),
  good: () => svg("rect", { x: 9, y: 3, width: 6, height: 18, rx: 2, fill: "currentColor" }),
  ok: () => svg("circle", { cx: 12, cy: 12, r: 4.5, fill: "currentColor" }),
  miss: () => svg("path", { d: "M5 12h14", fill: "none", stroke: "currentColor", "stroke-width": 4, "stroke-linecap": "round" }),
  none: () => svg("circle", { cx: 12, cy: 12, r: 7, fill: "none", stroke: "currentColor", "stroke-width": 1.5, "stroke-dasharray": "3 3" }),
};

export function drawShape(element, verdict) {
  element.replaceChildren(SHAPES[verdict ?? "none"]());
}

export function shapeOf(verdict) {
  const shape = svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" });
  drawShape(shape, verdict);
  return shape;
}

export function verdictWord(verdict) {
  return word(`live_verdict_${verdict ?? "none"}`);
}

/** How many good ones in a row; what was not judged neither adds nor breaks. */
export function streakAfter(streak, verdict) {
  if (verdict === null) return streak;
  return CARRY_ON.has(verdict) ? streak + 1 : 0;
}

/** Early or late in words, or "" where nobody would notice. Positive is late. */
export function lagWords(lagMs) {
  if (lagMs === null || Math.abs(lagMs) < NOTED_MS) return "";
  const ms = Math.round(Math.abs(lagMs) / ROUGH_MS) * ROUGH_MS;
  return word(lagMs > 0 ? "live_late" : "live_early", { ms });
}

/** [verdict, how many] of those that came, best first. */
export function totalsOf(eights) {
  const count = (verdict) => eights.filter((eight) => eight.verdict === verdict).length;
  return [...VERDICTS, null].map((verdict) => [verdict, count(verdict)]).filter(([, n]) => n > 0);
}
