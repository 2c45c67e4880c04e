import assert from "node:assert/strict";
import { test } from "node:test";

import { mirroredLimb } from "../../static/js/lib/skeleton.js";
import { bandOf } from "../../static/js/live/scorer-points.js";
import { eightsOf, StreamScorer } from "../../static/js/live/scorer.js";
import { config, lengthS, takeOf, takes } from "./live-golden.js";
import { danceThrough, posesOf, scorerFor } from "./live-takes.js";

const BANDS = ["miss", "ok", "good", "great", "perfect"];
const TRIED_LAG_MS = 100;
const results = new Map(takes.map((take) => [take.name, danceThrough(take.guide, take.attempt, take.how, take.poses)]));

/** Every eight with what Python says of it: [{name, live, said, mirrored}]. */
const pairs = takes.flatMap(({ name, said }) =>
  said.eights.map((eight) => ({ name, said: eight, live: results.get(name).eights.find((each) => each.eight === eight.eight), mirrored: said.mirrored })),
);
const scored = pairs.filter(({ live, said }) => live.score !== null && said.score !== null);

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const run = (name, poses, how = {}) => {
  const take = takeOf(name);
  return danceThrough(take.guide, take.attempt, { ...take.how, ...how }, poses ?? take.poses);
};

test("the eights are those of the server, and the same ones were seen", () => {
  for (const { name, said } of takes) {
    const live = results.get(name).eights;
    assert.deepEqual(live.map(({ eight }) => eight), said.eights.map(({ eight }) => eight), name);
    assert.deepEqual(live.map(({ score }) => score === null), said.eights.map(({ score }) => score === null), name);
  }
});

test("eights get the server's points: 1.5 off on average, and as a rule the same verdict", () => {
  assert.ok(scored.length > 60);
  const off = scored.map(({ live, said }) => Math.abs(live.score - said.score));
  assert.ok(mean(off) < 1.5, `${mean(off)} points on average`);
  const apart = scored.map(({ live, said }) => Math.abs(BANDS.indexOf(live.verdict) - BANDS.indexOf(bandOf(said.score, config.bands))));
  assert.ok(apart.every((bands) => bands <= 1));
  assert.ok(mean(apart.map((bands) => (bands === 0 ? 1 : 0))) >= 0.92, `${apart}`);
  assert.equal(Math.max(...off) < 6, true, `${Math.max(...off)}`);
});

test("who is late or early is told so, and by how much", () => {
  const told = scored.filter(({ said }) => said.lag_ms !== null && Math.abs(said.lag_ms) >= TRIED_LAG_MS);
  assert.ok(told.length >= 8);
  for (const { name, live, said } of told) assert.ok(Math.abs(live.lagMs - said.lag_ms) < 10, `${name}: ${live.lagMs}, ${said.lag_ms}`);
});

test("so much of a constant lag as the clock may be wrong is not the dancer's", () => {
  const [strict, kind] = [results.get("200 ms late"), run("200 ms late", undefined, { clockDoubtS: 0.12 })];
  strict.eights.forEach(({ lagMs, score }, at) => {
    assert.ok(Math.abs(lagMs - 120 - kind.eights[at].lagMs) < 1e-6, `${lagMs}, ${kind.eights[at].lagMs}`);
    assert.ok(kind.eights[at].score > score);
  });
  for (const { lagMs } of run("clean", undefined, { clockDoubtS: 0.12 }).eights) assert.ok(Math.abs(lagMs) < 10, `${lagMs}`);
});

test("where one limb is plainly wrong it is named, by the dancer's own side", () => {
  const plain = scored.filter(({ said }) => {
    const [worst, next] = Object.values(said.limbs).filter((points) => points !== null).sort((one, other) => one - other);
    return worst < 60 && next - worst > 25;
  });
  assert.ok(plain.length >= 4);
  for (const { name, live, said, mirrored } of plain) {
    const [[worst]] = Object.entries(said.limbs).filter(([, points]) => points !== null).sort((one, other) => one[1] - other[1]);
    assert.equal(live.limb, mirrored ? mirroredLimb(worst) : worst, name);
  }
});

test("who is right all over, or late all over, has no limb that is named", () => {
  for (const name of ["clean", "200 ms late", "150 ms early", "mirrored", "from 25 degrees aside"]) {
    assert.deepEqual(results.get(name).eights.map(({ limb }) => limb), [null, null, null, null], name);
  }
});

test("the mirror image is found without being told, and scored as well", () => {
  for (const { name, said } of takes) assert.equal(results.get(name).mirrored, said.mirrored, name);
});

test("a small dancer is told the size, an exact one is not", () => {
  for (const { size } of results.get("small").eights) assert.ok(size > 0.55 && size < 0.85, `${size}`);
  for (const { size } of results.get("clean").eights) assert.ok(size > 0.88 && size < 1.12, `${size}`);
});

test("another dance is a miss", () => {
  for (const { verdict } of results.get("another dance").eights) assert.equal(verdict, "miss");
});

test("poses one by one and in bursts give the same verdicts", () => {
  const { guide, attempt, how, poses } = takeOf("left arm wrong, mirrored, late");
  const scorer = scorerFor(guide, attempt, how);
  const eights = [];
  for (let at = 0; at < poses.length; at += 40) {
    const burst = poses.slice(at, at + 40);
    for (const { tS, pose } of burst) scorer.add(tS, pose);
    eights.push(...scorer.takeEights(burst.at(-1).tS));
  }
  eights.push(...scorer.takeEights(Infinity));
  assert.deepEqual(eights, results.get("left arm wrong, mirrored, late").eights);
});

test("a verdict is there within 250 ms after its eight, once, from no more than 150 ms of what follows", () => {
  const { guide, attempt, how, poses } = takeOf("left arm wrong");
  const scorer = scorerFor(guide, attempt, how);
  const toldAt = new Map();
  for (const { tS, pose } of poses) {
    if (tS % 4 < 0.15 || tS % 4 > 0.26) scorer.add(tS, pose); // what comes between comes too late
    for (const { eight } of scorer.takeEights(tS)) toldAt.set(eight, [...(toldAt.get(eight) ?? []), tS]);
  }
  assert.deepEqual([...toldAt.keys()], [0, 1, 2]);
  for (const [eight, times] of toldAt) {
    assert.equal(times.length, 1);
    assert.ok(times[0] - (eight + 1) * 4 < 0.25, `eight ${eight}: ${times[0]}`);
  }
});

test("a wrong limb glows while it is wrong, nothing else does, and nothing for a dancer who is a little late", () => {
  const wrong = results.get("left arm wrong").glow;
  assert.deepEqual(Object.keys(wrong), ["left_arm"]);
  assert.ok(wrong.left_arm > 0.1, `${wrong.left_arm} of the take; it is wrong for .44 of it, now more and now less`);
  assert.deepEqual(Object.keys(results.get("left arm wrong, mirrored, late").glow), ["right_arm"]);
  for (const name of ["clean", "200 ms late", "150 ms early", "mirrored", "at 15 frames a second", "as a causal filter leaves it", "small"]) {
    assert.deepEqual(results.get(name).glow, {}, name);
  }
});

test("never more than three limbs glow, the worst first", () => {
  const { guide, attempt, how, poses } = takeOf("another dance");
  const scorer = scorerFor(guide, attempt, how);
  let most = 0;
  for (const { tS, pose } of poses) {
    scorer.add(tS, pose);
    most = Math.max(most, scorer.limbsWrong().length);
  }
  assert.ok(most >= 2 && most <= 3, `${most}`);
});

test("at half speed lags are real milliseconds", () => {
  const { poses } = takeOf("clean");
  const late = poses.map(({ tS, pose }) => ({ tS: tS + 0.1, pose }));
  for (const { lagMs } of run("clean", late, { rate: 0.5 }).eights) assert.ok(Math.abs(lagMs - 200) < 10, `${lagMs}`);
});

test("what is out of view is not judged, and a stretch without poses has no verdict", () => {
  for (const { limbs } of results.get("legs out of view").eights) assert.deepEqual([limbs.left_leg, limbs.right_leg], [null, null]);
  const gone = results.get("gone for an eight").eights[2];
  assert.deepEqual([gone.score, gone.verdict, gone.lagMs, gone.size, gone.limb], [null, null, null, null, null]);
  const nobody = run("clean", []);
  assert.deepEqual(nobody.eights.map(({ score }) => score), [null, null, null, null]);
});

test("rubbish among the poses changes nothing", () => {
  const { poses, attempt } = takeOf("left arm wrong");
  const [blank] = posesOf(attempt);
  const rubbish = { xyPx: new Float32Array(58).fill(NaN), conf: new Float32Array(29).fill(1), xyzM: null, found: true };
  const dirty = poses.flatMap((each, at) => {
    if (at % 7) return [each];
    const wrongTimes = [NaN, Infinity, -5, each.tS - 1, each.tS].map((tS) => ({ tS, pose: blank.pose }));
    return [each, ...wrongTimes];
  });
  const scorer = scorerFor(takeOf("left arm wrong").guide, attempt, takeOf("left arm wrong").how);
  for (const { tS, pose } of dirty) scorer.add(tS, pose);
  assert.deepEqual(scorer.takeEights(Infinity), results.get("left arm wrong").eights);
  const holes = run("left arm wrong", poses.map((each, at) => (at % 11 ? each : { tS: each.tS, pose: rubbish })));
  for (const [at, { score }] of holes.eights.entries()) assert.ok(Math.abs(score - results.get("left arm wrong").eights[at].score) < 12, `${score}`);
});

test("a jump in time leaves the eights between untold and goes on", () => {
  const { eights } = run("clean", takeOf("clean").poses.filter(({ tS }) => tS < 2 || tS > 12));
  assert.deepEqual(eights.map(({ score }) => score === null), [false, true, true, false]);
});

test("a part is danced from its own beginning to its own end", () => {
  const { eights } = run("clean", undefined, { fromS: 4, toS: 12 });
  assert.deepEqual(eights.map(({ eight, startS, endS }) => [eight, startS, endS]), [[1, 4, 8], [2, 8, 12]]);
  for (const { score } of eights) assert.ok(score > 90, `${score}`);
});

test("eights have the numbers of the counts, pieces of four seconds where there are none", () => {
  const counts = { bpm: 120, first_beat_s: 5 };
  assert.deepEqual(eightsOf(counts, 0, 10, 4), [{ eight: -2, startS: 0, endS: 1 }, { eight: -1, startS: 1, endS: 5 }, { eight: 0, startS: 5, endS: 9 }, { eight: 1, startS: 9, endS: 10 }]);
  assert.deepEqual(eightsOf(null, 4, 9, 4), [{ eight: 1, startS: 4, endS: 8 }, { eight: 2, startS: 8, endS: 9 }]);
  assert.deepEqual(eightsOf(counts, 9, 9, 4), []);
});

test("a guide without a single frame is danced without verdicts", () => {
  const guide = { tS: new Float64Array(0), xyPx: new Float32Array(0), conf: new Float32Array(0), sizePx: [640, 480], joints: takeOf("clean").guide.track.joints, beginsShot: new Uint8Array(0) };
  const scorer = new StreamScorer({ guide, guideWorld: null, counts: null, config, sizePx: [640, 480], fromS: 0, toS: lengthS });
  for (const { tS, pose } of takeOf("clean").poses) scorer.add(tS, pose);
  assert.deepEqual(scorer.takeEights(Infinity), []);
  assert.deepEqual(scorer.limbsWrong(), []);
});
