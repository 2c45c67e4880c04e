/**
 * Where things stand on the stage. A place maps a picture's pixels to stage pixels: X = a x + e, Y = d y + f, with
 * |a| = d; a < 0 is a mirror image. All boxes are {x, y, width, height}.
 */

export const SIDES_GAP_PX = 8;
const INSET_SHARE = 0.3;

/** The whole content in a panel, as large as it goes; `align` says where the rest of the room goes: 0 after, 1 before. */
export function contain(content, panel, align = { x: 0.5, y: 0.5 }) {
  const scale = Math.min(panel.width / content.width, panel.height / content.height);
  return {
    a: scale,
    d: scale,
    e: panel.x + (panel.width - content.width * scale) * align.x - content.x * scale,
    f: panel.y + (panel.height - content.height * scale) * align.y - content.y * scale,
  };
}

/** Side by side, two pictures touch: each leans towards the other panel. */
export function leanOf(panels, index) {
  const [first, second] = panels;
  if (!second || (first.x === second.x && first.y === second.y)) return { x: 0.5, y: 0.5 };
  const towards = index === 0 ? 1 : 0;
  return first.y === second.y ? { x: towards, y: 0.5 } : { x: 0.5, y: towards };
}

/** The same place, its content turned left to right inside its own box. */
export function mirrorInside(place, content) {
  return { ...place, a: -place.a, e: place.e + place.a * (2 * content.x + content.width) };
}

/** First `inner`, then `outer`. */
export function compose(outer, inner) {
  return {
    a: outer.a * inner.a,
    d: outer.d * inner.d,
    e: outer.a * inner.e + outer.e,
    f: outer.d * inner.f + outer.f,
  };
}

export function moved(place, dx, dy) {
  return { ...place, e: place.e + dx, f: place.f + dy };
}

export function placeBox(place, box) {
  const x = place.a * box.x + place.e;
  const width = place.a * box.width;
  return { x: Math.min(x, x + width), y: place.d * box.y + place.f, width: Math.abs(width), height: place.d * box.height };
}

/** What two boxes have in common. */
export function overlapOf(a, b) {
  const [x, y] = [Math.max(a.x, b.x), Math.max(a.y, b.y)];
  const [right, bottom] = [Math.min(a.x + a.width, b.x + b.width), Math.min(a.y + a.height, b.y + b.height)];
  return { x, y, width: Math.max(0, right - x), height: Math.max(0, bottom - y) };
}

/** A place as the six numbers of CSS matrix() and of setTransform(). */
export function asMatrix({ a, d, e, f }) {
  return [a, 0, 0, d, e, f];
}

/**
 * The stage's panels. `contents` are the boxes of what is shown, guide first. Two sides stand beside each other or one
 * above the other, whichever shows them larger; in the view "over" both have the whole stage.
 */
export function panelsOf(stage, contents, view, gap = SIDES_GAP_PX) {
  const whole = { x: 0, y: 0, width: stage.width, height: stage.height };
  if (contents.length < 2 || view === "over") return contents.map(() => whole);
  const half = { width: (stage.width - gap) / 2, height: (stage.height - gap) / 2 };
  const columns = [0, half.width + gap].map((x) => ({ ...whole, x, width: half.width }));
  const rows = [0, half.height + gap].map((y) => ({ ...whole, y, height: half.height }));
  return smallestScale(contents, columns) >= smallestScale(contents, rows) ? columns : rows;
}

/** Small panels below each other under the names at the top left, for videos beside what fills the stage. */
export function insetsOf(stage, contents, topPx = 44) {
  let y = topPx;
  return contents.map((content) => {
    const scale = Math.min((INSET_SHARE * stage.width) / content.width, (INSET_SHARE * stage.height) / content.height);
    const panel = { x: SIDES_GAP_PX, y, width: content.width * scale, height: content.height * scale };
    y += panel.height + SIDES_GAP_PX;
    return panel;
  });
}

function smallestScale(contents, panels) {
  return Math.min(...contents.map((content, i) => contain(content, panels[i]).d * Math.sqrt(content.width * content.height)));
}

/**
 * The box in which a dancer moves in some of a track's frames, in picture pixels, with some air, and the height of the
 * floor under the feet. The outermost two per cent of positions are left out, so that one lost frame does not shrink
 * the dancer.
 */
export function dancerBox(track, feet, [from, to] = [0, track.tS.length], leastConf = 0.3) {
  const joints = track.joints.length;
  const xs = [];
  const ys = [];
  const floors = [];
  const step = Math.max(1, Math.floor((to - from) / 600));
  for (let frame = from; frame < to; frame += step) {
    let lowest = -Infinity;
    for (let joint = 0; joint < joints; joint++) {
      const cell = frame * joints + joint;
      if (!(track.conf[cell] >= leastConf)) continue;
      xs.push(track.xyPx[cell * 2]);
      ys.push(track.xyPx[cell * 2 + 1]);
      if (feet.includes(joint)) lowest = Math.max(lowest, track.xyPx[cell * 2 + 1]);
    }
    if (lowest > -Infinity) floors.push(lowest);
  }
  if (xs.length === 0) return { x: 0, y: 0, width: track.sizePx[0], height: track.sizePx[1], floorY: null };
  const [left, right, top, bottom] = [quantile(xs, 0.005), quantile(xs, 0.995), quantile(ys, 0.005), quantile(ys, 0.995)];
  const height = Math.max(bottom - top, 1);
  const width = Math.max(right - left, height * 0.4);
  const air = 0.1 * height;
  return {
    x: (left + right) / 2 - width / 2 - air,
    y: top - air * 1.6,
    width: width + 2 * air,
    height: height + 2.6 * air,
    floorY: floors.length ? quantile(floors, 0.9) : null,
  };
}

/** The q-quantile of numbers by the nearest rank. */
export function quantile(values, q) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(q * (sorted.length - 1))))];
}

/**
 * The trunk of a pose: its centre and its length in picture pixels, or null where hips or shoulders are not sure enough.
 * @param {{xyPx: ArrayLike<number>, conf: ArrayLike<number>}} pose
 * @param {{hips: number[], shoulders: number[]}} trunk joint indices
 */
export function torsoOf(pose, trunk, leastConf = 0.3) {
  const all = [...trunk.hips, ...trunk.shoulders];
  if (!all.every((joint) => pose.conf[joint] >= leastConf)) return null;
  const hip = centreOf(pose, trunk.hips);
  const neck = centreOf(pose, trunk.shoulders);
  return { x: (hip[0] + neck[0]) / 2, y: (hip[1] + neck[1]) / 2, length: Math.hypot(neck[0] - hip[0], neck[1] - hip[1]) };
}

function centreOf(pose, joints) {
  const sum = joints.reduce(([x, y], j) => [x + pose.xyPx[j * 2], y + pose.xyPx[j * 2 + 1]], [0, 0]);
  return [sum[0] / joints.length, sum[1] / joints.length];
}

/** The shots of a track as [first frame, frame after the last]. */
export function shotsOf({ tS, beginsShot }) {
  const starts = [0];
  for (let frame = 1; frame < tS.length; frame++) if (beginsShot?.[frame]) starts.push(frame);
  return starts.map((from, shot) => [from, starts[shot + 1] ?? tS.length]);
}

/** The index of the last of some increasing numbers that is not above `value`; -1 where all are. */
export function lastUpTo(numbers, value) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const LEAST_SHOT_SAMPLES = 5;

/**
 * How the attempt's picture lies over the guide's: one size for a shot (the median of the torsos' lengths, so a bow does
 * not inflate the dancer) and a place that follows the torsos, eased over a second, so that small travel stays visible.
 * A cut, in whichever of the two, changes size and place at once; a shot too short to tell takes those of the whole.
 *
 * @param {{tS: number, shot?: any, guide: object|null, attempt: object|null}[]} samples torsos at even guide times;
 *   `shot` is the same between two cuts
 * @param {number|null} mirrorWidthPx width of the attempt's picture if it is to be flipped
 * @returns {((tS: number, shot?: any) => object)|null} guide time -> place of the attempt in the guide's pixels
 */
export function torsoFit(samples, mirrorWidthPx) {
  const both = samples.filter(({ guide, attempt }) => guide && attempt);
  const whole = fitOf(both, mirrorWidthPx);
  if (!whole) return null;
  const shots = new Map();
  for (const sample of both) {
    if (shots.has(sample.shot)) shots.get(sample.shot).push(sample);
    else shots.set(sample.shot, [sample]);
  }
  const fits = new Map();
  for (const [shot, part] of shots) fits.set(shot, (part.length >= LEAST_SHOT_SAMPLES && fitOf(part, mirrorWidthPx)) || whole);
  return (tS, shot) => (fits.get(shot) ?? whole)(tS);
}

function fitOf(both, mirrorWidthPx) {
  if (both.length === 0) return null;
  const scale = quantile(both.map(({ guide }) => guide.length), 0.5) / quantile(both.map(({ attempt }) => attempt.length), 0.5);
  if (!Number.isFinite(scale) || scale <= 0) return null;
  const a = mirrorWidthPx === null ? scale : -scale;
  const times = both.map(({ tS }) => tS);
  const es = eased(times, both.map(({ guide, attempt }) => guide.x - a * attempt.x));
  const fs = eased(times, both.map(({ guide, attempt }) => guide.y - scale * attempt.y));
  return (tS) => {
    const from = Math.max(lastUpTo(times, tS), 0);
    const to = tS < times[0] ? from : Math.min(from + 1, times.length - 1);
    const share = to === from ? 0 : (tS - times[from]) / (times[to] - times[from]);
    return { a, d: scale, e: es[from] + (es[to] - es[from]) * share, f: fs[from] + (fs[to] - fs[from]) * share };
  };
}

/** Each value as the mean of those at most `reachS` before and after it. */
function eased(times, values, reachS = 0.5) {
  const sums = [0];
  for (const value of values) sums.push(sums.at(-1) + value);
  let [from, to] = [0, 0];
  return times.map((tS) => {
    while (times[from] < tS - reachS) from += 1;
    while (to < times.length && times[to] <= tS + reachS) to += 1;
    return (sums[to] - sums[from]) / (to - from);
  });
}
