/**
 * Runs the streaming scorer over takes and prints what it says, as JSON: `node live_scorer.mjs FOLDER`, which holds
 * takes.json and the tracks it names (tests/bench/live_scorer.py writes them).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { decodeTrack } from "../../static/js/lib/track.js";
import { danceThrough } from "../js/live-takes.js";

const folder = process.argv[2];
const { config, takes } = JSON.parse(readFileSync(join(folder, "takes.json"), "utf8"));
const known = new Map();

async function trackOf(name) {
  if (!known.has(name)) {
    const bytes = readFileSync(join(folder, name));
    const track = await decodeTrack(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    known.set(name, { track, world: await track.world() });
  }
  return known.get(name);
}

const results = [];
for (const take of takes) {
  const [guide, attempt] = [await trackOf(take.guide), await trackOf(take.attempt)];
  results.push(danceThrough(guide, attempt, { counts: take.counts, fromS: 0, toS: take.to_s, config }));
  if (take.attempt !== take.guide) known.delete(take.attempt);
}
process.stdout.write(JSON.stringify(results));
