import assert from "node:assert/strict";
import { test } from "node:test";

import { forgetPlan, keepPlan, planFor } from "../../static/js/live/drill-keeping.js";
import { DrillPlan } from "../../static/js/live/drill-plan.js";

const CONFIG = { bands: { perfect: 90, great: 80, good: 65, ok: 50 }, drill: { rates: [0.5, 0.75, 1], passes: 2, fails: 2, gain: 10, most_rounds: 12 } };
const MOMENTS = [
  { startS: 4, endS: 16, label: "chorus, eight 2", eights: [2] },
  { startS: 20, endS: 28, label: "verse, eight 1", eights: [] },
];

const aPlan = () => new DrillPlan({ moments: MOMENTS, part: [0, 40], config: CONFIG });

/** What the eights around the moment got; only the second one, eight 2, counts for the first moment. */
const round = (score, others = 100) => [
  { eight: 1, startS: 4, endS: 8, score: others },
  { eight: 2, startS: 8, endS: 12, score },
  { eight: 3, startS: 12, endS: 16, score: others },
];
const elsewhere = (score) => [{ eight: 5, startS: 20, endS: 24, score }, { eight: 6, startS: 24, endS: 28, score }];

const speeds = (plan, scores) => scores.map((score) => (plan.told(round(score)), plan.next().rate));

test("two passed rounds in a row go on to the next speed, and only in a row", () => {
  const plan = aPlan();
  assert.deepEqual(plan.next(), { fromS: 4, toS: 16, rate: 0.5, label: "chorus, eight 2", round: 1, moment: 0 });
  assert.deepEqual(speeds(plan, [70, 40, 70, 70]), [0.5, 0.5, 0.5, 0.75]);
});

test("two failed rounds go back one speed, and never below the first", () => {
  const plan = aPlan();
  speeds(plan, [70, 70]);
  assert.deepEqual(speeds(plan, [40, 41]), [0.75, 0.5]);
  assert.deepEqual(speeds(plan, [20, 20]), [0.5, 0.5]);
});

test("ten points more than the first round at this speed pass as well, the first one never against itself", () => {
  const plan = aPlan();
  assert.deepEqual([30, 39, 40, 41].map((score) => plan.told(round(score)).passed), [false, false, true, true]);
  assert.equal(plan.next().rate, 0.75);
  assert.equal(plan.told(round(45)).passed, false, "another speed begins anew");
});

test("only the moment's own eights count; without any named, those within the loop by how long they were danced", () => {
  const plan = aPlan();
  assert.equal(plan.told(round(50, 100)).score, 50);
  plan.skip();
  assert.equal(plan.told([...elsewhere(60), { eight: 7, startS: 28, endS: 32, score: 0 }]).score, 60);
  assert.equal(plan.told([{ eight: 4, startS: 16, endS: 21, score: 0 }, { eight: 5, startS: 21, endS: 24, score: 80 }]).score, 60);
});

test("a round in which too little was seen counts neither way", () => {
  const plan = aPlan();
  plan.told(round(70));
  assert.deepEqual(plan.told(round(null)), { passed: false, movedOn: false, mastered: false, score: null });
  assert.equal(plan.told([]).score, null);
  assert.equal(plan.told(round(70)).movedOn, true);
});

test("after the last speed of the last moment comes the whole part, and then nothing", () => {
  const plan = aPlan();
  const mastered = [70, 70, 70, 70, 70, 70].map((score) => plan.told(round(score)).mastered);
  assert.deepEqual(mastered, [false, false, false, false, false, true]);
  assert.equal(plan.next().fromS, 20);
  for (let n = 0; n < 6; n += 1) plan.told(elsewhere(90));
  assert.deepEqual(plan.next(), { fromS: 0, toS: 40, rate: 1, label: null, round: 1, moment: null });
  assert.deepEqual(plan.told([...round(50, 50), ...elsewhere(90)]), { passed: true, movedOn: true, mastered: false, score: 66 });
  assert.equal(plan.next(), null);
  assert.equal(plan.told(round(90)).movedOn, false);
  assert.deepEqual(plan.progress, {
    done: 6,
    total: 6,
    moments: [
      { label: "chorus, eight 2", first: 70, last: 70, mastered: true },
      { label: "verse, eight 1", first: 90, last: 90, mastered: true },
    ],
    partScore: 66,
    isOver: true,
  });
});

test("nobody is kept at one moment for ever", () => {
  const plan = aPlan();
  const told = Array.from({ length: 12 }, () => plan.told(round(10)));
  assert.deepEqual(told.at(-1), { passed: false, movedOn: true, mastered: false, score: 10 });
  assert.equal(plan.next().moment, 1);
  assert.equal(plan.progress.moments[0].mastered, false);
});

test("a drill goes on where it was after a reload", () => {
  const plan = aPlan();
  speeds(plan, [70, 70, 30]);
  const again = DrillPlan.from(JSON.parse(JSON.stringify(plan.state())));
  assert.deepEqual(again.state(), plan.state());
  assert.equal(again.told(round(40)).passed, plan.told(round(40)).passed);
  assert.deepEqual(again.next(), plan.next());
});

test("in its tab it goes on although words and scores of before have changed, and another drill begins anew", () => {
  const kept = new Map();
  const tab = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
  const tools = { storage: () => tab };
  const drill = { moments: MOMENTS, part: [0, 40], config: CONFIG };
  const plan = planFor(drill, tools);
  speeds(plan, [70, 70, 30]);
  keepPlan(plan, tools);
  const renamed = { ...drill, moments: MOMENTS.map((moment) => ({ ...moment, label: "anders", before: 12 })) };
  assert.deepEqual(planFor(renamed, tools).next(), { ...plan.next(), label: "anders" });
  assert.equal(planFor({ ...drill, part: [0, 39] }, tools).next().rate, 0.5);
  forgetPlan(tools);
  assert.equal(planFor(drill, tools).next().rate, 0.5);
  const locked = { storage: () => { throw new Error("private"); } };
  keepPlan(plan, locked);
  forgetPlan(locked);
  assert.equal(planFor(drill, locked).next().rate, 0.5);
});

test("what is no state of a drill gives none", () => {
  const state = aPlan().state();
  const damaged = [null, 7, "x", {}, { version: 1 }, { ...state, version: 2 }, { ...state, done: {} }];
  damaged.push({ ...state, done: { ...state.done, at: { ...state.done.at, rate: 9 } } });
  damaged.push({ ...state, done: { ...state.done, lasts: ["70", null] } });
  damaged.push({ ...state, drill: { ...state.drill, part: [3, 1] } });
  for (const each of damaged) assert.equal(DrillPlan.from(each), null, JSON.stringify(each));
});

test("a drill without sense is refused", () => {
  assert.throws(() => new DrillPlan({ moments: [{ startS: 4, endS: 4, label: "" }], part: [0, 4], config: CONFIG }), RangeError);
  assert.throws(() => new DrillPlan({ moments: MOMENTS, part: [0, 4], rates: [], config: CONFIG }), RangeError);
});
