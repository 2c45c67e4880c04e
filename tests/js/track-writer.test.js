import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { inflateSync } from "node:zlib";

import { encodeTrack } from "../../static/js/lib/track-writer.js";
import { decodeTrack } from "../../static/js/lib/track.js";
import { Recording } from "../../static/js/live/recording.js";

// Written by inference/pose/codec.py: cuts, a gap without a dancer, a frame without depth, interpolated frames.
const golden = new Uint8Array(await readFile(new URL("../golden/track.kdt", import.meta.url)));
const track = await decodeTrack(golden.slice().buffer);
const xyzM = await track.world();

function parts(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(12, 12 + length)));
  const body = 12 + length + header.body_bytes;
  return { header, body: inflateSync(bytes.subarray(12 + length, body)), world: inflateSync(bytes.subarray(body)) };
}

test("a track is written as Python writes it, byte by byte before it is deflated", async () => {
  const written = parts(new Uint8Array(await encodeTrack({ ...track, xyzM })));
  const wanted = parts(golden);
  assert.deepEqual({ ...written.header, body_bytes: 0, world_bytes: 0 }, { ...wanted.header, body_bytes: 0, world_bytes: 0 });
  assert.deepEqual(Object.keys(written.header), Object.keys(wanted.header));
  assert.deepEqual(written.body, wanted.body);
  assert.deepEqual(written.world, wanted.world);
});

test("what was written is read again, with and without metres", async () => {
  const back = await decodeTrack(await encodeTrack({ ...track, xyzM }));
  for (const name of ["tS", "xyPx", "conf", "interpolated", "beginsShot"]) assert.deepEqual(back[name], track[name]);
  assert.deepEqual(await back.world(), xyzM);
  assert.equal(await (await decodeTrack(await encodeTrack({ ...track, xyzM: null }))).world(), null);
});

test("what the format cannot hold is refused", async () => {
  await assert.rejects(encodeTrack({ ...track, tS: track.tS.map(() => 1) }), RangeError);
});

test("a recording keeps found and lost pictures in their order", async () => {
  const pose = (x, found = true) => ({
    found,
    xyPx: new Float32Array(58).fill(found ? x : NaN),
    conf: new Float32Array(29).fill(found ? 0.6 : 0),
    xyzM: found ? new Float32Array(87).fill(0.1) : null,
  });
  const recording = new Recording({ sizePx: [640, 480], model: "lite" });
  assert.deepEqual([recording.frames, recording.durationS, recording.startedMs], [0, 0, null]);
  recording.add(0, pose(100));
  recording.add(0.04, pose(0, false));
  recording.add(0.08, pose(200));
  assert.throws(() => recording.add(0.08, pose(1)), RangeError);
  const read = await decodeTrack(await recording.toKdt());
  assert.deepEqual([...read.tS], [0, 0.04, 0.08]);
  assert.deepEqual([read.xyPx[0], read.xyPx[58], read.xyPx[116]], [100, NaN, 200]);
  assert.deepEqual([read.conf[29], read.model, read.sizePx], [0, "tasks-vision-lite", [640, 480]]);
  assert.deepEqual([recording.frames, recording.durationS], [3, 0.08]);
});
