import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { speedsOf } from "../../static/js/player/speeds.js";
import { Side } from "../../static/js/player/side.js";

const golden = (name) => readFile(new URL(`../golden/${name}`, import.meta.url));
const { begins_shot: cuts } = JSON.parse(await golden("track.json"));

async function loaded(t, name = "track.kdt") {
  const content = await golden(name);
  t.mock.method(globalThis, "fetch", async () => new Response(content));
  const dancer = { track_url: "/track.kdt", video_url: null, audio_url: null };
  const side = new Side({ name: "guide", dancer, offsetS: 0, skeleton: { feet: [3, 8], hands: [[16], [21]], trunk: [] } });
  assert.deepEqual(await side.load({ signal: undefined }), []);
  return side;
}

const drawn = (trails) => trails.map((trail) => trail.map((point) => point !== null));

test("a hand's trail begins at the cut", async (t) => {
  const side = await loaded(t);
  const cutS = side.track.tS[cuts[0]];
  const [before] = drawn(side.trailsAt(cutS - 1e-3));
  assert.ok(before.filter(Boolean).length > 5);
  const [at] = drawn(side.trailsAt(cutS));
  assert.deepEqual([at.filter(Boolean).length, at.at(-1)], [1, true]);
  const [after] = drawn(side.trailsAt(cutS + 0.2));
  assert.ok(after.filter(Boolean).length >= 4);
  assert.equal(after.slice(0, 10).some(Boolean), false);
});

test("without cuts the trail is as long as what was seen", async (t) => {
  const side = await loaded(t, "track.v1.kdt");
  const [trail] = drawn(side.trailsAt(side.track.tS[cuts[0]] + 0.2));
  assert.ok(trail.filter(Boolean).length > 8);
});

test("no speed is measured across a cut", async (t) => {
  const { track } = await loaded(t);
  const speeds = speedsOf(track, { face: track.joints.map(() => false), derived: track.derived });
  assert.ok(Number.isNaN(speeds[cuts[0] - 1]));
  assert.ok(speeds[cuts[0] - 2] > 0 && speeds[cuts[0]] > 0);
});
