import { readTokens } from "../lib/colours.js";
import { html } from "../lib/dom.js";
import { asMatrix, contain } from "../lib/geometry.js";
import { bodyOf, figureGlow, POSTER_SIZE, trailAt } from "../lib/poster.js";
import { REDUCED_MOTION } from "../lib/scope.js";

const STEPS = 240;
const TAIL = 0.35;
const REST = 0.25;
const WIDTHS = { left_hand: 20, right_hand: 20, left_foot: 11, right_foot: 11 };
const LEAST_LOOP_S = 2.5;

/** A still poster that dances its line while it is pointed at or focused; with data-autoplay, while it is in view. */
export default function mount(root, scope) {
  let still = false;
  let running = null;
  let payload = null;
  const stop = () => {
    running?.dispose();
    running = null;
  };
  const start = async () => {
    if (still || running || document.hidden) return;
    const mine = (running = scope.child());
    try {
      payload ??= loadPoster(root.dataset.posterUrl, scope.signal);
      const data = await payload;
      if (!mine.disposed) dance(root, data, mine);
    } catch {
      payload = null; // The still picture stays: a poster that cannot move is no error worth a word.
      stop();
    }
  };
  scope.media(REDUCED_MOTION, (reduced) => {
    still = reduced;
    if (reduced) stop();
  });
  if (root.hasAttribute("data-autoplay")) {
    scope.observe(new IntersectionObserver(([entry]) => (entry.isIntersecting ? start() : stop()), { threshold: 0.3 }), root);
    return;
  }
  const reach = root.closest(".card, a, button") ?? root;
  for (const type of ["pointerenter", "focusin"]) scope.listen(reach, type, start);
  for (const type of ["pointerleave", "focusout"]) scope.listen(reach, type, stop);
}

async function loadPoster(url, signal) {
  const answer = await fetch(url, { signal, credentials: "same-origin" });
  if (!answer.ok) throw new Error(`poster answered ${answer.status}`);
  return answer.json();
}

function dance(root, poster, scope) {
  const ctx = addCanvas(root, scope);
  const tokens = readTokens(ctx.canvas);
  const colour = tokens[root.dataset.tone === "me" ? "me" : "guide"];
  const place = contain(POSTER_SIZE, { x: 0, y: 0, width: ctx.canvas.width, height: ctx.canvas.height });
  const bodies = poster.figures.map(bodyOf);
  const loopS = Math.max(poster.duration_s, LEAST_LOOP_S);
  let beganMs = null;
  scope.frames((nowMs) => {
    beganMs ??= nowMs;
    const share = ((nowMs - beganMs) / 1000 / loopS) % (1 + REST);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, ctx.canvas.width, ctx.canvas.height);
    ctx.setTransform(...asMatrix(place));
    bodies.forEach((body, index) => body && drawBody(ctx, body, 0.9 * figureGlow(index, bodies.length, share), tokens.paper));
    for (const [name, trail] of Object.entries(poster.trails)) drawRibbon(ctx, trail, share, colour, WIDTHS[name] ?? 10);
  });
}

// The still picture stays below, dimmed by the style sheet: title, place and colours stay the same.
function addCanvas(root, scope) {
  const canvas = html("canvas", { className: "poster__canvas theatre" });
  canvas.setAttribute("aria-hidden", "true");
  root.append(canvas);
  root.classList.add("poster--dancing");
  scope.add(() => {
    root.classList.remove("poster--dancing");
    canvas.remove();
  });
  const dots = Math.min(devicePixelRatio || 1, 2);
  canvas.width = Math.round(canvas.clientWidth * dots);
  canvas.height = Math.round(canvas.clientHeight * dots);
  return canvas.getContext("2d");
}

// Parts overlap, so the body is one path: see-through parts drawn one by one would show their joints.
function drawBody(ctx, { length, trunk, limbs, head }, glow, paper) {
  if (glow <= 0) return;
  ctx.save();
  ctx.fillStyle = ctx.strokeStyle = paper;
  ctx.globalAlpha = glow * glow;
  ctx.lineCap = ctx.lineJoin = "round";
  const path = new Path2D();
  for (const [from, to, width] of limbs) path.addPath(thickLine(from, to, width));
  if (head) path.addPath(ellipse(head));
  if (trunk) path.addPath(thickShape(trunk, 0.12 * length));
  ctx.fill(path, "nonzero");
  ctx.restore();
}

function thickLine(from, to, width) {
  const turn = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const path = new Path2D();
  path.arc(from[0], from[1], width / 2, turn + Math.PI / 2, turn + 1.5 * Math.PI);
  path.arc(to[0], to[1], width / 2, turn - Math.PI / 2, turn + Math.PI / 2);
  path.closePath();
  return path;
}

function thickShape(corners, width) {
  const path = new Path2D();
  const outline = clockwise(corners);
  outline.forEach((corner, i) => path[i ? "lineTo" : "moveTo"](...corner));
  path.closePath();
  outline.forEach((corner, i) => path.addPath(thickLine(corner, outline[(i + 1) % outline.length], width)));
  return path;
}

function ellipse({ x, y, rx, ry, turn }) {
  const path = new Path2D();
  path.ellipse(x, y, rx, ry, turn, 0, 2 * Math.PI);
  return path;
}

// All parts turn the same way round, so that they add up to one shape.
function clockwise(corners) {
  const area = corners.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = corners[(i + 1) % corners.length];
    return sum + x * nextY - nextX * y;
  }, 0);
  return area >= 0 ? corners : [...corners].reverse();
}

function drawRibbon(ctx, trail, share, colour, width) {
  ctx.strokeStyle = colour;
  ctx.lineCap = "round";
  for (let step = 1; step <= STEPS; step++) {
    const behind = share - step / STEPS;
    const from = trailAt(trail, (step - 1) / STEPS);
    const to = trailAt(trail, step / STEPS);
    if (behind < 0 || behind > TAIL || !from || !to) continue;
    const lit = 1 - behind / TAIL;
    ctx.globalAlpha = lit * lit;
    ctx.lineWidth = 3 + width * lit;
    ctx.beginPath();
    ctx.moveTo(...from);
    ctx.lineTo(...to);
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
}
