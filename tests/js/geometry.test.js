import assert from "node:assert/strict";
import { test } from "node:test";

import {
  compose,
  contain,
  dancerBox,
  leanOf,
  mirrorInside,
  overlapOf,
  panelsOf,
  placeBox,
  lastUpTo,
  quantile,
  shotsOf,
  torsoFit,
  torsoOf,
} from "../../static/js/lib/geometry.js";

const PORTRAIT = { x: 0, y: 0, width: 90, height: 160 };
const LANDSCAPE = { x: 0, y: 0, width: 160, height: 90 };
const close = (actual, expected) => assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

test("a portrait picture in a wide panel keeps its shape and stands in the middle", () => {
  const box = placeBox(contain(PORTRAIT, { x: 10, y: 0, width: 400, height: 320 }), PORTRAIT);
  assert.deepEqual(box, { x: 10 + (400 - 180) / 2, y: 0, width: 180, height: 320 });
});

test("a part of a picture is brought into the panel, not the picture's corner", () => {
  const part = { x: 50, y: 20, width: 10, height: 10 };
  assert.deepEqual(placeBox(contain(part, { x: 0, y: 0, width: 100, height: 100 }), part), { x: 0, y: 0, width: 100, height: 100 });
});

test("a mirrored picture covers the same box and swaps its edges", () => {
  const place = contain(PORTRAIT, { x: 5, y: 7, width: 90, height: 160 });
  const turned = mirrorInside(place, PORTRAIT);
  assert.deepEqual(placeBox(turned, PORTRAIT), placeBox(place, PORTRAIT));
  close(turned.a * 0 + turned.e, 95);
  close(turned.a * 90 + turned.e, 5);
});

test("mirroring twice changes nothing", () => {
  const place = contain({ x: 3, y: 0, width: 40, height: 80 }, { x: 0, y: 0, width: 300, height: 200 });
  const content = { x: 3, y: 0, width: 40, height: 80 };
  assert.deepEqual(mirrorInside(mirrorInside(place, content), content), place);
});

test("composed places act one after the other", () => {
  const inner = { a: -2, d: 2, e: 5, f: 1 };
  const outer = { a: 3, d: 3, e: -4, f: 7 };
  const both = compose(outer, inner);
  const x = 11;
  close(both.a * x + both.e, outer.a * (inner.a * x + inner.e) + outer.e);
  close(both.d * x + both.f, outer.d * (inner.d * x + inner.f) + outer.f);
});

test("two portraits stand beside each other, two landscapes above each other in a square stage", () => {
  const stage = { width: 300, height: 300 };
  const [, beside] = panelsOf(stage, [PORTRAIT, PORTRAIT], "side");
  const [, below] = panelsOf(stage, [LANDSCAPE, LANDSCAPE], "side");
  assert.ok(beside.x > 0 && beside.y === 0);
  assert.ok(below.y > 0 && below.x === 0);
});

test("over each other, and alone, a side has the whole stage", () => {
  const stage = { width: 300, height: 200 };
  const whole = { x: 0, y: 0, width: 300, height: 200 };
  assert.deepEqual(panelsOf(stage, [PORTRAIT, PORTRAIT], "over"), [whole, whole]);
  assert.deepEqual(panelsOf(stage, [PORTRAIT], "side"), [whole]);
});

test("pictures side by side lean towards each other", () => {
  const columns = panelsOf({ width: 800, height: 300 }, [PORTRAIT, PORTRAIT], "side", 8);
  const [left, right] = columns.map((panel, i) => placeBox(contain(PORTRAIT, panel, leanOf(columns, i)), PORTRAIT));
  close(right.x - (left.x + left.width), 8);
  assert.deepEqual(leanOf([columns[0]], 0), { x: 0.5, y: 0.5 });
});

test("boxes that do not meet have nothing in common", () => {
  assert.deepEqual(overlapOf({ x: 0, y: 0, width: 10, height: 10 }, { x: 4, y: -5, width: 10, height: 10 }), { x: 4, y: 0, width: 6, height: 5 });
  assert.equal(overlapOf({ x: 0, y: 0, width: 1, height: 1 }, { x: 5, y: 0, width: 1, height: 1 }).width, 0);
});

test("quantiles go by rank", () => {
  assert.equal(quantile([5, 1, 9, 3, 7], 0.5), 5);
  assert.equal(quantile([5, 1, 9], 0), 1);
  assert.equal(quantile([5, 1, 9], 1), 9);
});

/** A track of `frames` frames and four joints: a square that stands at (x, y). */
function squareTrack(frames, { x = 40, y = 50, size = 20, conf = 0.9 } = {}) {
  const corners = [x, y, x + size, y, x, y + size, x + size, y + size];
  return {
    tS: Float64Array.from({ length: frames }, (_, i) => i / 30),
    xyPx: Float32Array.from({ length: frames * 8 }, (_, i) => corners[i % 8]),
    conf: new Float32Array(frames * 4).fill(conf),
    joints: ["a", "b", "c", "d"],
    sizePx: [100, 200],
  };
}

test("the box of a dancer holds every joint, with air, and knows the floor", () => {
  const box = dancerBox(squareTrack(50), [2, 3]);
  assert.ok(box.x < 40 && box.x + box.width > 60 && box.y < 50 && box.y + box.height > 70);
  assert.equal(box.floorY, 70);
});

test("one lost frame does not shrink the dancer", () => {
  const track = squareTrack(400);
  track.xyPx[0] = 5000;
  assert.ok(dancerBox(track, [2, 3]).width < 60);
});

test("a track in which nobody is sure enough shows the whole picture", () => {
  assert.deepEqual(dancerBox(squareTrack(5, { conf: 0.1 }), [2, 3]), { x: 0, y: 0, width: 100, height: 200, floorY: null });
});

const TRUNK = { hips: [2, 3], shoulders: [0, 1] };

test("a torso has a centre and a length, and none where a hip is unsure", () => {
  const { xyPx, conf } = squareTrack(1);
  assert.deepEqual(torsoOf({ xyPx, conf }, TRUNK), { x: 50, y: 60, length: 20 });
  assert.equal(torsoOf({ xyPx, conf: [0.9, 0.9, 0.1, 0.9] }, TRUNK), null);
});

function samplesOf(guide, attempt) {
  return Array.from({ length: 30 }, (_, i) => ({ tS: i / 10, guide: guide(i / 10), attempt: attempt(i / 10) }));
}

test("the attempt's torso lies on the guide's, whatever its size and place", () => {
  const fit = torsoFit(samplesOf(() => ({ x: 100, y: 80, length: 40 }), () => ({ x: 33, y: 210, length: 10 })), null);
  const place = fit(1.5);
  close(place.d, 4);
  close(place.a * 33 + place.e, 100);
  close(place.d * 210 + place.f, 80);
});

test("a flipped attempt is laid over mirror-wise", () => {
  const place = torsoFit(samplesOf(() => ({ x: 100, y: 80, length: 10 }), () => ({ x: 30, y: 80, length: 10 })), 200)(0);
  close(place.a, -1);
  close(place.a * 30 + place.e, 100);
  close(place.a * 40 + place.e, 90);
});

test("the place follows travel and one bow does not change the size", () => {
  const guide = (tS) => ({ x: 100 + 50 * tS, y: 80, length: tS === 1 ? 5 : 40 });
  const fit = torsoFit(samplesOf(guide, () => ({ x: 0, y: 0, length: 40 })), null);
  close(fit(1).d, 1);
  close(fit(1.5).e, 175);
  assert.ok(fit(2.5).e > fit(0.5).e);
});

test("before the first and after the last torso the place stays", () => {
  const fit = torsoFit(samplesOf((tS) => ({ x: tS, y: 0, length: 1 }), () => ({ x: 0, y: 0, length: 1 })), null);
  assert.deepEqual(fit(-5), fit(0));
  assert.deepEqual(fit(99), fit(2.9));
});

test("without a common torso there is no fit", () => {
  assert.equal(torsoFit(samplesOf(() => null, () => ({ x: 0, y: 0, length: 1 })), null), null);
  assert.equal(torsoFit(samplesOf(() => ({ x: 0, y: 0, length: 0 }), () => ({ x: 0, y: 0, length: 0 })), null), null);
});

test("shots lie between cuts, and a cut before the first frame makes none", () => {
  const shots = (...cuts) => shotsOf({ tS: [0, 1, 2, 3, 4], beginsShot: Uint8Array.from([0, 1, 2, 3, 4], (frame) => Number(cuts.includes(frame))) });
  assert.deepEqual(shots(), [[0, 5]]);
  assert.deepEqual(shots(0, 2, 4), [[0, 2], [2, 4], [4, 5]]);
  assert.deepEqual([-1, 0, 1.5, 9].map((value) => lastUpTo([0, 1, 2], value)), [-1, 0, 1, 2]);
});

test("each shot has a box of its own", () => {
  const track = squareTrack(60);
  for (let cell = 30 * 8; cell < 60 * 8; cell++) track.xyPx[cell] = track.xyPx[cell] / 2 + 100;
  const [first, second] = [[0, 30], [30, 60]].map((frames) => dancerBox(track, [2, 3], frames));
  assert.deepEqual([first.floorY, second.floorY], [70, 135]);
  close(second.height, first.height / 2);
});

test("at a cut the attempt takes its new size and place at once, and eases over neither", () => {
  const shot = (tS) => (tS < 1.5 ? "near" : "far");
  const samples = samplesOf(
    () => ({ x: 100, y: 80, length: 40 }),
    (tS) => (shot(tS) === "near" ? { x: 50, y: 90, length: 80 } : { x: 20, y: 30, length: 20 }),
  ).map((sample) => ({ ...sample, shot: shot(sample.tS) }));
  const fit = torsoFit(samples, null);
  for (const [tS, x, y, scale] of [[1.49, 50, 90, 0.5], [1.5, 20, 30, 2]]) {
    const place = fit(tS, shot(tS));
    close(place.d, scale);
    close(place.a * x + place.e, 100);
    close(place.d * y + place.f, 80);
  }
});

test("a shot too short to tell takes size and place of the whole", () => {
  const samples = samplesOf(() => ({ x: 0, y: 0, length: 40 }), (tS) => ({ x: 0, y: 0, length: tS > 2.75 ? 5 : 40 }));
  const fit = torsoFit(samples.map((sample) => ({ ...sample, shot: sample.tS > 2.75 })), null);
  close(fit(2.9, true).d, 1);
  close(fit(2.9, "never seen").d, 1);
});
