import assert from "node:assert/strict";
import { test } from "node:test";

import { CountIn, countInPlan } from "../../static/js/player/count-in.js";
import { countsIn, kindOfLoop, kindsOf, loopAround, loopHere, markedLoop, pickedLoop, snapToMark } from "../../static/js/player/loops.js";
import { bindPlot } from "../../static/js/player/plot-pointer.js";
import { cornerAt } from "../../static/js/player/self-view.js";
import { voiceFor } from "../../static/js/player/voice.js";
import { Watch } from "../../static/js/player/watch.js";

const COUNTS = { bpm: 120, first_beat_s: 1 }; // eights of 4 s from 1, 5, 9, ...
const SECTIONS = [
  { kind: "verse", label: "Verse", start_s: 1, end_s: 9 },
  { kind: "chorus", label: "Chorus", start_s: 9, end_s: 40 },
];
const DANCE = { sections: SECTIONS, counts: COUNTS, durationS: 20, tS: 6 };

// Loops

test("a loop is of the section or the eight around a moment, cut to the dance", () => {
  assert.deepEqual(loopAround("section", DANCE), [1, 9]);
  assert.deepEqual(loopAround("section", { ...DANCE, tS: 12 }), [9, 20]);
  assert.deepEqual(loopAround("eight", DANCE), [5, 9]);
  assert.deepEqual(loopAround("eight", { ...DANCE, tS: 0.2 }), [0, 1]);
  assert.equal(loopAround("section", { ...DANCE, tS: 0.2 }), null);
  assert.equal(loopAround("eight", { ...DANCE, counts: undefined }), null);
  assert.deepEqual(loopAround("eight", { ...DANCE, tS: 20 }), [17, 20], "the very end belongs to its last eight");
});

test("only what the dance knows is offered, and a press on loop takes the nearest thing to what was wished", () => {
  assert.deepEqual(kindsOf(DANCE), ["section", "eight", "own"]);
  assert.deepEqual(kindsOf({ sections: [], counts: undefined }), ["own"]);
  assert.deepEqual(loopHere("eight", DANCE), { kind: "eight", loop: [5, 9] });
  assert.deepEqual(loopHere("section", { ...DANCE, sections: [] }), { kind: "eight", loop: [5, 9] });
  assert.deepEqual(loopHere("eight", { ...DANCE, counts: undefined }), { kind: "section", loop: [1, 9] });
  assert.deepEqual(loopHere("section", { ...DANCE, sections: [], counts: undefined, tS: 18.5 }), { kind: "own", loop: [16, 20] });
});

test("a stretch that somebody set goes by the name of what it is", () => {
  assert.equal(kindOfLoop([1, 9.01], DANCE), "section");
  assert.equal(kindOfLoop([5, 9], DANCE), "eight");
  assert.equal(kindOfLoop([9, 20], DANCE), "section", "cut to the dance, it is still the whole section");
  assert.equal(kindOfLoop([5, 8], DANCE), "own");
});

test("a mark falls on the nearest count, and the other end gives way", () => {
  assert.deepEqual(markedLoop(null, 0, 6.2, DANCE), [6, 20]);
  assert.deepEqual(markedLoop([6, 20], 1, 9.8, DANCE), [6, 10]);
  assert.deepEqual(markedLoop([6, 10], 0, 12, DANCE), [12, 20]);
  assert.deepEqual(markedLoop([12, 20], 1, 3, DANCE), [0, 3]);
  assert.equal(markedLoop(null, 1, 0.1, DANCE), null, "nothing is left to loop");
  assert.deepEqual(markedLoop(null, 0, 6.2, { ...DANCE, counts: undefined }), [6.2, 20]);
});

test("a drawn stretch snaps to counts where they can be told apart, to eights where they cannot", () => {
  assert.deepEqual(pickedLoop(8.2, 6.3, { ...DANCE, perS: 100 }), [6.5, 8]);
  assert.deepEqual(pickedLoop(8.2, 1.3, { ...DANCE, perS: 5 }), [1, 9]);
  assert.equal(pickedLoop(6.1, 5.9, { ...DANCE, perS: 100 }), null);
  assert.equal(snapToMark(undefined, 6.3, 100), 6.3);
  assert.equal(countsIn([6.5, 8], COUNTS), 3);
  assert.equal(countsIn([6.5, 8.2], COUNTS), null);
  assert.equal(countsIn([6.5, 8], undefined), null);
});

// The pointer

function plot(loops = {}) {
  const listeners = {};
  const timers = [];
  const told = [];
  const scope = {
    listen: (_, type, listener) => (listeners[type] = listener),
    timeout: (callback) => {
      timers.push(callback);
      return () => timers.splice(timers.indexOf(callback), 1);
    },
  };
  const player = {
    seek: (tS) => told.push(["seek", tS]),
    loops: {
      picking: false,
      draw: (aS, bS) => told.push(["draw", aS, bS]),
      drawn: () => told.push(["drawn"]),
      tap: (tS) => told.push(["tap", tS]),
      ...loops,
    },
  };
  bindPlot({ slider: { setPointerCapture() {} }, scope, timeAt: ({ clientX }) => clientX / 10, perS: () => 10, player });
  const fire = (type, clientX, more = {}) => listeners[type]({ button: 0, isPrimary: true, pointerId: 1, pointerType: "mouse", clientX, ...more });
  return { fire, told, timers };
}

test("a press goes there and a drag scrubs; with Shift it draws a loop", () => {
  const { fire, told } = plot();
  fire("pointerdown", 100);
  fire("pointermove", 150);
  fire("pointerup", 150);
  fire("pointerdown", 100, { shiftKey: true });
  fire("pointermove", 104);
  fire("pointermove", 160);
  fire("pointerup", 160);
  assert.deepEqual(told, [["seek", 10], ["seek", 15], ["draw", 10, 16], ["drawn"]]);
});

test("while a loop is picked a tap is one of its ends", () => {
  const { fire, told } = plot({ picking: true });
  fire("pointerdown", 100);
  fire("pointerup", 102);
  assert.deepEqual(told, [["tap", 10]]);
});

test("a finger that rests begins a loop, one that moves scrubs, and a second finger is a pinch", () => {
  const { fire, told, timers } = plot();
  const finger = { pointerType: "touch" };
  fire("pointerdown", 100, finger);
  timers.at(-1)();
  fire("pointermove", 140, finger);
  fire("pointerup", 140, finger);
  assert.deepEqual(told, [["seek", 10], ["tap", 10], ["draw", 10, 14], ["drawn"]]);
  fire("pointerdown", 200, finger);
  fire("pointermove", 230, finger);
  assert.equal(timers.length, 0, "a finger on its way does not wait");
  fire("pointerdown", 50, { ...finger, isPrimary: false });
  assert.deepEqual(told.slice(4), [["seek", 20], ["seek", 23]]);
});

// The count-in

const near = (value, expected, within) => assert.ok(Math.abs(value - expected) <= within, `${value} is not within ${within} of ${expected}`);

test("a count-in is one eight at the tempo that is danced, and leads into the count it begins on", () => {
  const whole = countInPlan({ counts: COUNTS, tS: 9, rate: 1 });
  assert.equal(whole.lengthMs, 4000);
  assert.deepEqual(whole.beats.map(({ count }) => count), [1, 2, 3, 4, 5, 6, 7, 8]);
  whole.beats.forEach(({ atMs }, beat) => near(atMs, beat * 500, 1e-6));
  const slow = countInPlan({ counts: COUNTS, tS: 7.25, rate: 0.5 });
  assert.equal(slow.lengthMs, 8000);
  assert.deepEqual(slow.beats.map(({ count }) => count), [6, 7, 8, 1, 2, 3, 4, 5]);
  near(slow.beats[0].atMs, 500, 1e-6);
  const early = countInPlan({ counts: { bpm: 101.3, first_beat_s: -0.37 }, tS: 0, rate: 1.25 });
  assert.equal(early.beats.length, 8);
});

test("it counts by the clock, clicks ahead of it, speaks where wished, and is over once", async () => {
  let nowMs = 1000;
  const clicks = [];
  const said = [];
  const metronome = { start: async () => {}, count: (beats) => clicks.push(...beats), hush: () => (clicks.length = 0) };
  const count = new CountIn({ metronome, voice: { say: (number) => said.push(number), hush() {} }, now: () => nowMs });
  await count.start(countInPlan({ counts: COUNTS, tS: 9, rate: 1 }), { spoken: true });
  assert.equal(clicks.length, 8);
  const begunMs = clicks[0].atMs;
  assert.equal(count.tick(), null);
  nowMs = begunMs + 10;
  assert.equal(count.tick(), 1);
  nowMs = begunMs + 3510;
  assert.deepEqual([count.tick(), count.tick()], [8, 8]);
  nowMs = begunMs + 4001;
  assert.equal(count.tick(), "over");
  assert.deepEqual([count.tick(), count.runs], [null, false]);
  assert.deepEqual(said, [1, 8], "what a slow page missed is not said late");
});

test("a count-in that is stopped before there is sound stays silent", async () => {
  const clicks = [];
  const metronome = { start: async () => {}, count: (beats) => clicks.push(...beats), hush() {} };
  const count = new CountIn({ metronome, voice: { hush() {} } });
  const begun = count.start(countInPlan({ counts: COUNTS, tS: 9, rate: 1 }), { spoken: false });
  count.cancel();
  await begun;
  assert.deepEqual([clicks.length, count.tick()], [0, null]);
});

test("counts are said by a voice of this device in the page's language, or not at all", () => {
  const voices = [
    { lang: "ko-KR", localService: false },
    { lang: "en_US", localService: true },
    { lang: "ko-KR", localService: true, default: false, name: "here" },
  ];
  assert.equal(voiceFor(voices, "ko").name, "here");
  assert.equal(voiceFor(voices, "en").lang, "en_US");
  assert.equal(voiceFor(voices.slice(0, 2), "ko"), null);
});

test("the dancer's own picture goes to the nearest corner", () => {
  assert.equal(cornerAt(0.9, 0.2), "top-right");
  assert.equal(cornerAt(0.1, 0.7), "bottom-left");
});

// What was practised

test("practice is told once, at a pause that is worth it and when the page is left; sleep does not count", () => {
  let leave;
  const told = [];
  const watch = new Watch({
    url: "/practice/",
    slug: "a-dance",
    scope: { listen: (_, type, listener) => type === "pagehide" && (leave = listener) },
    report: ({ kind, dancedS }) => told.push([kind, dancedS]),
  });
  const play = (fromS, toS) => {
    for (let tS = fromS; tS <= toS; tS += 0.5) watch.tick(tS * 1000, true);
    watch.tick(toS * 1000 + 10, false);
  };
  play(0, 10);
  play(100, 112);
  assert.deepEqual(told, [["watch", 22]]);
  play(200, 202);
  leave();
  assert.equal(told.length, 1, "two seconds are no practice");
  watch.tick(300_000, true);
  watch.tick(360_000, true);
  leave();
  leave();
  assert.deepEqual(told[1], ["watch", 3]);
  assert.equal(told.length, 2);
});
