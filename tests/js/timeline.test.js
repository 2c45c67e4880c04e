import assert from "node:assert/strict";
import { test } from "node:test";

import { columnsOf, energyOf, limbsWrongAt, limbsWrongNow, sectionAt, stepAt } from "../../static/js/lib/timeline.js";

/** 10 s in steps of 0.1 s from 1 s on; the left arm is wrong from 4 to 5 s, the head from 8 to 8.5 s, unjudged at 6..7 s. */
function timeline() {
  const t_s = Array.from({ length: 100 }, (_, i) => 1 + i / 10);
  const within = (from, to, value, rest) => t_s.map((t) => (t >= from - 1e-9 && t < to - 1e-9 ? value : rest));
  const holes = (values) => values.map((value, i) => (t_s[i] >= 6 - 1e-9 && t_s[i] < 7 - 1e-9 ? null : value));
  return {
    step_s: 0.1,
    t_s,
    error_deg: holes(t_s.map((t) => (t >= 4 - 1e-9 && t < 5 - 1e-9 ? 40 : t >= 8 - 1e-9 && t < 8.5 - 1e-9 ? 30 : 5))),
    limb_error_deg: { left_arm: holes(within(4, 5, 80, 6)), head: holes(within(8, 8.5, 45, 3)) },
  };
}

test("a moment belongs to the step that holds it, and to none outside", () => {
  assert.equal(stepAt(timeline(), 1), 0);
  assert.equal(stepAt(timeline(), 1.05), 0);
  assert.equal(stepAt(timeline(), 10.99), 99);
  assert.equal(stepAt(timeline(), 0.9), -1);
  assert.equal(stepAt(timeline(), 11.2), -1);
  assert.equal(stepAt({ step_s: 0.1, t_s: [] }, 1), -1);
});

test("only limbs beyond the threshold are wrong, and only while they are", () => {
  assert.deepEqual(limbsWrongAt(timeline(), 4.5), [{ limb: "left_arm", errorDeg: 80 }]);
  assert.deepEqual(limbsWrongAt(timeline(), 5.5), []);
  assert.deepEqual(limbsWrongAt(timeline(), 6.5), []);
});

test("the worst limb comes first", () => {
  const both = { step_s: 1, t_s: [0], error_deg: [50], limb_error_deg: { head: [35], left_leg: [70], torso: [30] } };
  assert.deepEqual(limbsWrongAt(both, 0).map(({ limb }) => limb), ["left_leg", "head"]);
});

test("columns keep a constant error and leave out what nobody judged", () => {
  const line = timeline();
  const columns = columnsOf(line, line.limb_error_deg.left_arm, 12, 24);
  assert.equal(columns[0], null);
  assert.ok(Math.abs(columns[9] - 80) < 1e-6);
  assert.equal(columns[12], null);
  assert.equal(columns[23], null);
});

test("columns finer than the steps have no holes, coarser ones average", () => {
  const line = { step_s: 1, t_s: [0, 1], error_deg: [10, 30], limb_error_deg: {} };
  assert.deepEqual(columnsOf(line, line.error_deg, 2, 8), [10, 10, 10, 10, 30, 30, 30, 30]);
  assert.deepEqual(columnsOf(line, line.error_deg, 2, 1), [20]);
});

test("with findings the limbs of those that last now are wrong, whatever the errors say", () => {
  const findings = [
    { limb: "head", start_s: 4, end_s: 5 },
    { limb: "all", start_s: 9, end_s: 9.5 },
  ];
  assert.deepEqual(limbsWrongNow({ findings, timeline: timeline() }, 4), ["head"]);
  assert.deepEqual(limbsWrongNow({ findings, timeline: timeline() }, 5), []);
  assert.deepEqual(limbsWrongNow({ findings, timeline: timeline() }, 9.2), ["left_arm", "head"]);
});

test("without findings, as an earlier version stored none, the errors tell", () => {
  assert.deepEqual(limbsWrongNow({ timeline: timeline() }, 4.5), ["left_arm"]);
  assert.deepEqual(limbsWrongNow({ timeline: timeline() }, 5.5), []);
});

test("sections hold their start and not their end", () => {
  const sections = [
    { label: "verse", start_s: 1, end_s: 5 },
    { label: "chorus", start_s: 5, end_s: 9 },
  ];
  assert.equal(sectionAt(sections, 5).label, "chorus");
  assert.equal(sectionAt(sections, 0.5), null);
  assert.equal(sectionAt(sections, 9), null);
});

test("energy lies between nothing and its own peak, and gaps count as rest", () => {
  const energy = energyOf([0, 0, 0, 0, 0, 0, 0, 0, NaN, NaN, 4, 4, 4, 4, 4, 4, 4, 4], 9);
  assert.ok(energy.every((value) => value >= 0 && value <= 1));
  assert.equal(Math.max(...energy), 1);
  assert.ok(energy[0] < 0.01 && energy[8] > 0.9);
  assert.deepEqual(energyOf([], 3), [0, 0, 0]);
});
