import { beatsBetween } from "../lib/counts.js";
import { readTokens } from "../lib/colours.js";

const BEFORE_S = 2;
const AFTER_S = 4;
const LEAST_NUMBER_PX = 14;

/** Draws the counts around a moment, which stands still at a third of the width, and the taps as dots under them. */
export function paintStrip(canvas, { counts, taps, tS }) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const dots = Math.min(devicePixelRatio || 1, 2);
  canvas.width = Math.round(width * dots);
  canvas.height = Math.round(height * dots);
  const ctx = canvas.getContext("2d");
  ctx.setTransform(dots, 0, 0, dots, 0, 0);
  const tokens = readTokens(canvas);
  const perS = width / (BEFORE_S + AFTER_S);
  const xOf = (atS) => (atS - tS + BEFORE_S) * perS;
  ctx.textAlign = "center";
  ctx.font = `600 13px ${getComputedStyle(canvas).fontFamily}`;
  if (counts) paintCounts(ctx, { counts, fromS: tS - BEFORE_S, toS: tS + AFTER_S, xOf, perS, height, tokens });
  ctx.fillStyle = tokens.paper;
  for (const tapS of taps) {
    ctx.beginPath();
    ctx.arc(xOf(tapS), height - 7, 3, 0, 2 * Math.PI);
    ctx.fill();
  }
  ctx.fillRect(xOf(tS) - 1, 0, 2, height);
}

function paintCounts(ctx, { counts, fromS, toS, xOf, perS, height, tokens }) {
  const numbered = (60 / counts.bpm) * perS >= LEAST_NUMBER_PX;
  for (const { tS, count } of beatsBetween(counts, fromS, toS)) {
    const one = count === 1;
    ctx.fillStyle = one ? tokens.guide : tokens.mist;
    ctx.fillRect(Math.round(xOf(tS)) - (one ? 1 : 0), 20, one ? 2 : 1, one ? height - 20 : (height - 20) / 2);
    if (numbered || one) ctx.fillText(String(count), xOf(tS), 14);
  }
}
