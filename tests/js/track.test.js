import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { deflateSync, inflateSync } from "node:zlib";

import { decodeTrack, frameTimeAt, isOneShot, sampleTrack, TrackError } from "../../static/js/lib/track.js";

const golden = (name) => readFile(new URL(`../golden/${name}`, import.meta.url));
const expected = JSON.parse(await golden("track.json"));
const bytes = async (name = "track.kdt") => new Uint8Array(await golden(name)).slice().buffer;
const track = await decodeTrack(await bytes());

// Version 1 has one stream of 149 bytes a frame, version 2 has two, of 150 and of 174.
function rebuilt(header, body, world = Buffer.alloc(0), version = 2) {
  const layout = { body_bytes: body.length, world_bytes: world.length };
  const text = new TextEncoder().encode(JSON.stringify(version > 1 ? { ...layout, ...header } : header));
  const data = new Uint8Array(12 + text.length + body.length + world.length);
  data.set(new TextEncoder().encode("KDTR"));
  new DataView(data.buffer).setUint16(4, version, true);
  new DataView(data.buffer).setUint32(8, text.length, true);
  data.set(text, 12);
  data.set(body, 12 + text.length);
  data.set(world, 12 + text.length + body.length);
  return data.buffer;
}

const header = {
  frames: 2,
  size_px: [1080, 1920],
  model: "made up",
  joints: track.joints,
  derived: track.derived,
  parents: track.joints.map(() => -1),
};

// Two frames, half a second apart, with somebody in view.
function twoFrames() {
  const body = Buffer.alloc(2 * 150);
  body.writeInt32LE(50_000, 4);
  body[10] = 255;
  return body;
}

const refused = (code) => (error) => error instanceof TrackError && error.code === code;
const close = (actual, wanted, tolerance) => assert.ok(Math.abs(actual - wanted) <= tolerance, `${actual} ${wanted}`);

// Two joints are enough to see what sampling does.
const small = (tS, seen, cuts = []) => ({
  tS: Float64Array.from(tS),
  xyPx: Float32Array.from(tS.flatMap((t, frame) => (seen[frame] ? [t * 100, 0, t * 100, 50] : [NaN, NaN, NaN, NaN]))),
  conf: Float32Array.from(tS.flatMap((_, frame) => (seen[frame] ? [1, 0.5] : [0, 0]))),
  beginsShot: Uint8Array.from(tS, (_, frame) => (cuts.includes(frame) ? 1 : 0)),
  joints: ["a", "b"],
});

function meansTheGoldenTrack(read) {
  assert.equal(read.tS.length, expected.frames);
  assert.equal(read.tS[expected.frame], expected.t_s);
  assert.deepEqual(read.sizePx, expected.size_px);
  assert.equal(read.model, expected.model);
  expected.xy_px.forEach((value, index) => close(read.xyPx[expected.frame * 58 + index], value, 1e-3));
  expected.conf.forEach((value, index) => close(read.conf[expected.frame * 29 + index], value, 1e-6));
}

const indicesOf = (flags) => [...flags.keys()].filter((frame) => flags[frame]);

test("the golden file means the same as in Python", async () => {
  meansTheGoldenTrack(track);
  assert.deepEqual(indicesOf(track.interpolated), expected.interpolated);
  assert.deepEqual(indicesOf(track.beginsShot), expected.begins_shot);
  const xyzM = await track.world();
  assert.equal(xyzM.length, expected.frames * 87);
  expected.xyz_m.forEach((value, index) => close(xyzM[expected.frame * 87 + index], value, 1e-5));
  for (let frame = 0; frame < expected.frames; frame += 1) {
    const wanted = expected.flat.includes(frame) ? 87 : 0;
    assert.equal(xyzM.subarray(frame * 87, (frame + 1) * 87).filter(Number.isNaN).length, wanted, `frame ${frame}`);
  }
});

test("the first version is still read", async () => {
  const old = await decodeTrack(await bytes("track.v1.kdt"));
  meansTheGoldenTrack(old);
  assert.deepEqual(old.xyPx, track.xyPx);
  assert.equal(old.beginsShot.length, expected.frames);
  assert.deepEqual([indicesOf(old.beginsShot), indicesOf(old.interpolated)], [[], []]);
  assert.equal(await old.world(), null);
});

test("space is unpacked once, and only when it is asked for", async () => {
  const readable = await decodeTrack(rebuilt(header, deflateSync(twoFrames()), deflateSync(Buffer.alloc(2 * 174))));
  assert.equal(readable.world(), readable.world());
  assert.equal((await readable.world()).length, 2 * 87);
  const flat = await decodeTrack(rebuilt(header, deflateSync(twoFrames())));
  assert.equal(await flat.world(), null);
  const damaged = await decodeTrack(rebuilt(header, deflateSync(twoFrames()), Buffer.from("no zlib")));
  await assert.rejects(damaged.world(), refused("damaged"));
  const long = await decodeTrack(rebuilt(header, deflateSync(twoFrames()), deflateSync(Buffer.alloc(20_000_000))));
  await assert.rejects(long.world(), refused("damaged"));
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
  new DataView(later).setUint16(4, 3, true);
  await assert.rejects(decodeTrack(later), refused("unsupported_version"));
});

test("refuses what is damaged, too short or too long", async () => {
  const body = twoFrames();
  const good = await decodeTrack(rebuilt(header, deflateSync(body)));
  assert.deepEqual([...good.tS], [0, 0.5]);
  await assert.rejects(decodeTrack((await bytes()).slice(0, -40)), refused("damaged"));
  await assert.rejects(decodeTrack(rebuilt(header, deflateSync(body.subarray(1)))), refused("damaged"));
  await assert.rejects(decodeTrack(rebuilt(header, deflateSync(Buffer.alloc(2 * 150 + 1)))), refused("damaged"));
  await assert.rejects(decodeTrack(rebuilt(header, deflateSync(Buffer.alloc(20_000_000)))), refused("damaged"));
  await assert.rejects(decodeTrack(rebuilt(header, Buffer.from("no zlib"))), refused("damaged"));
  await assert.rejects(decodeTrack(rebuilt({ ...header, frames: 400_000 }, deflateSync(body))), refused("damaged"));
});

test("refuses a header that lies", async () => {
  const body = deflateSync(Buffer.alloc(300));
  const lies = [
    [{ frames: 1e12 }, "too_large"],
    [{ size_px: [0, 5] }, "bad_values"],
    [{ joints: ["nose"] }, "other_joints"],
    [{}, "bad_values"], // both frames at 0 s
    [{ body_bytes: -1 }, "bad_values"],
    [{ body_bytes: 1 }, "damaged"],
    [{ world_bytes: 1 }, "damaged"],
    [{ world_bytes: "1" }, "bad_values"],
    [{ parents: null }, "bad_values"],
    [{ parents: Array(28).fill(-1) }, "bad_values"],
    [{ parents: [-1, 1, ...Array(27).fill(0)] }, "bad_values"],
    [{ parents: [-2, ...Array(28).fill(0)] }, "bad_values"],
  ];
  for (const [lie, code] of lies) {
    await assert.rejects(decodeTrack(rebuilt({ ...header, ...lie }, body)), refused(code), JSON.stringify(lie));
  }
});

test("refuses flags that mean nothing", async () => {
  for (const flag of [4, 8, 128]) {
    const body = twoFrames();
    body[8] = flag;
    await assert.rejects(decodeTrack(rebuilt(header, deflateSync(body))), refused("bad_values"));
  }
});

test("altered planes are refused or give a track", async () => {
  const data = Buffer.from(await bytes());
  const start = 12 + data.readUInt32LE(8);
  const told = JSON.parse(data.subarray(12, start));
  const whole = [
    inflateSync(data.subarray(start, start + told.body_bytes)),
    inflateSync(data.subarray(start + told.body_bytes)),
  ];
  let seed = 7;
  const below = (end) => (seed = (seed * 48271) % 2147483647) % end;
  let tracks = 0;
  for (let round = 0; round < 100; round += 1) {
    const streams = whole.map((stream) => Buffer.from(stream));
    for (const stream of streams) stream[below(stream.length)] = below(256);
    const { body_bytes: _body, world_bytes: _world, ...rest } = told;
    const read = await decodeTrack(rebuilt(rest, ...streams.map((stream) => deflateSync(stream)))).catch((error) => {
      assert.ok(refused("bad_values")(error), error);
    });
    if (read) assert.equal((await read.world()).length, expected.frames * 87);
    if (read) tracks += 1;
  }
  assert.ok(tracks > 50);
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

test("interpolates nothing across a cut, and keeps the last frame until then", () => {
  const clip = small([0, 0.1, 0.2, 0.3], [1, 1, 1, 1], [2]);
  close(sampleTrack(clip, 0.05).xyPx[0], 5, 1e-5);
  close(sampleTrack(clip, 0.199).xyPx[0], 10, 1e-5);
  close(sampleTrack(clip, 0.2).xyPx[0], 20, 1e-5);
  close(sampleTrack(clip, 0.25).xyPx[0], 25, 1e-5);
});

test("the first picture after a cut has its own skeleton, though its time is told a little short", () => {
  const clip = small([0, 0.03333, 0.06667, 0.1], [1, 1, 1, 1], [2]);
  const told = 0.066666;
  close(sampleTrack(clip, told).xyPx[0], 3.333, 1e-4);
  assert.equal(frameTimeAt(clip, told, 0.002), 0.06667);
  close(sampleTrack(clip, frameTimeAt(clip, told, 0.002)).xyPx[0], 6.667, 1e-4);
  assert.equal(frameTimeAt(clip, 0.1004, 0.002), 0.1);
  assert.equal(frameTimeAt(clip, 0.05, 0.002), 0.05);
  assert.equal(frameTimeAt(small([], []), 0.05, 0.002), 0.05);
});

test("shows nobody of another shot", () => {
  const lateInShot = small([0, 0.05, 0.1, 0.15], [1, 1, 0, 1], [2]);
  assert.equal(sampleTrack(lateInShot, 0.12).found, false);
  const earlyGone = small([0, 0.05, 0.1, 0.15], [1, 0, 1, 1], [2]);
  assert.equal(sampleTrack(earlyGone, 0.07).found, false);
  close(sampleTrack(earlyGone, 0.1).xyPx[0], 10, 1e-5);
});

test("a clip may begin with a cut", () => {
  close(sampleTrack(small([0.1, 0.2], [1, 1], [0]), 0.05).xyPx[0], 10, 1e-5);
});

test("tells moments of one shot from those with a cut between", () => {
  const clip = small([0, 0.1, 0.2, 0.3], [1, 1, 1, 1], [2]);
  assert.equal(isOneShot(clip, 0, 0.15), true);
  assert.equal(isOneShot(clip, 0.15, 0.2), false);
  assert.equal(isOneShot(clip, 0.2, 0.9), true);
  assert.equal(isOneShot(clip, 0, 0.9), false);
});

test("does not show a dancer who has left", () => {
  assert.equal(sampleTrack(small([0, 0.03, 0.06], [1, 1, 0]), 0.04).found, false);
});

test("reuses the arrays it is given", () => {
  const out = { xyPx: new Float32Array(4), conf: new Float32Array(2) };
  assert.equal(sampleTrack(small([0, 0.1], [1, 1]), 0.05, out), out);
  close(out.xyPx[0], 5, 1e-5);
});
