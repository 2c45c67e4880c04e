import assert from "node:assert/strict";
import { test } from "node:test";

import { verdictWords } from "../../static/js/live/drill-run.js";
import { EyePlan } from "../../static/js/live/eye-plan.js";
import { localDay, reportOf, reportPractice } from "../../static/js/live/report.js";

const storage = () => {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key), kept };
};
const PRACTICE = { url: "/practice/", slug: "a-dance", kind: "drill", dancedS: 61.234 };

test("a report says what the server takes, and nothing else of a verdict", () => {
  const eights = [{ eight: -1, startS: 0, endS: 2, score: 71.26, verdict: "good", lagMs: 20, limb: "left_arm" }, { eight: 2, score: null, limb: null, rate: 0.5 }];
  const report = reportOf({ ...PRACTICE, eights, rate: 0.75, id: "x", day: "2026-03-01" });
  assert.deepEqual(report, {
    id: "x",
    slug: "a-dance",
    kind: "drill",
    day: "2026-03-01",
    danced_s: 61.2,
    eights: [
      { eight: -1, score: 71.3, limb: "left_arm", rate: 0.75 },
      { eight: 2, score: null, limb: null, rate: 0.5 },
    ],
  });
  assert.match(reportOf(PRACTICE).id, /^[0-9a-f-]{36}$/);
  assert.equal(reportOf({ ...PRACTICE, eights: Array(500).fill({ eight: 1, score: 1 }) }).eights.length, 200);
});

test("the day is the dancer's own", () => {
  assert.equal(localDay(new Date(2026, 2, 1, 0, 5)), "2026-03-01");
  assert.equal(localDay(new Date(2026, 11, 31, 23, 59)), "2026-12-31");
});

test("a report that did not get through is sent again with the next one, under the same id, and then forgotten", async () => {
  const sent = [];
  let answer = "later";
  const tools = { storage: storage(), send: async (url, report) => (sent.push(report.id), answer) };
  assert.equal(await reportPractice({ ...PRACTICE, id: "first" }, tools), false);
  answer = "told";
  assert.equal(await reportPractice({ ...PRACTICE, id: "second" }, tools), true);
  assert.deepEqual(sent, ["first", "first", "second"]);
  assert.equal(tools.storage.kept.size, 0);
});

test("a report is kept before it is sent, two at once both, and each for its own dancer", async () => {
  const kept = storage();
  const silent = { storage: kept, send: () => new Promise(() => {}), dancer: "7" }; // the page is left before the answer
  reportPractice({ ...PRACTICE, id: "first" }, silent);
  reportPractice({ ...PRACTICE, id: "second" }, silent);
  const sent = [];
  const send = async (url, { id }) => (sent.push(id), "told");
  await reportPractice({ ...PRACTICE, id: "third" }, { storage: kept, send, dancer: "8" });
  assert.deepEqual(sent, ["third"]);
  await reportPractice({ ...PRACTICE, id: "fourth" }, { storage: kept, send, dancer: "7" });
  assert.deepEqual(sent, ["third", "first", "second", "fourth"]);
  assert.equal(kept.kept.size, 0);
});

test("what the server refuses is not sent for ever", async () => {
  const tools = { storage: storage(), send: async () => "refused" };
  assert.equal(await reportPractice(PRACTICE, tools), false);
  assert.equal(tools.storage.kept.size, 0);
});

test("nothing danced is nothing told, and a browser that keeps nothing breaks nothing", async () => {
  const locked = { getItem: () => { throw new Error("private"); }, setItem: () => { throw new Error("private"); }, removeItem() {} };
  let calls = 0;
  const send = async () => (calls++, "later");
  assert.equal(await reportPractice({ ...PRACTICE, dancedS: 0 }, { storage: locked, send }), false);
  assert.equal(calls, 0);
  assert.equal(await reportPractice(PRACTICE, { storage: locked, send }), false);
  assert.equal(calls, 1);
});

test("by eye each moment climbs the speeds, falls back when asked, and is done after the last", () => {
  const plan = new EyePlan({ moments: [{}, {}], rates: [0.5, 0.75, 1] });
  plan.notYet();
  assert.equal(plan.next().rate, 0.5);
  plan.gotIt();
  plan.gotIt();
  assert.equal(plan.next().rate, 1);
  plan.notYet();
  assert.equal(plan.next().rate, 0.75);
  plan.gotIt();
  plan.gotIt();
  assert.deepEqual(plan.next(), { moment: 1, rateAt: 0, rate: 0.5 });
  plan.skip();
  assert.equal(plan.next(), null);
  assert.deepEqual(plan.sits, [true, false]);
  plan.gotIt();
  plan.skip();
  assert.ok(plan.isOver);
});

test("each way a round can end has a sentence of its own, with its points", () => {
  const told = (how) => verdictWords({ passed: false, movedOn: false, mastered: false, score: 71.6, ...how });
  const sentences = [told({}), told({ passed: true }), told({ passed: true, movedOn: true }), told({ movedOn: true }), told({ passed: true, movedOn: true, mastered: true })];
  assert.equal(new Set(sentences).size, 5);
  for (const sentence of sentences) assert.match(sentence, /^72 points/);
  assert.match(told({ score: null }), /does not count/);
});
