import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { deflateSync } from "node:zlib";

import { decodeTrack, sampleTrack, TrackError } from "../../static/js/lib/track.js";

const golden = (name) => readFile(new URL(`../golden/${name}`, import.meta.url));
const expected = JSON.parse(await golden("track.json"));
const bytes = async () => new Uint8Array(await golden("track.kdt")).slice().buffer;
const track = await decodeTrack(await bytes());

function rebuilt(header, compressed) {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const data = new Uint8Array(12 + text.length + compressed.length);
  data.set(new TextEncoder().encode("KDTR"));
  new DataView(data.buffer).setUint16(4, 1, true);
  new DataView(data.buffer).setUint32(8, text.length, true);
  data.set(text, 12);
  data.set(compressed, 12 + text.length);
  return data.buffer;
}

const header = {
  frames: 2,
  size_px: [1080, 1920],
  model: "made up",
  joints: track.joints,
  derived: track.derived,
};

const refused = (code) => (error) => error instanceof TrackError && error.code === code;
const close = (actual, wanted, tolerance) => assert.ok(Math.abs(actual - wanted) <= tolerance, `${actual} ${wanted}`);

// Two joints are enough to see what sampling does.
const small = (tS, seen) => ({
  tS: Float64Array.from(tS),
  xyPx: Float32Array.from(tS.flatMap((t, frame) => (seen[frame] ? [t * 100, 0, t * 100, 50] : [NaN, NaN, NaN, NaN]))),
  conf: Float32Array.from(tS.flatMap((_, frame) => (seen[frame] ? [1, 0.5] : [0, 0]))),
  joints: ["a", "b"],
});

test("the golden file means the same as in Python", () => {
  assert.equal(track.tS.length, expected.frames);
  assert.equal(track.tS[expected.frame], expected.t_s);
  assert.deepEqual(track.sizePx, expected.size_px);
  assert.equal(track.model, expected.model);
  expected.xy_px.forEach((value, index) => close(track.xyPx[expected.frame * 58 + index], value, 1e-3));
  expected.conf.forEach((value, index) => close(track.conf[expected.frame * 29 + index], value, 1e-6));
});

test("joints and derived joints are named", () => {
  assert.equal(track.joints[0], "center_hip");
  assert.equal(track.joints.length, 29);
  assert.equal(track.derived.filter(Boolean).length, 6);
  assert.equal(track.derived[track.joints.indexOf("left_littletoe")], true);
});

test("frames without a dancer are NaN", () => {
  const [first, end] = expected.missing;
  for (let frame = 0; frame < expected.frames; frame += 1) {
    const isMissing = frame >= first && frame < end;
    assert.equal(Number.isNaN(track.xyPx[frame * 58]), isMissing, `frame ${frame}`);
    assert.equal(track.conf[frame * 29] === 0, isMissing, `frame ${frame}`);
  }
});

test("a clip without frames", async () => {
  const empty = await decodeTrack(rebuilt({ ...header, frames: 0 }, deflateSync(Buffer.alloc(0))));
  assert.equal(empty.tS.length, 0);
  assert.equal(sampleTrack(empty, 1).found, false);
});

test("refuses what is not a track", async () => {
  await assert.rejects(decodeTrack(new ArrayBuffer(5)), refused("not_a_track"));
  await assert.rejects(decodeTrack(new TextEncoder().encode("<!doctype html>").buffer), refused("not_a_track"));
});

test("refuses another version", async () => {
  const later = await bytes();
  new DataView(later).setUint16(4, 2, true);
  await assert.rejects(decodeTrack(later), refused("unsupported_version"));
});

test("refuses what is damaged, too short or too long", async () => {
  const body = Buffer.alloc(2 * 149);
  body.writeInt32LE(3333, 4);
  const good = await decodeTrack(rebuilt(header, deflateSync(body)));
  assert.deepEqual([...good.tS], [0, 0.03333]);
  await assert.rejects(decodeTrack((await bytes()).slice(0, -40)), refused("damaged"));
  await assert.rejects(decodeTrack(rebuilt(header, deflateSync(body.subarray(1)))), refused("damaged"));
  await assert.rejects(decodeTrack(rebuilt(header, deflateSync(Buffer.alloc(2 * 149 + 1)))), refused("damaged"));
  await assert.rejects(decodeTrack(rebuilt(header, deflateSync(Buffer.alloc(20_000_000)))), refused("damaged"));
  await assert.rejects(decodeTrack(rebuilt(header, Buffer.from("no zlib"))), refused("damaged"));
});

test("refuses a header that lies", async () => {
  const body = deflateSync(Buffer.alloc(298));
  await assert.rejects(decodeTrack(rebuilt({ ...header, frames: 1e12 }, body)), refused("too_large"));
  await assert.rejects(decodeTrack(rebuilt({ ...header, size_px: [0, 5] }, body)), refused("bad_values"));
  await assert.rejects(decodeTrack(rebuilt({ ...header, joints: ["nose"] }, body)), refused("other_joints"));
  await assert.rejects(decodeTrack(rebuilt(header, body)), refused("bad_values")); // both frames at 0 s
});

test("samples between frames", () => {
  const pose = sampleTrack(small([0, 0.1], [1, 1]), 0.025);
  assert.equal(pose.found, true);
  close(pose.xyPx[0], 2.5, 1e-5);
  close(pose.conf[1], 0.5, 1e-6);
});

test("samples a frame at its very time", () => {
  const pose = sampleTrack(small([0, 0.1, 0.2], [0, 1, 0]), 0.1);
  close(pose.xyPx[0], 10, 1e-5);
});

test("bridges a short gap and leaves a long one", () => {
  assert.equal(sampleTrack(small([0, 0.1, 0.2], [1, 0, 1]), 0.12).found, true);
  const away = sampleTrack(small([0, 0.1, 0.2, 0.3], [1, 0, 0, 1]), 0.12);
  assert.equal(away.found, false);
  assert.ok(Number.isNaN(away.xyPx[0]));
  assert.equal(sampleTrack(small([0, 0.3], [1, 1]), 0.05).found, false);
});

test("holds the first and the last frame for a moment only", () => {
  const clip = small([0.1, 0.2], [1, 1]);
  close(sampleTrack(clip, 0).xyPx[0], 10, 1e-5);
  close(sampleTrack(clip, 0.35).xyPx[0], 20, 1e-5);
  assert.equal(sampleTrack(clip, 0.5).found, false);
});

test("does not show a dancer who has left", () => {
  assert.equal(sampleTrack(small([0, 0.03, 0.06], [1, 1, 0]), 0.04).found, false);
});

test("reuses the arrays it is given", () => {
  const out = { xyPx: new Float32Array(4), conf: new Float32Array(2) };
  assert.equal(sampleTrack(small([0, 0.1], [1, 1]), 0.05, out), out);
  close(out.xyPx[0], 5, 1e-5);
});
