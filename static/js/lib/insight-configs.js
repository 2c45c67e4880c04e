/**
 * What Chart.js is told of a payload: data and options, no drawing and no DOM. A dataset is a series, in the same order;
 * bands, intervals and guide lines are drawn by insight-drawing.js, so every element of Chart.js is a stop (lib/insights.js).
 */
import { numberWords } from "./insights.js";

/** Shapes and dashes tell series apart where colours do not. */
export const SHAPES = Object.freeze(["circle", "rectRot", "triangle", "rect", "crossRot", "star"]);
const DASHES = [[], [6, 4], [2, 3], [10, 3, 2, 3], [1, 4], [14, 4]];
const MANY = 120;
const MOST_LETTERS = 36;
const YEAR_STEPS = [1, 2, 5, 10, 20, 50, 100];

/** @param theme what `readTheme` of the controller gives; narrow: row labels stand above their rows; letters: room for them */
export function configOf(chart, theme, { narrow = false, letters = MOST_LETTERS, language } = {}) {
  const build = { lines: linesConfig, bars: barsConfig, intervals: intervalsConfig, points: pointsConfig }[chart.kind];
  if (!build) throw new Error(`no chart is of the kind ${chart.kind}`);
  const { type, datasets, labels, scales, interaction, padding } = build(chart, theme, { narrow, letters, language });
  return {
    type,
    data: { labels, datasets },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      locale: language,
      events: ["mousemove", "mouseout", "click", "touchstart", "touchmove"],
      interaction,
      layout: { padding: padding ?? { top: 10, right: 14 } },
      scales,
    },
  };
}

/** The elements of Chart.js that belong to a stop: one a series, where each series has a value at a place. */
export function elementsOf(chart, stop) {
  if (chart.kind === "points") return [{ datasetIndex: stop.group, index: stop.index }];
  if (chart.kind === "intervals") return [{ datasetIndex: 0, index: stop.index }];
  return chart.series.map((_, datasetIndex) => ({ datasetIndex, index: stop.index }));
}

/** The stop (its place among `stops`) of what the pointer is over; -1 for nothing. */
export function stopAt(chart, stops, elements) {
  if (elements.length === 0) return -1;
  const [{ datasetIndex, index }] = elements;
  const group = chart.kind === "points" ? datasetIndex : 0;
  return stops.findIndex((stop) => stop.group === group && stop.index === index);
}

/** From where to where an axis reaches, with some air; a bound that the payload names stays. */
export function reach(values, { min, max } = {}) {
  const known = values.filter((value) => value !== null && Number.isFinite(value));
  if (known.length === 0) return { min: min ?? 0, max: max ?? 1 };
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const air = (most - least || Math.abs(most) || 1) * 0.06;
  return { min: min ?? least - air, max: max ?? most + air };
}

function linesConfig(chart, theme, { narrow, language }) {
  const datasets = chart.series.map((series, i) => ({
    data: series.values,
    yAxisID: series.axis === "right" ? "right" : "y",
    borderColor: colourOf(series, i, theme),
    backgroundColor: colourOf(series, i, theme),
    borderDash: series.is_trend ? [3, 5] : DASHES[i % DASHES.length],
    borderWidth: series.is_trend ? 1.5 : 2.25,
    pointStyle: SHAPES[i % SHAPES.length],
    pointRadius: series.is_trend || series.values.length > 40 ? 0 : 3,
    pointHoverRadius: series.is_trend ? 0 : 6,
    pointHoverBackgroundColor: colourOf(series, i, theme),
    pointHoverBorderColor: theme.paper,
    pointHoverBorderWidth: 2,
    spanGaps: false,
    tension: 0,
  }));
  const scales = { x: placesAxis(chart.x, theme, narrow), y: numberAxis(chart.y, valuesOf(chart, "left"), theme, language) };
  if (chart.right) scales.right = { ...numberAxis(chart.right, valuesOf(chart, "right"), theme, language), position: "right" };
  return { type: "line", labels: chart.x.values, datasets, scales, interaction: { mode: "index", intersect: false } };
}

function barsConfig(chart, theme, { narrow, language }) {
  const datasets = chart.series.map((series, i) => ({
    data: series.values,
    backgroundColor: colourOf(series, i, theme),
    hoverBackgroundColor: theme.paper,
    borderRadius: 4,
    maxBarThickness: 36,
    minBarLength: 2,
  }));
  const y = numberAxis({ min: 0, ...chart.y }, [0, ...valuesOf(chart, "left")], theme, language);
  return { type: "bar", labels: chart.x.values, datasets, scales: { x: placesAxis(chart.x, theme, narrow), y }, interaction: { mode: "index", intersect: false } };
}

function intervalsConfig(chart, theme, { narrow, letters, language }) {
  const labels = chart.rows.map(({ label }) => shortened(label, letters));
  const values = [0, ...chart.rows.flatMap(({ low, high }) => [low, high])];
  const datasets = [
    {
      data: chart.rows.map(({ value }, i) => ({ x: value, y: i })),
      pointStyle: chart.rows.map(({ strong }) => (strong ? "circle" : "rectRot")),
      pointBackgroundColor: chart.rows.map(({ strong }) => (strong ? theme.data[0] : theme.stage)),
      pointBorderColor: chart.rows.map(({ strong }) => (strong ? theme.data[0] : theme.mist)),
      pointBorderWidth: 2,
      pointRadius: 6,
      pointHoverRadius: 8,
      pointHoverBorderColor: theme.paper,
    },
  ];
  const ticks = { ...ticksOf(theme), autoSkip: false, stepSize: 1, callback: (place) => labels[place] ?? "", color: theme.paper, crossAlign: "far" };
  if (narrow) Object.assign(ticks, { mirror: true, labelOffset: -18, padding: 0, z: 2, showLabelBackdrop: true, backdropColor: theme.night, backdropPadding: 2, crossAlign: "near" });
  const y = { type: "linear", reverse: true, min: -0.75, max: labels.length - 0.5, afterBuildTicks: wholeTicks(labels.length), grid: { display: false }, border: { display: false }, ticks };
  const x = numberAxis(chart.x, values, theme, language, { sign: true });
  return { type: "scatter", datasets, scales: { x, y }, interaction: { mode: "nearest", axis: "y", intersect: false } };
}

function pointsConfig(chart, theme, { language }) {
  const many = chart.series.some(({ points }) => points.length > MANY);
  const datasets = chart.series.map((series, i) => ({
    data: series.points.map(([x, y]) => ({ x, y })),
    pointStyle: SHAPES[i % SHAPES.length],
    backgroundColor: many ? faded(theme.data[i % theme.data.length]) : theme.data[i % theme.data.length],
    borderColor: theme.data[i % theme.data.length],
    borderWidth: many ? 0 : 1.5,
    pointRadius: many ? 2.5 : 5,
    pointHoverRadius: 8,
    pointHoverBackgroundColor: theme.data[i % theme.data.length],
    pointHoverBorderColor: theme.paper,
    pointHoverBorderWidth: 2,
  }));
  const along = (place) => chart.series.flatMap(({ points }) => points.map((point) => point[place]));
  const scales = { x: numberAxis(chart.x, along(0), theme, language), y: numberAxis(chart.y, along(1), theme, language) };
  return { type: "scatter", datasets, scales, interaction: { mode: "nearest", intersect: false } };
}

function colourOf(series, i, theme) {
  return series.is_trend ? theme.mist : theme.data[i % theme.data.length];
}

/** Dots that lie upon each other show how many they are. */
function faded(colour) {
  return `${colour}99`;
}

function valuesOf(chart, side) {
  const ours = chart.series.filter(({ axis = "left" }) => axis === side);
  return ours.flatMap(({ values, low = [], high = [] }) => [...values, ...low, ...high]);
}

function ticksOf(theme) {
  return { color: theme.mist, font: { family: theme.font, size: 13 }, padding: 8 };
}

function placesAxis({ values }, theme, narrow) {
  const axis = { type: "category", grid: { display: false }, border: { color: theme.line }, ticks: { ...ticksOf(theme), maxRotation: 0, autoSkipPadding: 20 } };
  if (typeof values[0] !== "number") return axis;
  const told = roundPlaces(values, narrow ? 5 : 10);
  return { ...axis, afterBuildTicks: (scale) => (scale.ticks = told.map((value) => ({ value }))), ticks: { ...axis.ticks, autoSkip: false } };
}

/** As many letters as there is room for; one of Hangul takes the place of two. The tip and the table say all of it. */
export function shortened(words, room) {
  let taken = 0;
  for (const [at, letter] of [...words].entries()) {
    taken += letter >= "\u1100" ? 2 : 1;
    if (taken > room) return `${[...words].slice(0, Math.max(at - 1, 1)).join("").trimEnd()}…`;
  }
  return words;
}

/** Which of these years are written under their places: round ones, at most so many. */
export function roundPlaces(years, most) {
  for (const step of YEAR_STEPS) {
    const told = years.flatMap((year, at) => (year % step === 0 ? [at] : []));
    if (told.length <= most) return told.length ? told : [0];
  }
  return [0, years.length - 1];
}

function numberAxis(axis, values, theme, language, { sign = false } = {}) {
  const bounds = reach(values, axis);
  const ticks = {
    ...ticksOf(theme),
    maxTicksLimit: 8,
    includeBounds: false,
    callback: (value, _, all) => numberWords(value, { digits: tickDigits(all), language, sign }),
  };
  return { type: "linear", ...bounds, grid: { color: theme.line, drawTicks: false }, border: { display: false }, ticks };
}

function tickDigits(ticks) {
  const step = ticks.length > 1 ? Math.abs(ticks[1].value - ticks[0].value) : 1;
  for (let digits = 0; digits < 6; digits++) if (Math.abs(step - Number(step.toFixed(digits))) < step / 1000) return digits;
  return 6;
}

function wholeTicks(count) {
  return (axis) => {
    axis.ticks = Array.from({ length: count }, (_, value) => ({ value }));
  };
}
