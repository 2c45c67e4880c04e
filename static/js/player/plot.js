import { heatColour } from "../lib/colours.js";
import { columnsOf, energyOf } from "../lib/timeline.js";

export const OVERALL_PX = 56;
export const ROW_PX = 20;
const CURVE_FULL_DEG = 60;

/** How high the plot is: the curve, and a row for each limb. */
export function plotHeight(limbs) {
  return OVERALL_PX + limbs.length * ROW_PX;
}

/** Paints a comparison: the error as a filled curve, below it one row of heat for each limb; hatched where nobody judged. */
export function paintComparison(ctx, { comparison, limbs, durationS, width, tokens }) {
  const { timeline } = comparison;
  const columns = Math.max(1, Math.round(width));
  hatch(ctx, width, plotHeight(limbs), tokens);
  paintCurve(ctx, columnsOf(timeline, timeline.error_deg, durationS, columns), tokens);
  limbs.forEach((limb, row) => {
    const errors = columnsOf(timeline, timeline.limb_error_deg[limb], durationS, columns);
    paintRow(ctx, errors, OVERALL_PX + row * ROW_PX, tokens);
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
