import assert from "node:assert/strict";
import { test } from "node:test";

import { configOf, elementsOf, reach, roundPlaces, shortened, stopAt } from "../../static/js/lib/insight-configs.js";
import { digitsFor, numberWords, readingOf, spoken, stepTo, stopsOf } from "../../static/js/lib/insights.js";
import { word } from "../../static/js/lib/words.js";

const THEME = { night: "#000", stage: "#111", line: "#222", edge: "#333", mist: "#aaa", paper: "#fff", font: "sans", data: ["#00a", "#0a0", "#a00"] };
const EN = { language: "en", say: word };
const LINES = {
  kind: "lines",
  label: "Danceability over the years",
  x: { label: "Year", values: [2018, 2019, 2020] },
  y: { label: "0 to 1" },
  series: [
    { name: "Danceability", values: [0.5, null, 0.7], low: [0.4, null, 0.6], high: [0.6, null, 0.8] },
    { name: "Straight line", values: [0.52, 0.6, 0.68], is_trend: true },
  ],
};
const BARS = { kind: "bars", label: "Takes", x: { label: "Week", values: ["1 Mar", "8 Mar"] }, y: { label: "Takes", digits: 0 }, series: [{ name: "Takes", values: [12, null] }], hidden_words: "fewer than 5 dancers" };
const INTERVALS = {
  kind: "intervals",
  label: "Nine features",
  x: { label: "Points" },
  rows: [
    { label: "Energy, 0.1 more", value: 2.5, low: 0.25, high: 5, strong: true },
    { label: "Tempo, 10 more", value: -1, low: -3, high: 1, strong: false },
  ],
};
const POINTS = {
  kind: "points",
  label: "Artists",
  x: { label: "Danceability" },
  y: { label: "Popularity", digits: 0 },
  series: [
    { name: "SM", points: [[0.8, 60], [0.6, 30], [0.7, 50]], labels: ["f(x)", "EXO", "NCT"] },
    { name: "JYP", points: [[0.5, 40], [0.75, 20]], labels: ["TWICE", "2PM"] },
  ],
  line: null,
};

test("numbers are written as the language writes them, with a real minus", () => {
  assert.equal(numberWords(-0.25, { digits: 2, language: "en" }), "−0.25");
  assert.equal(numberWords(0.25, { digits: 1, language: "en", sign: true }), "+0.3");
  assert.equal(numberWords(0, { digits: 1, language: "en", sign: true }), "0.0");
  assert.equal(numberWords(-0.001, { digits: 1, language: "en" }), "0.0");
  assert.equal(numberWords(28680, { digits: 0, language: "ko" }), "28,680");
  assert.equal(numberWords(2020, { digits: 0, language: "en" }), "2020");
});

test("as many decimals as tell the values apart", () => {
  assert.equal(digitsFor([0.51, 0.67]), 3);
  assert.equal(digitsFor([0, 65]), 1);
  assert.equal(digitsFor([0, 250]), 0);
  assert.equal(digitsFor([0.00001, 0.00002]), 5);
  assert.equal(digitsFor([null]), 0);
  assert.equal(digitsFor([7, 7]), 2);
});

test("every place, row and point is a stop, points from left to right", () => {
  assert.equal(stopsOf(LINES).length, 3);
  assert.equal(stopsOf(INTERVALS).length, 2);
  assert.deepEqual(
    stopsOf(POINTS).map(({ group, index }) => POINTS.series[group].labels[index]),
    ["EXO", "NCT", "f(x)", "TWICE", "2PM"],
  );
});

test("arrow keys stop at the ends, Home and End go there, other keys lead nowhere", () => {
  const stops = stopsOf(LINES);
  assert.equal(stepTo("ArrowRight", -1, stops, LINES), 0);
  assert.equal(stepTo("ArrowLeft", -1, stops, LINES), 2);
  assert.equal(stepTo("ArrowRight", 2, stops, LINES), 2);
  assert.equal(stepTo("ArrowLeft", 1, stops, LINES), 0);
  assert.equal(stepTo("Home", 2, stops, LINES), 0);
  assert.equal(stepTo("End", 0, stops, LINES), 2);
  assert.equal(stepTo("PageDown", 0, stops, LINES), 2);
  assert.equal(stepTo("PageUp", 2, stops, LINES), 0);
  assert.equal(stepTo("ArrowDown", 1, stops, LINES), null, "the page may scroll");
  assert.equal(stepTo("a", 1, stops, LINES), null);
  assert.equal(stepTo("ArrowRight", -1, [], LINES), null);
});

test("up and down go through rows, and to the nearest point of the next series", () => {
  assert.equal(stepTo("ArrowDown", 0, stopsOf(INTERVALS), INTERVALS), 1);
  assert.equal(stepTo("ArrowDown", 1, stopsOf(INTERVALS), INTERVALS), 1);
  const stops = stopsOf(POINTS);
  const named = (at) => POINTS.series[stops[at].group].labels[stops[at].index];
  assert.equal(named(stepTo("ArrowDown", 2, stops, POINTS)), "2PM", "nearest to f(x) by danceability");
  assert.equal(named(stepTo("ArrowUp", 3, stops, POINTS)), "EXO");
  assert.equal(stepTo("ArrowUp", 0, stops, POINTS), null, "there is no series above");
});

test("a place says every series, an interval whether it is clear", () => {
  assert.equal(spoken(readingOf(LINES, { group: 0, index: 0 }, EN)), "2018: Danceability 0.500 (95%: 0.400 to 0.600), Straight line 0.520");
  assert.equal(spoken(readingOf(LINES, { group: 0, index: 1 }, EN)), "2019: Danceability no value, Straight line 0.600");
  assert.equal(spoken(readingOf(BARS, { group: 0, index: 0 }, EN)), "1 Mar: Takes 12");
  assert.equal(spoken(readingOf(BARS, { group: 0, index: 1 }, EN)), "8 Mar: Takes fewer than 5 dancers");
  assert.equal(spoken(readingOf(INTERVALS, { group: 0, index: 0 }, EN)), "Energy, 0.1 more: +2.50 (95%: +0.25 to +5.00), Clear: by the stricter tests too.");
  assert.match(spoken(readingOf(INTERVALS, { group: 0, index: 1 }, EN)), /Not clear: it may be chance/);
  assert.equal(spoken(readingOf(POINTS, { group: 0, index: 0 }, EN)), "f(x) (SM): Danceability 0.800, Popularity 60");
});

test("elements of the drawing and stops name each other", () => {
  const stops = stopsOf(POINTS);
  for (const [at, stop] of stops.entries()) assert.equal(stopAt(POINTS, stops, elementsOf(POINTS, stop)), at);
  assert.equal(stopAt(LINES, stopsOf(LINES), [{ datasetIndex: 1, index: 2 }]), 2);
  assert.equal(stopAt(LINES, stopsOf(LINES), []), -1);
  assert.equal(elementsOf(LINES, { group: 0, index: 1 }).length, 2);
});

test("axes reach over their values with some air, and keep the bounds that they are given", () => {
  const { min, max } = reach([2, null, 4]);
  assert.ok(min < 2 && min > 1.5 && max > 4 && max < 4.5);
  assert.deepEqual(reach([2, 4], { min: 0, max: 10 }), { min: 0, max: 10 });
  assert.deepEqual(reach([null]), { min: 0, max: 1 });
  assert.ok(reach([5, 5]).min < 5 && reach([5, 5]).max > 5);
  assert.ok(reach([0, 0]).max > 0);
});

test("round years are written, never more than fit", () => {
  const years = Array.from({ length: 100 }, (_, i) => 1921 + i);
  const told = roundPlaces(years, 10).map((at) => years[at]);
  assert.deepEqual(told, [1930, 1940, 1950, 1960, 1970, 1980, 1990, 2000, 2010, 2020]);
  assert.deepEqual(roundPlaces(years, 5).map((at) => years[at]), [1940, 1960, 1980, 2000, 2020]);
  assert.deepEqual(roundPlaces([2021], 5), [0]);
  assert.deepEqual(roundPlaces([2019, 2020, 2021], 5), [0, 1, 2]);
});

test("series differ by shape or dash, not by colour alone", () => {
  const lines = configOf({ ...LINES, series: [{ name: "a", values: [1, 2, 3] }, { name: "b", values: [3, 2, 1] }] }, THEME, { language: "en" });
  const [a, b] = lines.data.datasets;
  assert.notDeepEqual(a.borderDash, b.borderDash);
  assert.notEqual(a.pointStyle, b.pointStyle);
  const points = configOf(POINTS, THEME, { language: "en" });
  assert.notEqual(points.data.datasets[0].pointStyle, points.data.datasets[1].pointStyle);
});

test("a null stays a gap, and zero belongs to the intervals' axis", () => {
  const lines = configOf(LINES, THEME, { language: "en" });
  assert.equal(lines.data.datasets[0].data[1], null);
  assert.equal(lines.data.datasets[0].spanGaps, false);
  const all = { ...INTERVALS, rows: [{ label: "a", value: 5, low: 4, high: 6, strong: true }] };
  assert.ok(configOf(all, THEME, { language: "en" }).options.scales.x.min < 0);
});

test("the rows' labels stand above their rows where it is narrow", () => {
  const ticks = (narrow) => configOf(INTERVALS, THEME, { narrow, language: "en" }).options.scales.y.ticks;
  assert.equal(ticks(true).mirror, true);
  assert.equal(ticks(false).mirror, undefined);
  assert.equal(ticks(false).callback(1), "Tempo, 10 more");
});

test("a long label is shortened to its room, Hangul sooner", () => {
  assert.equal(shortened("SM Entertainment", 16), "SM Entertainment");
  assert.equal(shortened("SM Entertainment", 10), "SM Entert…");
  assert.equal(shortened("하이브엔터테인먼트", 18), "하이브엔터테인먼트");
  assert.equal(shortened("하이브엔터테인먼트", 10), "하이브엔…");
});

test("a chart of an unknown kind is a mistake of ours", () => {
  assert.throws(() => configOf({ kind: "pie" }, THEME), /pie/);
});
