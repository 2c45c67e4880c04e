import { labelledPoints, linePath, placePoints } from "../lib/chart.js";
import { jsonInside, svg } from "../lib/dom.js";
import { word } from "../lib/words.js";

const HEIGHT = 200;
const EDGES = { left: 36, right: 28, top: 28, bottom: 36 };
const LABELS_APART_PX = 64;
const LEAST_WIDTH = 240;

/** A dancer's scores over time. The table stays in the page for everybody who prefers it. */
export default function mount(root, scope) {
  const points = root.dataset.points ? JSON.parse(document.getElementById(root.dataset.points).textContent) : jsonInside(root);
  if (!points?.length) return;
  const figure = svg("svg", { class: "chart", role: "group", "aria-label": root.dataset.label || word("history_label") });
  root.prepend(figure);
  scope.add(() => figure.remove());
  let drawn = 0;
  const draw = () => {
    const width = Math.max(LEAST_WIDTH, Math.round(root.clientWidth));
    if (width === drawn) return;
    drawn = width;
    drawChart(figure, points, { width, label: root.dataset.label ?? "" });
  };
  scope.observe(new ResizeObserver(draw), root);
  draw();
}

function drawChart(figure, points, { width, label }) {
  const box = { width, height: HEIGHT, ...EDGES };
  const placed = placePoints(points, box);
  const line = linePath(placed);
  const floor = HEIGHT - EDGES.bottom;
  figure.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  figure.replaceChildren(
    ...[0, 50, 100].map((score) => gridLine(score, box)),
    svg("path", { class: "chart__area", d: `${line}L${placed.at(-1).x} ${floor}L${placed[0].x} ${floor}Z` }),
    svg("path", { class: "chart__line", d: line }),
    ...labelledPoints(placed, LABELS_APART_PX).map((point) => text("chart__date", point.x, HEIGHT - 10, point.label, "middle")),
    ...placed.map((point) => pointLink(point, label)),
  );
  const last = placed.at(-1);
  figure.append(text("chart__score", last.x, last.y - 14, Math.round(last.score), "middle"));
}

function gridLine(score, { width, height, left, right, top, bottom }) {
  const y = top + (1 - score / 100) * (height - top - bottom);
  return svg("g", {}, svg("path", { class: "chart__grid", d: `M${left} ${y}H${width - right}` }), text("chart__tick", left - 8, y + 4, score, "end"));
}

function pointLink(point, label) {
  const link = svg("a", { href: point.url, class: "chart__point" });
  link.setAttribute("aria-label", word("history_point", { label, date: point.label, score: Math.round(point.score) }));
  const title = svg("title", {}, `${point.label}: ${Math.round(point.score)}`);
  link.append(title, svg("circle", { class: "chart__target", cx: point.x, cy: point.y, r: 24 }), svg("circle", { class: "chart__dot", cx: point.x, cy: point.y, r: 6 }));
  return link;
}

function text(name, x, y, words, anchor) {
  return svg("text", { class: name, x, y, "text-anchor": anchor }, String(words));
}
