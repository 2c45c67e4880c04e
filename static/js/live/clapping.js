import { word } from "../lib/words.js";
import { clapTimes, latencyFrom } from "./latency-maths.js";

const BEAT_MS = 750;
const LISTENED = 4; // clicks to get into it
const CLAPPED = 8;
const LEAD_MS = 600;
const TAIL_MS = 700;
const LEAST_CONF = 0.3;

/**
 * Plays clicks and shows flashes, watches the hands meet, and tells how late they are.
 * @param {Room} room
 * @returns {Promise<object|null>} latencyFrom's answer; null if it was stopped
 */
export async function measureByClapping(room) {
  const startMs = performance.now() + LEAD_MS;
  const beats = Array.from({ length: LISTENED + CLAPPED }, (_, n) => startMs + n * BEAT_MS);
  room.metronome.count(beats.map((atMs, n) => ({ atMs, count: n < LISTENED ? 1 : 2 })));
  room.view.showNote(word("live_clap_listen"));
  for (const [n, atMs] of beats.entries()) room.scope.timeout(() => told(room, n), atMs - performance.now());
  const samples = [];
  const over = beats.at(-1) + TAIL_MS;
  const heard = await room.listen(({ pose, captureMs, foundMs }) => {
    const gap = gapOfHands(room.skeleton.joints, pose);
    if (gap !== null) samples.push({ ms: captureMs, gap });
    return foundMs >= over ? true : undefined;
  });
  room.metronome.hush();
  return heard ? latencyFrom(beats.slice(LISTENED), clapTimes(samples)) : null;
}

function told(room, n) {
  room.view.flash();
  if (n === LISTENED - 1) room.view.showNote(word("live_clap_now"));
  room.view.showCount(n < LISTENED ? null : n - LISTENED + 1);
}

/** The distance of the hands in shoulder breadths; null where one of them is not seen. */
function gapOfHands(joints, pose) {
  if (!pose.found) return null;
  const at = (name) => joints.indexOf(name);
  const needed = ["left_wrist", "right_wrist", "left_shoulder", "right_shoulder"].map(at);
  if (needed.some((joint) => !(pose.conf[joint] >= LEAST_CONF))) return null;
  const [left, right, leftShoulder, rightShoulder] = needed.map((joint) => [pose.xyPx[joint * 2], pose.xyPx[joint * 2 + 1]]);
  const broad = Math.hypot(leftShoulder[0] - rightShoulder[0], leftShoulder[1] - rightShoulder[1]);
  return broad > 1 ? Math.hypot(left[0] - right[0], left[1] - right[1]) / broad : null;
}
