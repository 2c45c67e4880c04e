import assert from "node:assert/strict";
import { test } from "node:test";

import { JOINTS } from "../../static/js/lib/joints.js";
import { placeBox } from "../../static/js/lib/geometry.js";
import { aidsOf, meanScore, suggestedLevel } from "../../static/js/live/aids.js";
import { Gate } from "../../static/js/live/gate.js";
import { GestureWatch } from "../../static/js/live/gestures.js";
import { clapTimes, latencyFrom } from "../../static/js/live/latency-maths.js";
import { layoutOf } from "../../static/js/live/layout.js";
import { TimeBase } from "../../static/js/live/time-base.js";
import { streakAfter, totalsOf } from "../../static/js/live/verdicts.js";
import { commandIn } from "../../static/js/live/voice-commands.js";

const SIZE = [640, 480];
const STANDING = {
  nose: [320, 60],
  left_shoulder: [370, 120],
  right_shoulder: [270, 120],
  left_elbow: [390, 190],
  right_elbow: [250, 190],
  left_wrist: [395, 255],
  right_wrist: [245, 255],
  left_hip: [350, 250],
  right_hip: [290, 250],
  left_knee: [350, 340],
  right_knee: [290, 340],
  left_ankle: [350, 430],
  right_ankle: [290, 430],
  left_bigtoe: [360, 450],
  right_bigtoe: [280, 450],
};

function pose(changes = {}, { conf = 0.9 } = {}) {
  const made = { xyPx: new Float32Array(58).fill(200), conf: new Float32Array(29), found: true };
  for (const [name, place] of Object.entries({ ...STANDING, ...changes })) {
    const joint = JOINTS.indexOf(name);
    if (place === null) continue;
    made.xyPx.set(place, joint * 2);
    made.conf[joint] = conf;
  }
  return made;
}

const NOBODY = { xyPx: new Float32Array(58).fill(NaN), conf: new Float32Array(29), found: false };
const FEET_OUT = { left_ankle: null, right_ankle: null, left_bigtoe: null, right_bigtoe: null };

function through(gate, poses, stepMs = 60) {
  return poses.map((each, n) => gate.add(each, n * stepMs));
}

// The gate

test("the gate opens once the whole body has been in the picture for a second and a half", () => {
  const looks = through(new Gate({ joints: JOINTS, sizePx: SIZE }), Array(40).fill(pose()));
  const opened = looks.findIndex(({ state }) => state === "ready");
  assert.equal(opened, 25);
  assert.ok(looks.slice(0, opened).every(({ state }) => state === "holding"));
});

test("it says what is missing, the feet first, and does not open", () => {
  const gate = () => new Gate({ joints: JOINTS, sizePx: SIZE });
  const last = (changes) => through(gate(), Array(60).fill(pose(changes))).at(-1);
  assert.deepEqual(last({ ...FEET_OUT, nose: null }), { state: "missing", missing: ["feet", "head"], share: 0 });
  assert.deepEqual(last({ left_knee: [350, 500] }).missing, ["legs"]);
  assert.deepEqual(last({ nose: [320, -4] }).missing, ["head"]);
  assert.equal(last({ left_wrist: null, left_elbow: null }).state, "ready", "an arm may hide behind the body");
  assert.equal(through(gate(), Array(60).fill(NOBODY)).at(-1).state, "nobody");
  assert.equal(through(gate(), Array(60).fill(pose({}, { conf: 0.1 }))).at(-1).state, "nobody");
});

test("who is far away is asked to come nearer", () => {
  const small = Object.fromEntries(Object.entries(STANDING).map(([name, [x, y]]) => [name, [x * 0.2 + 200, y * 0.2 + 200]]));
  assert.equal(through(new Gate({ joints: JOINTS, sizePx: SIZE }), [pose(small)])[0].state, "far");
});

test("one lost picture does not begin the wait anew, half a second out of the picture does", () => {
  const flicker = [...Array(15).fill(pose()), NOBODY, NOBODY, ...Array(12).fill(pose())];
  assert.equal(through(new Gate({ joints: JOINTS, sizePx: SIZE }), flicker).at(-1).state, "ready");
  const left = [...Array(15).fill(pose()), ...Array(9).fill(pose(FEET_OUT)), ...Array(12).fill(pose())];
  const look = through(new Gate({ joints: JOINTS, sizePx: SIZE }), left).at(-1);
  assert.equal(look.state, "holding");
  assert.ok(look.share < 0.6);
});

// Signs and voice

test("arms crossed above the head say stop after a second and a half, once", () => {
  const crossed = pose({ left_wrist: [300, 10], right_wrist: [340, 10] });
  const watch = new GestureWatch(JOINTS, ["stop"]);
  const said = Array.from({ length: 60 }, (_, n) => watch.add(crossed, n * 60));
  assert.deepEqual(said.filter(Boolean), ["stop"]);
  assert.equal(said.indexOf("stop"), 25);
});

test("arms up side by side, or one hand up, are no stop", () => {
  for (const changes of [{ left_wrist: [400, 10], right_wrist: [240, 10] }, { right_wrist: [240, 10] }, {}]) {
    const watch = new GestureWatch(JOINTS, ["stop"]);
    assert.ok(Array.from({ length: 60 }, (_, n) => watch.add(pose(changes), n * 60)).every((sign) => sign === null));
  }
});

test("the dancer's right hand held high says again, the left one does not", () => {
  const last = (changes) => {
    const watch = new GestureWatch(JOINTS, ["again"]);
    return Array.from({ length: 60 }, (_, n) => watch.add(pose(changes), n * 60)).find(Boolean);
  };
  assert.equal(last({ right_wrist: [240, 10] }), "again");
  assert.equal(last({ left_wrist: [400, 10] }), undefined);
});

test("a command is found in what was heard, in both languages", () => {
  assert.equal(commandIn("please stop now"), "stop");
  assert.equal(commandIn("Once more!"), "again");
  assert.equal(commandIn("이제 그만"), "stop");
  assert.equal(commandIn("다시 할래요"), "again");
  assert.equal(commandIn("nonstop against"), null);
});

// Latency

/** Hands that open and close as hands do, seen `lateMs` late by a camera of so many pictures a second. */
function hands(claps, { fps = 30, lateMs = 0, noise = () => 0 } = {}) {
  const samples = [];
  for (let ms = 0; ms < claps.at(-1) + 1200; ms += 1000 / fps) {
    const nearest = Math.min(...claps.map((clap) => Math.abs(ms - lateMs - clap)));
    samples.push({ ms, gap: 0.2 + Math.min(1.6, nearest / 130) + noise() });
  }
  return samples;
}

const CLICKS = Array.from({ length: 8 }, (_, n) => 3000 + n * 750);

test("claps are found between the pictures", () => {
  const found = clapTimes(hands(CLICKS, { fps: 17 }));
  assert.equal(found.length, 8);
  for (const [n, ms] of found.entries()) assert.ok(Math.abs(ms - CLICKS[n]) < 12, `clap ${n} is ${ms - CLICKS[n]} ms off`);
});

test("the latency is what the claps are late, whatever the camera's rate", () => {
  for (const lateMs of [40, 180, 420]) {
    const { latencyMs, isGood, matched } = latencyFrom(CLICKS, clapTimes(hands(CLICKS, { fps: 20, lateMs })));
    assert.ok(Math.abs(latencyMs - lateMs) < 15, `${latencyMs} for ${lateMs}`);
    assert.ok(isGood);
    assert.equal(matched, 8);
  }
});

test("a missed, a doubled and a stray clap change little", () => {
  const claps = CLICKS.map((ms, n) => ms + 160 + (n % 3) * 15).toSpliced(2, 1);
  const { latencyMs, isGood } = latencyFrom(CLICKS, [...claps, claps[1] + 300, claps[4] - 280].sort((a, b) => a - b));
  assert.ok(Math.abs(latencyMs - 175) < 20);
  assert.ok(isGood);
});

test("too few claps, or claps all over the place, are poor; none at all have no latency", () => {
  assert.equal(latencyFrom(CLICKS, CLICKS.slice(0, 3).map((ms) => ms + 100)).isGood, false);
  assert.equal(latencyFrom(CLICKS, CLICKS.map((ms, n) => ms + [0, 500, 200, 420, 60, 340, 130, 280][n])).isGood, false);
  assert.deepEqual(latencyFrom(CLICKS, []), { latencyMs: null, spreadMs: null, matched: 0, isGood: false });
});

test("hands that never meet have not clapped", () => {
  const waving = hands(CLICKS).map(({ ms, gap }) => ({ ms, gap: gap + 1 }));
  assert.deepEqual(clapTimes(waving), []);
});

// Time

test("the guide's time at any moment is the median of what the clock told, at any speed", () => {
  for (const rate of [0.5, 1]) {
    const base = new TimeBase(rate);
    for (let n = 0; n < 60; n++) base.add(5000 + n * 16.7, 2 + n * 0.0167 * rate + ((n * 7) % 5) * 0.004 - 0.008);
    assert.ok(Math.abs(base.guideS(5500) - (2 + 0.5 * rate)) < 0.003);
    assert.ok(Math.abs(base.msAt(2 + 0.5 * rate) - 5500) < 6);
  }
});

test("after a stall it begins anew", () => {
  const base = new TimeBase();
  for (let n = 0; n < 60; n++) base.add(n * 16, n * 0.016);
  for (let n = 0; n < 5; n++) base.add(2000 + n * 16, 0.96 + n * 0.016);
  assert.ok(Math.abs(base.guideS(2000) - 0.96) < 1e-6);
});

// What is shown

test("you fill the room mirrored, the guide has the corner; swapped it is the other way round", () => {
  const room = { stage: { width: 390, height: 844 }, me: { x: 0, y: 0, width: 480, height: 640 }, guide: { x: 10, y: 20, width: 90, height: 160 }, guideIsPicture: false, mirrorGuide: true };
  const large = layoutOf({ ...room, swapped: false });
  assert.ok(large.me.place.a < 0 && large.guide.place.a < 0);
  assert.ok(placeBox(large.me.place, room.me).width >= 390);
  const corner = placeBox(large.guide.place, room.guide);
  assert.ok(corner.x >= 11 && corner.y >= 11 && corner.width <= 390 * 0.35 && corner.height <= 844 * 0.35);
  assert.deepEqual(large.small, large.guide.panel);
  const swapped = layoutOf({ ...room, swapped: true });
  assert.ok(placeBox(swapped.guide.place, room.guide).height > 500);
  assert.ok(placeBox(swapped.me.place, room.me).width < 140);
});

test("a wide camera on a tall phone loses no more than a fifth at its sides", () => {
  const me = { x: 0, y: 0, width: 1280, height: 720 };
  const { place } = layoutOf({ stage: { width: 390, height: 844 }, me, guide: me, guideIsPicture: true, swapped: false, mirrorGuide: false }).me;
  assert.ok(390 / (Math.abs(place.a) * 1280) >= 0.8 - 1e-9);
});

test("a streak grows with good eights, breaks with others, and waits where nothing was judged", () => {
  const verdicts = ["good", "great", null, "perfect", "ok", "good", "miss"];
  let streak = 0;
  assert.deepEqual(verdicts.map((verdict) => (streak = streakAfter(streak, verdict))), [1, 2, 2, 3, 0, 1, 0]);
  assert.deepEqual(totalsOf(verdicts.map((verdict) => ({ verdict }))), [["perfect", 1], ["great", 1], ["good", 2], ["ok", 1], ["miss", 1], [null, 1]]);
});

test("less help is suggested after two good dances in a row with this much, and only then", () => {
  const went = (...scores) => scores.map((score) => ({ aids: 3, score }));
  assert.equal(suggestedLevel(went(85, 90), 3), 2);
  assert.equal(suggestedLevel(went(90, 85, 60), 3), null);
  assert.equal(suggestedLevel(went(90), 3), null);
  assert.equal(suggestedLevel(went(90, 90), 2), null, "those were with more help");
  assert.equal(suggestedLevel([{ aids: 0, score: 95 }, { aids: 0, score: 95 }], 0), null, "there is no less");
  assert.equal(meanScore([{ score: 80 }, { score: 90 }, { score: null }]), 85);
  assert.equal(meanScore([{ score: 80 }, { score: null }, { score: null }]), null);
  assert.equal(aidsOf(1).wrong, false);
});
