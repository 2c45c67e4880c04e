import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { JOINTS } from "../../static/js/lib/joints.js";
import { Continuity } from "../../static/js/live/continuity.js";
import { choose, forget, remember, remembered, wasPoor } from "../../static/js/live/engine-choice.js";
import { nobody, toPose } from "../../static/js/live/mapping.js";

const golden = JSON.parse(await readFile(new URL("../golden/mapping.json", import.meta.url)));
const close = (actual, wanted, tolerance) => {
  assert.equal(actual.length, wanted.length);
  wanted.forEach((value, i) => assert.ok(Math.abs(actual[i] - value) <= tolerance, `${i}: ${actual[i]} is not ${value}`));
};
const points = (rows) => rows.map(([x, y, z]) => ({ x, y, z }));

// Mapping

test("33 landmarks become the joints that Python makes of them", () => {
  golden.landmarks.forEach((rows, frame) => {
    const believed = points(rows).map((point, i) => ({ ...point, visibility: golden.visibility[frame][i], presence: golden.presence[frame][i] }));
    const pose = toPose(believed, points(golden.world[frame]), golden.size_px);
    close(pose.xyPx, golden.xy_px[frame].flat(), 1e-3);
    close(pose.conf, golden.conf[frame], 1e-6);
    close(pose.xyzM, golden.xyz_m[frame].flat(), 1e-5);
    assert.ok(pose.found);
  });
});

test("without metres there are none, and nobody is nowhere", () => {
  const plain = points(golden.landmarks[0]).map((point) => ({ ...point, visibility: 0.7 }));
  const pose = toPose(plain, undefined, golden.size_px);
  assert.equal(pose.xyzM, null);
  close([pose.conf[JOINTS.indexOf("nose")], pose.conf[JOINTS.indexOf("left_littletoe")]], [0.7, 0.35], 1e-6);
  assert.ok(nobody().xyPx.every(Number.isNaN) && nobody().conf.every((value) => value === 0) && !nobody().found);
});

// The same dancer

const SIZE = [640, 480];

function standing(x, { conf = 0.9, height = 300 } = {}) {
  const pose = nobody();
  JOINTS.forEach((joint, i) => {
    pose.xyPx[i * 2] = x + (joint.startsWith("left") ? 20 : -20);
    pose.xyPx[i * 2 + 1] = 60 + height * (/ankle|toe/.test(joint) ? 1 : /knee/.test(joint) ? 0.75 : /hip|navel|palm/.test(joint) ? 0.5 : 0.2);
  });
  pose.conf.fill(conf);
  pose.found = true;
  return pose;
}

test("a dancer who moves is followed, somebody elsewhere is not, unless they stay", () => {
  const continuity = new Continuity();
  assert.ok(continuity.admits(standing(100), SIZE, 0));
  assert.ok(continuity.admits(standing(150), SIZE, 40));
  assert.ok(!continuity.admits(standing(500), SIZE, 80));
  assert.ok(continuity.admits(standing(160), SIZE, 120), "the dancer again");
  assert.ok(!continuity.admits(standing(500), SIZE, 160));
  assert.ok(!continuity.admits(standing(505), SIZE, 500));
  assert.ok(continuity.admits(standing(510), SIZE, 700), "there for half a second");
  assert.ok(continuity.admits(standing(100), SIZE, 10_000), "long after");
});

test("what no one can be is not believed", () => {
  assert.ok(!new Continuity().admits(standing(100, { conf: 0.3 }), SIZE, 0));
  assert.ok(!new Continuity().admits(standing(100, { height: 20 }), SIZE, 0));
  assert.ok(!new Continuity().admits(standing(5000), SIZE, 0));
});

// Which model

const measured = (times) => (model, delegate) => Promise.resolve(times[`${delegate} ${model}`] ?? Infinity);

test("the best model that is quick enough is chosen, else the quickest", async () => {
  const gpu = { "GPU full": 20, "CPU full": 80, "CPU lite": 55 };
  assert.deepEqual(await choose({ gpu: true, measure: measured(gpu) }), { model: "full", delegate: "GPU", msPerFrame: 20 });
  assert.deepEqual(await choose({ gpu: false, measure: measured(gpu) }), { model: "lite", delegate: "CPU", msPerFrame: 55 });
  const broken = { "CPU lite": 60 };
  assert.deepEqual(await choose({ gpu: true, measure: measured(broken) }), { model: "lite", delegate: "CPU", msPerFrame: 60 });
  assert.equal((await choose({ gpu: true, measure: measured({}) })).msPerFrame, Infinity);
});

test("a choice is remembered for the engine it was measured with, and any rubbish is none", () => {
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
  const choice = { model: "lite", delegate: "CPU", msPerFrame: 40 };
  remember("engine-1", choice, storage);
  assert.deepEqual(remembered("engine-1", storage), choice);
  assert.equal(remembered("engine-2", storage), null);
  for (const rubbish of ["{", "null", "7", '{"version":1,"engine":"engine-1","model":"huge"}']) {
    kept.set("kdance.engine", rubbish);
    assert.equal(remembered("engine-1", storage), null);
  }
  forget(storage);
  assert.equal(kept.size, 0);
  const forbidden = { getItem: () => { throw new Error("no storage"); } }; // prettier-ignore
  assert.equal(remembered("engine-1", forbidden), null);
  assert.deepEqual([wasPoor(choice, 45), wasPoor(choice, 60), wasPoor(choice, 90)], [false, false, true]);
});
