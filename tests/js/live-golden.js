/** The takes of tests/golden_live.py, as tracks that the streaming scorer can be given. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

import { decodeTrack } from "../../static/js/lib/track.js";
import { posesOf } from "./live-takes.js";

const golden = JSON.parse(gunzipSync(readFileSync(fileURLToPath(new URL("../golden/live.json.gz", import.meta.url)))));

export const config = golden.config;
export const lengthS = golden.length_s;
const tracks = {};
for (const [name, text] of Object.entries(golden.tracks)) {
  const bytes = Buffer.from(text, "base64");
  const track = await decodeTrack(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  tracks[name] = { track, world: await track.world() };
}

/** [{name, guide, attempt, poses, how, said, wrongLimb}]: `how` is what the scorer is made with. */
export const takes = golden.takes.map((take) => ({
  name: take.name,
  guide: tracks[take.guide],
  attempt: tracks[take.track],
  poses: edited(take),
  how: { counts: take.counts, fromS: 0, toS: lengthS, config },
  said: take.said,
  wrongLimb: take.wrong_limb,
}));

export const takeOf = (name) => takes.find((take) => take.name === name);

/** As `edited` in tests/golden_live.py. */
function edited(take) {
  const { sizePx } = tracks[take.track].track;
  return posesOf(tracks[take.track])
    .map((each) => (take.mirror ? mirrored(each, sizePx[0]) : each))
    .map((each) => hidden(each, take))
    .filter((_, at) => at % take.every === 0)
    .map(({ tS, pose }) => ({ tS: tS + take.shift_s, pose: take.flat ? { ...pose, xyzM: null } : pose }));
}

function mirrored({ tS, pose }, width) {
  const order = golden.mirrored_order;
  const xyPx = Float32Array.from(pose.xyPx, (_, cell) => (cell % 2 ? pose.xyPx[2 * order[cell >> 1] + 1] : width - pose.xyPx[2 * order[cell >> 1]]));
  const xyzM = Float32Array.from(pose.xyzM, (_, cell) => (cell % 3 ? 1 : -1) * pose.xyzM[3 * order[Math.floor(cell / 3)] + (cell % 3)]);
  return { tS, pose: { ...pose, xyPx, xyzM, conf: Float32Array.from(order, (joint) => pose.conf[joint]) } };
}

function hidden({ tS, pose }, { hidden_joints: joints, hidden_s: [fromS, toS] }) {
  if (tS < fromS || tS >= toS) return { tS, pose };
  const conf = pose.conf.map((value, joint) => (joints.includes(joint) ? 0 : value));
  return { tS, pose: { ...pose, conf, found: conf.some((value) => value > 0) } };
}
