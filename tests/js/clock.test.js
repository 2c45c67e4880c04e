import assert from "node:assert/strict";
import { test } from "node:test";

import { correctDrift, FASTEST, SLOWEST, turnAt } from "../../static/js/lib/drift.js";
import { GuideClock } from "../../static/js/player/clock.js";

const NOW = { frameS: 1 / 30, rate: 1, bent: false, sinceSeekMs: 10000 };

test("under a third of a frame the rate is left alone", () => {
  assert.deepEqual(correctDrift({ ...NOW, driftS: 0.011 }), { kind: "hold", rate: 1 });
  assert.deepEqual(correctDrift({ ...NOW, driftS: -0.011, rate: 0.5 }), { kind: "hold", rate: 0.5 });
});

test("a correction under way goes on until little is left", () => {
  assert.equal(correctDrift({ ...NOW, driftS: 0.01, bent: true }).kind, "bend");
  assert.equal(correctDrift({ ...NOW, driftS: 0.003, bent: true }).kind, "hold");
});

test("who is ahead is held back, who is behind hurries, as far as a browser plays smoothly", () => {
  assert.ok(correctDrift({ ...NOW, driftS: 0.05 }).rate < 1);
  assert.ok(correctDrift({ ...NOW, driftS: -0.05 }).rate > 1);
  assert.equal(correctDrift({ ...NOW, driftS: -0.4 }).rate, FASTEST);
  assert.ok(Math.abs(correctDrift({ ...NOW, driftS: 0.4, rate: 0.5 }).rate - 0.5 * SLOWEST) < 0.011);
});

test("a large drift is jumped, but not again before the last jump had time to land", () => {
  assert.equal(correctDrift({ ...NOW, driftS: 0.7 }).kind, "seek");
  assert.equal(correctDrift({ ...NOW, driftS: 0.7, sinceSeekMs: 100 }).kind, "bend");
});

test("the largest difference seen between two starts, 0.3 s, is under a frame within half a second at any speed", () => {
  for (const rate of [0.5, 0.75, 1]) {
    for (const start of [0.1, -0.1, -0.3]) {
      let driftS = start;
      let bent = false;
      let spent = 0;
      for (; Math.abs(driftS) > 1 / 30; spent += 1 / 60) {
        assert.ok(spent < 0.5, `still ${driftS} after ${spent} s at ${rate}`);
        const step = correctDrift({ ...NOW, driftS, rate, bent });
        bent = step.rate !== rate;
        driftS += (step.rate - rate) / 60;
      }
    }
  }
});

test("the clock turns at the end of its loop and stops at the end of the dance", () => {
  assert.deepEqual(turnAt({ tS: 4, durationS: 10, loop: [2, 4] }), { kind: "jump", tS: 2 });
  assert.deepEqual(turnAt({ tS: 10.2, durationS: 10, loop: null }), { kind: "stop", tS: 10 });
  assert.deepEqual(turnAt({ tS: 3, durationS: 10, loop: [2, 4] }), { kind: "go", tS: 3 });
});

/** A medium whose time a test sets, and which writes down what is asked of it. */
class StillMedium {
  asked = [];
  stalled = false;
  settled = true;

  constructor({ timeS = 0, from = 0, to = 100, running = true } = {}) {
    Object.assign(this, { guideTimeS: timeS, from, to, running });
  }

  leads(tS) {
    return this.running && this.covers(tS);
  }

  covers(tS) {
    return tS >= this.from && tS < this.to;
  }

  goTo(tS) {
    this.asked.push(["goTo", tS]);
  }

  follow(tS, how) {
    this.asked.push(["follow", tS, how.run]);
  }

  setRate() {}
  pause() {}
  play() {
    return Promise.resolve();
  }
}

function running(media, durationS = 60) {
  const clock = new GuideClock({ media, durationS });
  clock.play();
  clock.tick(performance.now());
  return clock;
}

test("the first medium that can lead gives the time and the others follow it", () => {
  const [guide, attempt] = [new StillMedium({ timeS: 3.2 }), new StillMedium()];
  const clock = running([guide, attempt]);
  assert.equal(clock.tick(performance.now()), 3.2);
  assert.deepEqual(attempt.asked.at(-1), ["follow", 3.2, true]);
});

test("followers wait while the leader waits for data", () => {
  const [guide, attempt] = [new StillMedium({ timeS: 3 }), new StillMedium()];
  const clock = running([guide, attempt]);
  guide.stalled = true;
  clock.tick(performance.now());
  assert.deepEqual(attempt.asked.at(-1), ["follow", 3, false]);
});

test("without a medium the clock runs by itself at its rate", () => {
  const clock = running([]);
  const start = performance.now() + 1000;
  clock.setRate(0.5);
  clock.tick(start);
  const before = clock.tS;
  assert.ok(Math.abs(clock.tick(start + 2000) - before - 1) < 1e-9);
});

test("it also runs by itself where the leader has no picture, and comes back to it", () => {
  const attempt = new StillMedium({ timeS: 5, from: 2, to: 100 });
  const clock = running([attempt]);
  const start = performance.now() + 1000;
  clock.seek(0);
  clock.tick(start);
  assert.ok(Math.abs(clock.tick(start + 1000) - clock.tS) < 1e-9);
  assert.ok(clock.tS < 2.5);
  clock.tick(start + 2500);
  assert.equal(clock.tick(start + 2600), 5);
});

test("a loop jumps back with every medium", () => {
  const guide = new StillMedium({ timeS: 8 });
  const clock = running([guide]);
  clock.loop = [4, 8];
  assert.equal(clock.tick(performance.now()), 4);
  assert.deepEqual(guide.asked.at(-1), ["goTo", 4]);
  assert.equal(clock.playing, true);
});

test("the end stops the clock and the next start begins anew", () => {
  const guide = new StillMedium({ timeS: 60.1 });
  const clock = running([guide]);
  clock.tick(performance.now());
  assert.equal(clock.playing, false);
  assert.equal(clock.tS, 60);
  clock.play();
  assert.equal(clock.tS, 0);
});

test("a start waits for a medium that is still on its way, but not for ever", () => {
  const guide = new StillMedium({ timeS: 1 });
  guide.settled = false;
  const clock = new GuideClock({ media: [guide], durationS: 10 });
  clock.play();
  const now = performance.now();
  assert.equal(clock.tick(now + 500), 0);
  assert.equal(clock.tick(now + 3000), 1);
});

test("a seek stays inside the dance", () => {
  const clock = new GuideClock({ media: [], durationS: 10 });
  clock.seek(-4);
  assert.equal(clock.tS, 0);
  clock.seek(44);
  assert.equal(clock.tS, 10);
});
