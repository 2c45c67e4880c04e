import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { beatsBetween, countAt, eightAround, eightNumber, neighbourCount } from "../../static/js/lib/counts.js";
import { fitTaps, withDownbeat, withTap, withTempo } from "../../static/js/lib/tapping.js";

const { grids } = JSON.parse(readFileSync(fileURLToPath(new URL("../golden/counts.json", import.meta.url)), "utf8"));
const COUNTS = { bpm: 120, first_beat_s: 2 };

const near = (value, expected, within) => assert.ok(Math.abs(value - expected) <= within, `${value} is not within ${within} of ${expected}`);

/** Taps at every beat from startS, each off by the next of `errorsS`. */
const taps = (bpm, startS, errorsS) => errorsS.map((errorS, beat) => startS + (beat * 60) / bpm + errorS);

test("moments have the counts and eights of the table that Python is held to", () => {
  for (const { sections, cases, ...counts } of grids) {
    for (const { t_s: tS, count, eight, number } of cases) {
      const place = countAt(counts, tS);
      assert.deepEqual([place.count, place.eight, eightNumber(counts, sections, tS)], [count, eight, number], `${counts.bpm} bpm, ${tS} s`);
    }
  }
});

test("a step by counts lands on counts and never stays", () => {
  assert.equal(neighbourCount(COUNTS, 2.1, 1), 2.5);
  assert.equal(neighbourCount(COUNTS, 2.1, -1), 2);
  assert.equal(neighbourCount(COUNTS, 2.5, 1), 3);
  assert.equal(neighbourCount(COUNTS, 2.5, -1), 2);
});

test("an eight is cut to the dance", () => {
  assert.deepEqual(eightAround(COUNTS, 7, 20), [6, 10]);
  assert.deepEqual(eightAround(COUNTS, 0.5, 20), [0, 2]);
  assert.deepEqual(eightAround(COUNTS, 11, 12), [10, 12]);
});

test("a stretch has its beats with their counts, before the first count 1 too", () => {
  assert.deepEqual(beatsBetween(COUNTS, 1.2, 2.6), [{ tS: 1.5, count: 8 }, { tS: 2, count: 1 }, { tS: 2.5, count: 2 }]);
  assert.deepEqual(beatsBetween(COUNTS, 2, 2.5), [{ tS: 2, count: 1 }]);
});

test("even taps give their tempo and where the first one lies", () => {
  const found = fitTaps(taps(118.4, 3, [0, 0, 0, 0, 0, 0]));
  near(found.bpm, 118.4, 1e-9);
  near(found.firstS, 3, 1e-9);
  near(found.spreadS, 0, 1e-9);
});

test("uneven taps, a wild one and two left out still give the tempo, and say how uneven they were", () => {
  const errorsS = [0.02, -0.015, 0.01, -0.02, 0.015, 0.19, -0.01, 0.02, -0.02, 0.005, 0.01, -0.015, 0.02, -0.01, 0, 0.01];
  const uneven = taps(128, 1, errorsS);
  const found = fitTaps(uneven.filter((_, beat) => beat !== 8 && beat !== 11));
  near(found.bpm, 128, 0.6);
  near(found.firstS, 1, 0.02);
  assert.ok(found.spreadS > 0.008 && found.spreadS < 0.04, `${found.spreadS}`);
});

test("three taps, taps at one moment and taps of no possible tempo give nothing", () => {
  assert.equal(fitTaps([0, 0.5, 1]), null);
  assert.equal(fitTaps([1, 1, 1, 1]), null);
  assert.equal(fitTaps([0, 0.1, 0.2, 0.3]), null);
  assert.equal(fitTaps([0, 3, 6, 9]), null);
});

test("a rest or a jump back begins a new row of taps", () => {
  assert.deepEqual(withTap([1, 1.5], 2), [1, 1.5, 2]);
  assert.deepEqual(withTap([1, 1.5], 9), [9]);
  assert.deepEqual(withTap([1, 1.5], 0.5), [0.5]);
});

test("a tapped 1 goes to the nearest beat and counts from the first eight of the dance", () => {
  assert.deepEqual(withDownbeat(COUNTS, 3.1), { bpm: 120, first_beat_s: 3 });
  assert.deepEqual(withDownbeat(COUNTS, 10.7), { bpm: 120, first_beat_s: 2.5 }); // 10.5 is the third eight's
  near(withDownbeat({ bpm: 120, first_beat_s: 0.3 }, 7.78).first_beat_s, -0.2, 1e-9); // less than half a beat before the guide
  for (const tS of [0, 0.4, 3.3, 17.2, 61]) assert.equal(countAt(withDownbeat(COUNTS, tS), Math.round(tS * 2) / 2).count, 1);
});

test("a tempo stays within what can be counted", () => {
  assert.equal(withTempo(COUNTS, 200 * 2).bpm, 300);
  assert.equal(withTempo(COUNTS, 20).bpm, 30);
});
