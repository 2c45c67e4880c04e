import { heatColour } from "../lib/colours.js";
import { beatS, beatsBetween } from "../lib/counts.js";
import { clamp } from "../lib/drift.js";
import { columnsOf, energyOf } from "../lib/timeline.js";
import { LEAST_COUNT_PX } from "./loops.js";

export const OVERALL_PX = 56;
export const ROW_PX = 20;
const LAG_PX = 40;
const LAG_FULL_MS = 300;
const CURVE_FULL_DEG = 60;

/** Whether anything is known of when the dancer was early or late. */
export function hasLag(comparison) {
  return comparison?.timeline.lag_ms?.some((lagMs) => lagMs !== null) ?? false;
}

/** Where the rows of the limbs begin: below the curve, and below the lag where it is known. */
export function rowsTop(comparison) {
  return OVERALL_PX + (hasLag(comparison) ? LAG_PX : 0);
}

/** How high the plot is: the curve, the lag, and a row for each limb. */
export function plotHeight(comparison, limbs) {
  return rowsTop(comparison) + limbs.length * ROW_PX;
}

/**
 * Paints a comparison: the error as a filled curve, the lag about its line, and a row of heat for each limb, in eights
 * where the result has them; hatched where nobody judged.
 */
export function paintComparison(ctx, { comparison, limbs, durationS, width, tokens }) {
  const { timeline } = comparison;
  const columns = Math.max(1, Math.round(width));
  const top = rowsTop(comparison);
  hatch(ctx, width, plotHeight(comparison, limbs), tokens);
  paintCurve(ctx, columnsOf(timeline, timeline.error_deg, durationS, columns), tokens);
  if (hasLag(comparison)) paintLag(ctx, columnsOf(timeline, timeline.lag_ms, durationS, columns), tokens);
  limbs.forEach((limb, row) => {
    const y = top + row * ROW_PX;
    if (comparison.eights?.length) paintEights(ctx, comparison.eights, { limb, y, perS: width / durationS, tokens });
    else paintRow(ctx, columnsOf(timeline, timeline.limb_error_deg[limb], durationS, columns), y, tokens);
  });
}

/** Paints a guide alone: how much moves when. */
export function paintEnergy(ctx, { speeds, width, tokens }) {
  const columns = Math.max(1, Math.floor(width / 4));
  const middle = OVERALL_PX / 2;
  ctx.fillStyle = tokens.guide;
  energyOf(speeds, columns).forEach((energy, column) => {
    const half = Math.max(1, energy * (middle - 6));
    ctx.globalAlpha = 0.3 + 0.6 * energy;
    ctx.beginPath();
    ctx.roundRect(column * 4 + 0.5, middle - half, 3, half * 2, 1.5);
    ctx.fill();
  });
  ctx.globalAlpha = 1;
}

/** Marks where the eights begin, and the counts between them where there is room. */
export function paintCounts(ctx, { counts, durationS, width, tokens }) {
  const perS = width / durationS;
  const room = beatS(counts) * perS >= LEAST_COUNT_PX;
  ctx.fillStyle = tokens.paper;
  for (const { tS, count } of beatsBetween(counts, 0, durationS)) {
    if (count > 1 && !room) continue;
    const height = count === 1 ? OVERALL_PX : OVERALL_PX / 8;
    ctx.globalAlpha = count === 1 ? 0.7 : 0.4;
    ctx.fillRect(Math.round(tS * perS), OVERALL_PX - height, 1, height);
  }
  ctx.globalAlpha = 1;
}

function paintCurve(ctx, errors, tokens) {
  const yOf = (errorDeg) => OVERALL_PX - 4 - Math.min(1, errorDeg / CURVE_FULL_DEG) * (OVERALL_PX - 12);
  errors.forEach((errorDeg, x) => {
    if (errorDeg === null) return;
    ctx.clearRect(x, 0, 1.1, OVERALL_PX);
    ctx.fillStyle = heatColour(errorDeg, tokens.heat);
    ctx.fillRect(x, yOf(errorDeg), 1.1, OVERALL_PX - 3 - yOf(errorDeg));
  });
  ctx.strokeStyle = tokens.paper;
  ctx.lineWidth = 1.5;
  ctx.lineJoin = "round";
  ctx.beginPath();
  let pen = false;
  errors.forEach((errorDeg, x) => {
    if (errorDeg !== null) ctx[pen ? "lineTo" : "moveTo"](x + 0.5, yOf(errorDeg));
    pen = errorDeg !== null;
  });
  ctx.stroke();
}

// Early above its line, late below: the place tells, not a colour.
function paintLag(ctx, lags, tokens) {
  const middle = OVERALL_PX + LAG_PX / 2;
  const reach = LAG_PX / 2 - 4;
  lags.forEach((lagMs, x) => {
    if (lagMs === null) return;
    const y = middle + clamp(lagMs / LAG_FULL_MS, -1, 1) * reach;
    ctx.clearRect(x, OVERALL_PX + 1, 1.1, LAG_PX - 2);
    ctx.fillStyle = tokens.mist;
    ctx.fillRect(x, Math.min(y, middle), 1.1, Math.max(1.5, Math.abs(y - middle)));
  });
  ctx.fillStyle = tokens.paper;
  ctx.globalAlpha = 0.5;
  ctx.fillRect(0, middle - 0.5, lags.length, 1);
  ctx.globalAlpha = 1;
}

function paintEights(ctx, eights, { limb, y, perS, tokens }) {
  for (const { start_s: startS, end_s: endS, limbs } of eights) {
    const score = limbs[limb] ?? null;
    if (score === null) continue;
    const [x, width] = [startS * perS + 0.75, Math.max(1, (endS - startS) * perS - 1.5)];
    ctx.clearRect(x, y + 1, width, ROW_PX - 2);
    ctx.fillStyle = heatColour(100 - score, tokens.heat);
    ctx.fillRect(x, y + 1, width, ROW_PX - 2);
  }
}

function paintRow(ctx, errors, y, tokens) {
  ctx.clearRect(0, y - 1, errors.length + 1, 2);
  errors.forEach((errorDeg, x) => {
    if (errorDeg === null) return;
    ctx.fillStyle = heatColour(errorDeg, tokens.heat);
    ctx.fillRect(x, y + 1, 1.1, ROW_PX - 2);
  });
}

function hatch(ctx, width, height, tokens) {
  ctx.strokeStyle = tokens.line;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  for (let at = -height; at < width; at += 8) {
    ctx.moveTo(at, height);
    ctx.lineTo(at + height, 0);
  }
  ctx.stroke();
}
