/**
 * What a chart of the insights says and how it is walked through, apart from drawing. Payloads: choreography/insight_charts.py.
 *
 * A stop is a place of a chart that the arrow keys reach: { group, index }. Of lines and bars every place on the x axis is
 * one; of intervals every row; of points every point, a series after the other, from left to right.
 */

const PAGE = 10;

/** Numbers as the reader's language writes them, with a real minus. */
export function numberWords(value, { digits, language, sign = false } = {}) {
  const format = new Intl.NumberFormat(language, {
    ...(digits === undefined ? { maximumSignificantDigits: 3 } : { minimumFractionDigits: digits, maximumFractionDigits: digits }),
    signDisplay: sign ? "exceptZero" : "negative",
    useGrouping: Math.abs(value) >= 10000,
  });
  return format.format(value).replace("-", "−");
}

/** How many decimals tell values that lie this far apart from each other. */
export function digitsFor(values) {
  const known = values.filter((value) => value !== null && Number.isFinite(value));
  if (known.length === 0) return 0;
  const span = Math.max(...known) - Math.min(...known) || Math.abs(known[0]) || 1;
  return Math.min(Math.max(2 - Math.floor(Math.log10(span)), 0), 5);
}

/** Every stop of a chart, in the order in which Right goes through them. */
export function stopsOf(chart) {
  if (chart.kind === "intervals") return chart.rows.map((_, index) => ({ group: 0, index }));
  if (chart.kind !== "points") return chart.x.values.map((_, index) => ({ group: 0, index }));
  return chart.series.flatMap(({ points }, group) =>
    points
      .map((point, index) => ({ group, index, x: point[0], y: point[1] }))
      .sort((a, b) => a.x - b.x || a.y - b.y || a.index - b.index)
      .map(({ index }) => ({ group, index })),
  );
}

/**
 * Where a key leads from the stop at `at` (-1: none yet), or null where it leads nowhere.
 * Up and down go through rows, and from series to series of points.
 */
export function stepTo(key, at, stops, chart) {
  const last = stops.length - 1;
  if (last < 0) return null;
  const moves = { ArrowRight: 1, ArrowLeft: -1, PageDown: Math.max(PAGE, 1), PageUp: -Math.max(PAGE, 1) };
  if (key === "Home") return 0;
  if (key === "End") return last;
  if (key === "ArrowDown" || key === "ArrowUp") return upOrDown(key === "ArrowDown" ? 1 : -1, at, stops, chart);
  if (!(key in moves)) return null;
  if (at < 0) return moves[key] > 0 ? 0 : last;
  return Math.min(Math.max(at + moves[key], 0), last);
}

function upOrDown(step, at, stops, chart) {
  if (at < 0) return 0;
  if (chart.kind === "intervals") return Math.min(Math.max(at + step, 0), stops.length - 1);
  if (chart.kind !== "points") return null;
  const group = stops[at].group + step;
  const place = (stop) => chart.series[stop.group].points[stop.index][0];
  let best = null;
  for (const [i, stop] of stops.entries()) {
    if (stop.group !== group) continue;
    if (best === null || Math.abs(place(stop) - place(stops[at])) < Math.abs(place(stops[best]) - place(stops[at]))) best = i;
  }
  return best;
}

/**
 * What a stop is called and what stands there: { title, lines: [{ name, words, series }] }.
 * `say` are the sentences of the page that numbers are put into.
 */
export function readingOf(chart, stop, { language, say }) {
  if (chart.kind === "intervals") return intervalReading(chart, stop, { language, say });
  if (chart.kind === "points") return pointReading(chart, stop, language);
  const lines = chart.series.map((series, i) => ({ name: series.name, words: valueWords(chart, series, stop.index, { language, say }), series: i }));
  return { title: String(chart.x.values[stop.index]), lines };
}

/** A reading as one sentence, for the ear. */
export function spoken({ title, lines }) {
  return `${title}: ${lines.map(({ name, words }) => (name ? `${name} ${words}` : words)).join(", ")}`;
}

function valueWords(chart, series, index, { language, say }) {
  const value = series.values[index];
  if (value === null) return chart.hidden_words ?? say("insight_no_value");
  const axis = series.axis === "right" ? chart.right : chart.y;
  const digits = axis.digits ?? digitsFor(series.values);
  const words = numberWords(value, { digits, language });
  const [low, high] = [series.low?.[index] ?? null, series.high?.[index] ?? null];
  if (low === null || high === null) return words;
  return say("insight_interval", { value: words, low: numberWords(low, { digits, language }), high: numberWords(high, { digits, language }) });
}

function intervalReading(chart, { index }, { language, say }) {
  const row = chart.rows[index];
  const digits = chart.x.digits ?? digitsFor(chart.rows.flatMap(({ low, high }) => [low, high]));
  const [value, low, high] = [row.value, row.low, row.high].map((number) => numberWords(number, { digits, language, sign: true }));
  const sure = say(row.strong ? "insight_sure" : "insight_unsure");
  return { title: row.label, lines: [{ name: "", words: say("insight_interval", { value, low, high }), series: 0 }, { name: "", words: sure, series: 0 }] };
}

function pointReading(chart, { group, index }, language) {
  const series = chart.series[group];
  const words = (axis, place) => {
    const digits = axis.digits ?? digitsFor(chart.series.flatMap(({ points }) => points.map((point) => point[place])));
    return numberWords(series.points[index][place], { digits, language });
  };
  const lines = [
    { name: chart.x.label, words: words(chart.x, 0), series: group },
    { name: chart.y.label, words: words(chart.y, 1), series: group },
  ];
  const title = series.labels[index] || series.name;
  return { title: chart.series.length > 1 ? `${title} (${series.name})` : title, lines };
}
