/** Geometry of the score chart: points over real time, scores 0..100 upwards. */

/** @returns {{x: number, y: number, score: number, label: string, url: string}[]} oldest first */
export function placePoints(points, { width, height, left, right, top, bottom }) {
  const dated = points.map((point) => ({ ...point, atMs: Date.parse(point.date_iso) })).sort((a, b) => a.atMs - b.atMs);
  const first = dated[0]?.atMs ?? 0;
  const span = (dated.at(-1)?.atMs ?? 0) - first;
  return dated.map((point, i) => {
    // Takes of one evening would fall on each other over true time: half the place comes from the order.
    const order = dated.length > 1 ? i / (dated.length - 1) : 0.5;
    const share = span > 0 ? ((point.atMs - first) / span + order) / 2 : order;
    return {
      ...point,
      x: left + share * (width - left - right),
      y: top + (1 - point.score / 100) * (height - top - bottom),
    };
  });
}

/** An SVG path through the points that rises and falls but never overshoots (monotone cubic, Fritsch and Carlson 1980). */
export function linePath(points) {
  if (points.length === 0) return "";
  const slopes = tangents(points);
  let path = `M${fixed(points[0].x)} ${fixed(points[0].y)}`;
  for (let i = 1; i < points.length; i++) {
    const [from, to] = [points[i - 1], points[i]];
    const third = (to.x - from.x) / 3;
    const controls = [from.x + third, from.y + slopes[i - 1] * third, to.x - third, to.y - slopes[i] * third, to.x, to.y];
    path += `C${controls.map(fixed).join(" ")}`;
  }
  return path;
}

/** The labels that fit: the last one first, then others at least `apartPx` away from a chosen one, no words twice. */
export function labelledPoints(points, apartPx) {
  const chosen = [];
  for (const point of [...points].reverse()) if (chosen.every(({ x, label }) => x - point.x >= apartPx && label !== point.label)) chosen.push(point);
  return chosen.reverse();
}

function tangents(points) {
  const steps = points.slice(1).map((to, i) => (to.y - points[i].y) / Math.max(to.x - points[i].x, 1e-6));
  return points.map((_, i) => {
    const before = steps[i - 1] ?? steps[i] ?? 0;
    const after = steps[i] ?? before;
    if (before * after <= 0) return 0;
    return (2 * before * after) / (before + after);
  });
}

function fixed(value) {
  return value.toFixed(1);
}
