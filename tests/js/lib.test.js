import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { labelledPoints, linePath, placePoints } from "../../static/js/lib/chart.js";
import { problemOf, uploadLeftS } from "../../static/js/lib/clip.js";
import { HEAT_FULL_DEG, HEAT_STOPS, heatColour, luminance, parseHex } from "../../static/js/lib/colours.js";
import { clockTime, fileSize, lengthOf, timeLeft } from "../../static/js/lib/format.js";
import { JOINTS } from "../../static/js/lib/joints.js";
import { bodyOf, figureGlow, trailAt } from "../../static/js/lib/poster.js";
import { mirroredLimb } from "../../static/js/lib/skeleton.js";
import { backoffMs } from "../../static/js/lib/socket.js";
import { DEFAULT_WORDS, word } from "../../static/js/lib/words.js";
import { ribbonEdges, roomFor, visibility } from "../../static/js/player/draw.js";

const STATIC_JS = fileURLToPath(new URL("../../static/js/", import.meta.url));

test("the heat scale gets lighter with every degree and stops at its end", () => {
  const lights = Array.from({ length: 61 }, (_, degree) => luminance(heatColour(degree)));
  for (let i = 1; i < lights.length; i++) assert.ok(lights[i] > lights[i - 1], `not lighter at ${i} degrees`);
  assert.equal(heatColour(HEAT_FULL_DEG), heatColour(170));
  assert.deepEqual(heatColour(0).match(/\d+/g).map(Number), parseHex(HEAT_STOPS[0]));
});

test("colours are read in both lengths and refused otherwise", () => {
  assert.deepEqual(parseHex("#0f8"), [0, 255, 136]);
  assert.throws(() => parseHex("mint"));
});

test("times and sizes are written as people write them", () => {
  assert.equal(clockTime(12.9), "0:12");
  assert.equal(clockTime(3725), "1:02:05");
  assert.equal(lengthOf(80), "1 min 20 s");
  assert.equal(lengthOf(360), "6 min");
  assert.equal(fileSize(512_300_000), "512.3 MB");
  assert.equal(fileSize(1), "1 kB");
});

test("the time left is rounded up and gets coarser", () => {
  assert.equal(timeLeft(null), "working out the time left");
  assert.equal(timeLeft(2), "a few seconds left");
  assert.equal(timeLeft(21), "about 25 seconds left");
  assert.equal(timeLeft(70), "about a minute left");
  assert.equal(timeLeft(200), "about 3 minutes left");
  assert.equal(timeLeft(7200), "about 2 hours left");
});

const CLIP = { name: "take.mov", type: "video/quicktime", size: 5_000_000, durationS: 40 };
const LIMITS = { maxBytes: 6_000_000, maxSeconds: 60 };

test("a good clip passes, also when the browser cannot read its length or its type", () => {
  assert.equal(problemOf(CLIP, LIMITS), null);
  assert.equal(problemOf({ ...CLIP, durationS: null }, LIMITS), null);
  assert.equal(problemOf({ ...CLIP, type: "", name: "IMG_1.MOV" }, LIMITS), null);
});

test("each fault of a clip has its own word", () => {
  assert.equal(problemOf({ ...CLIP, name: "a.pdf", type: "application/pdf" }, LIMITS), "upload_wrong_type");
  assert.equal(problemOf({ ...CLIP, size: 0 }, LIMITS), "upload_empty");
  assert.equal(problemOf({ ...CLIP, size: 6_000_001 }, LIMITS), "upload_too_big");
  assert.equal(problemOf({ ...CLIP, durationS: 61 }, LIMITS), "upload_too_long");
});

test("the upload's time left comes from its own speed and is not guessed too early", () => {
  assert.equal(uploadLeftS([{ atMs: 0, bytes: 0 }, { atMs: 500, bytes: 900 }], 1000), null);
  assert.equal(uploadLeftS([{ atMs: 0, bytes: 0 }, { atMs: 2000, bytes: 200 }], 1000), 8);
  assert.equal(uploadLeftS([], 1000), null);
});

test("a socket waits longer each time, up to a limit", () => {
  assert.equal(backoffMs(0, 0.5), 500);
  assert.equal(backoffMs(3, 0.5), 4000);
  assert.equal(backoffMs(50, 0.5), 15000);
});

const BOX = { width: 300, height: 200, left: 30, right: 20, top: 20, bottom: 30 };
const point = (date_iso, score) => ({ date_iso, score, label: date_iso.slice(0, 10), url: "/" });

test("scores stand higher the better they are, oldest to the left", () => {
  const placed = placePoints([point("2026-02-01", 100), point("2026-01-01", 0)], BOX);
  assert.deepEqual(placed.map(({ x, y }) => [x, y]), [[30, 170], [280, 20]]);
});

test("takes of one evening keep apart, and one take stands in the middle", () => {
  const [a, b, c] = placePoints([point("2026-01-01T20:00", 1), point("2026-01-01T20:01", 2), point("2026-03-01", 3)], BOX);
  assert.ok(b.x - a.x > 50 && c.x > b.x);
  assert.equal(placePoints([point("2026-01-01", 50)], BOX)[0].x, 155);
});

test("the line through the scores never leaves their range", () => {
  const path = linePath([{ x: 0, y: 10 }, { x: 10, y: 10 }, { x: 20, y: 90 }, { x: 30, y: 90 }]);
  const ys = path.match(/-?[\d.]+/g).map(Number).filter((_, i) => i % 2 === 1);
  assert.ok(ys.every((y) => y >= 10 && y <= 90), path);
});

test("dates are written where there is room, the last one always, none twice", () => {
  const points = [0, 30, 70, 100].map((x) => ({ x, label: `day ${x}` }));
  assert.deepEqual(labelledPoints(points, 50).map(({ x }) => x), [30, 100]);
  assert.equal(labelledPoints([{ x: 0, label: "2 Nov" }, { x: 90, label: "2 Nov" }], 50).length, 1);
});

test("joints fade with their confidence and vanish at none", () => {
  assert.equal(visibility(0), 0);
  assert.equal(visibility(NaN), 0);
  assert.ok(visibility(0.2) < visibility(0.5));
  assert.equal(visibility(1), 1);
});

const PANEL = { x: 100, y: 0, width: 300, height: 300 };

test("a label stands beside its limb, away from the body, or at the top where there is no room", () => {
  const limb = { x: 220, y: 100, width: 30, height: 40 };
  const left = roomFor({ width: 80, height: 28, limb, towards: -1 }, PANEL, []);
  assert.ok(left.x + left.width < limb.x && left.x >= PANEL.x);
  const cramped = roomFor({ width: 80, height: 28, limb: { ...limb, x: 120 }, towards: -1 }, PANEL, []);
  assert.ok(cramped.y < limb.y && cramped.x >= PANEL.x);
});

test("labels do not cover each other", () => {
  const limb = { x: 220, y: 100, width: 30, height: 40 };
  const first = roomFor({ width: 80, height: 28, limb, towards: -1 }, PANEL, []);
  const second = roomFor({ width: 80, height: 28, limb, towards: -1 }, PANEL, [first]);
  assert.ok(second.y >= first.y + first.height);
});

test("a ribbon is thin at its old end and keeps its gaps", () => {
  const edges = ribbonEdges([[0, 0], [10, 0], null, [30, 0], [40, 0]], 10);
  const width = ([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1]);
  assert.equal(edges[2], null);
  assert.ok(width(edges[0]) < width(edges[4]));
  assert.equal(width(edges[4]), 10);
});

test("limbs have their mirror image and midline limbs are their own", () => {
  assert.equal(mirroredLimb("left_arm"), "right_arm");
  assert.equal(mirroredLimb("right_leg"), "left_leg");
  assert.equal(mirroredLimb("torso"), "torso");
});

test("a trail is read between its samples and over a gap's edge", () => {
  const trail = [[0, 0], [10, 20], null];
  assert.deepEqual(trailAt(trail, 0.25), [5, 10]);
  assert.deepEqual(trailAt(trail, 0.6), [10, 20]);
  assert.equal(trailAt(trail, 1), null);
  assert.equal(trailAt([], 0.5), null);
});

test("each figure of a poster lights up in its turn", () => {
  const glows = Array.from({ length: 8 }, (_, i) => figureGlow(i, 8, 3 / 8));
  assert.equal(glows.indexOf(Math.max(...glows)), 3);
  assert.equal(glows[7], 0);
});

test("a figure without hips draws no body, one without ears no head", () => {
  const figure = JOINTS.map((_, i) => [i * 10, i * 12]);
  assert.ok(bodyOf(figure).head);
  assert.equal(bodyOf(figure.map((joint, i) => (i === JOINTS.indexOf("left_ear") ? null : joint))).head, null);
  assert.equal(bodyOf(figure.map((joint, i) => (i === JOINTS.indexOf("center_hip") ? null : joint))), null);
});

test("a word is filled in, an unknown one is a mistake", () => {
  assert.equal(word("job_queue", { n: 3 }), "Waiting: 3 ahead of you");
  assert.throws(() => word("no_such_word"));
});

test("every word that the scripts say is in the list, and none is left over", () => {
  const files = readdirSync(STATIC_JS, { recursive: true }).filter((name) => name.endsWith(".js") && !name.endsWith("words.js"));
  const source = files.map((name) => readFileSync(STATIC_JS + name, "utf8")).join("\n");
  const keys = Object.keys(DEFAULT_WORDS);
  const composed = ["limb_", "job_stage_", "live_error_", "live_gate_", "live_verdict_"]; // word(`limb_${limb}`)
  const said = [...source.matchAll(/"((?:player|counts|start|insight|upload|job|history|size|length|left|limb|live|drill|unsent|send)_[a-z_]+)"/g)].map(([, key]) => key);
  for (const [, key] of source.matchAll(/\bword\("([a-z_]+)"/g)) assert.ok(keys.includes(key), `${key} is not in the list`);
  const unused = keys.filter((key) => !said.includes(key) && !composed.some((start) => key.startsWith(start)));
  assert.deepEqual(unused, []);
});
