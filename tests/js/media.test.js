import assert from "node:assert/strict";
import { test } from "node:test";

import { Medium } from "../../static/js/player/media.js";

const FRAME_S = 1 / 30;

/** A video element whose jumps land only when a test lets them, and tell so only later, as those of browsers do. */
class SlowVideo extends EventTarget {
  duration = 60;
  readyState = 4;
  paused = true;
  seeking = false;
  ended = false;
  playbackRate = 1;
  jumps = [];
  #atS = 0;

  get currentTime() {
    return this.#atS;
  }

  set currentTime(atS) {
    this.#atS = atS;
    this.seeking = true;
    this.jumps.push(atS);
  }

  async play() {
    this.paused = false;
  }

  pause() {
    this.paused = true;
  }

  runTo(atS) {
    assert.ok(!this.paused);
    this.#atS = atS;
  }

  land() {
    this.seeking = false;
  }

  tellLanded() {
    this.dispatchEvent(new Event("seeked"));
  }

  settle() {
    for (let left = 10; this.seeking; left -= 1) {
      assert.ok(left > 0, "it jumps for ever");
      this.land();
      this.tellLanded();
    }
  }
}

function mediumOf(t, offsetS = 0) {
  const element = new SlowVideo();
  globalThis.document = { createElement: () => element };
  t.after(() => delete globalThis.document);
  const scope = { disposed: false, listen: (target, name, heard) => target.addEventListener(name, heard), add() {} };
  return { element, medium: new Medium({ kind: "video", url: "/video", offsetS, frameS: FRAME_S, scope }) };
}

test("of many wishes during a jump the last one is where it ends", (t) => {
  const { element, medium } = mediumOf(t);
  for (const tS of [2.5, 2.4, 2.3]) medium.goTo(tS);
  assert.deepEqual(element.jumps, [2.5]);
  element.settle();
  assert.deepEqual(element.jumps, [2.5, 2.3]);
});

test("a wish between a landing and the news of it outlives the wishes before it", (t) => {
  const { element, medium } = mediumOf(t);
  medium.goTo(2.5);
  medium.goTo(2.4);
  element.land();
  medium.goTo(2.3);
  element.tellLanded();
  element.settle();
  assert.equal(element.currentTime, 2.3);
});

test("who wishes back to where a jump already leads is there without another", (t) => {
  const { element, medium } = mediumOf(t);
  medium.goTo(2.5);
  medium.goTo(2.4);
  medium.goTo(2.5);
  element.settle();
  assert.deepEqual(element.jumps, [2.5]);
});

test("a medium that stands at its place is left alone, with its offset and after a shift too", (t) => {
  const { element, medium } = mediumOf(t, 1);
  medium.goTo(2);
  element.settle();
  medium.goTo(2);
  assert.deepEqual(element.jumps, [3]);
  medium.shiftTo(0.5);
  medium.goTo(2);
  assert.deepEqual(element.jumps, [3, 2.5]);
});

test("what has run jumps even if its clock was paused at the very moment, for its picture can be the next one", async (t) => {
  const { element, medium } = mediumOf(t);
  medium.goTo(1);
  element.settle();
  await medium.play();
  element.runTo(1.5);
  medium.pause();
  medium.goTo(1.5);
  assert.deepEqual(element.jumps, [1, 1.5]);
  element.settle();
  medium.goTo(1.5);
  assert.deepEqual(element.jumps, [1, 1.5]);
});

test("a jump while it runs is not where it stands later", async (t) => {
  const { element, medium } = mediumOf(t);
  await medium.play();
  medium.goTo(4);
  element.settle();
  element.runTo(4.5);
  medium.pause();
  medium.goTo(4);
  assert.deepEqual(element.jumps, [4, 4]);
});
