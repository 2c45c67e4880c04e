import { countAt } from "../lib/counts.js";
import { countInPlan } from "../player/count-in.js";
import { ClipRecorder } from "./clip-recorder.js";
import { latencyMs } from "./latency.js";
import { Recording } from "./recording.js";
import { StreamScorer } from "./scorer.js";
import { TimeBase } from "./time-base.js";

const PLAIN_BPM = 110; // to count somebody in where nobody counts
const LEAD_S = 0.3; // what is recorded before the first moment that counts
const TAIL_MS = 700; // for the pictures that are still on their way
const END_S = 0.02;
const LEAST_STEP_S = 1e-4;
const PAINT_MS = 33; // until what is told now is on screen
const DRAFT_MS = 10_000;

/**
 * One dance in the room, from the count-in to the last picture of it: the guide runs, each pose is laid at its moment of
 * the guide, scored and kept. `room` gives clock, guide, camera, view and sounds.
 */
export class Dance {
  eights = [];
  recording = null;
  #times;
  #zeroS = null; // the guide's time at the take's first picture
  #clip = null;
  #state = "idle"; // "counting", "dancing", "tail", "over"
  #overAtMs = null;
  #ended = null;
  #why = null;
  #resolve;
  #startedMs = null;
  #draftMs = 0;
  #lastS = null;
  #poses = 0;

  constructor(room, { fromS, toS, rate = 1, countIn = true, record = false, keepVideo = false, onEight = () => {}, onDraft = () => {} }) {
    Object.assign(this, { room, fromS, toS, rate, countIn, keepVideo, onEight, onDraft });
    this.record = record && rate === 1;
    this.#times = new TimeBase(rate);
    this.latencyMs = latencyMs();
    this.#lastS = fromS;
  }

  /** Resolves when all of it is over; the answer is Room.dance's. */
  async run() {
    const { clock } = this.room;
    const over = new Promise((resolve) => (this.#resolve = resolve));
    clock.pause(this.fromS);
    clock.setRate(this.rate);
    this.scorer = await this.#openScorer();
    if (this.#ended) return over; // stopped meanwhile
    if (this.countIn) this.#countIn();
    else this.#start();
    return over;
  }

  /** @param {"stopped"|"lost"} ended @param {string|null} why for words: "hidden", "camera_lost", ... */
  stop(ended = "stopped", why = null) {
    if (this.#ended) return;
    this.#why = why;
    this.room.counter.cancel();
    this.#finish(ended);
  }

  add(found) {
    if (!this.#times.isSet || this.#state === "over") return;
    const { captureMs, pose } = found;
    this.#poses += 1;
    const tS = this.#times.guideS(captureMs - this.latencyMs);
    if (tS >= this.fromS && tS <= this.toS) this.scorer.add(tS, pose);
    if (this.record && tS >= this.fromS - LEAD_S && (this.#state === "dancing" || this.#state === "tail")) this.#keep(captureMs, tS, pose);
  }

  /** Each animation frame. @returns {{guideS: number, wrong: string[]}} what to draw */
  frame(nowMs) {
    if (this.#state === "counting") return this.#frameOfCounting();
    const { clock, counts } = this.room;
    const guideS = clock.tick(nowMs);
    if (this.#state === "dancing") {
      const runs = clock.playing && guideS > this.fromS - END_S;
      if (runs && guideS !== this.#lastS) this.#times.add(nowMs, guideS);
      this.#lastS = guideS;
      this.room.view.showCount(counts ? countAt(counts, guideS).count : null);
      this.room.click({ tS: guideS, nowMs, rate: this.rate, playing: clock.playing });
      if (guideS >= this.toS - END_S || !clock.playing) this.#finish("end");
      else this.#draft(nowMs);
    }
    this.#takeEights(nowMs);
    if (this.#state === "tail" && nowMs >= this.#overAtMs) this.#conclude();
    return { guideS, wrong: this.#state === "dancing" ? this.scorer.limbsWrong() : [] };
  }

  async #openScorer() {
    const { guide, skeleton, counts, config, camera } = this.room;
    return new StreamScorer({
      guide: guide.track,
      guideWorld: await guide.track.world(),
      skeleton,
      counts: counts ?? null,
      config,
      rate: this.rate,
      sizePx: camera.sizePx,
      fromS: this.fromS,
      toS: this.toS,
      clockDoubtS: config.scoring.device_latency_s,
    });
  }

  #countIn() {
    this.#state = "counting";
    this.room.view.enter("counting");
    const counts = this.room.counts ?? { bpm: PLAIN_BPM, first_beat_s: this.fromS };
    this.room.counter.start(countInPlan({ counts, tS: this.fromS, rate: this.rate }), { spoken: true });
  }

  #frameOfCounting() {
    const count = this.room.counter.tick();
    if (count === "over") this.#start();
    else this.room.view.showCount(count);
    return { guideS: this.fromS, wrong: [] };
  }

  #start() {
    this.#state = "dancing";
    this.#startedMs = this.#draftMs = performance.now();
    this.room.view.enter("dancing");
    this.room.setSound(true);
    if (this.keepVideo) this.#clip = new ClipRecorder(this.room.camera.stream);
    if (this.record) this.recording = new Recording({ sizePx: this.room.camera.sizePx, model: this.room.engine.model });
    this.room.clock.play();
  }

  // The take's time is the guide's, from its first picture on: where the guide waited for its data, so did the take.
  #keep(captureMs, tS, pose) {
    const { recording } = this;
    recording.startedMs ??= captureMs;
    this.#zeroS ??= tS;
    const takeS = tS - this.#zeroS;
    if (recording.frames > 0 && takeS < recording.durationS + LEAST_STEP_S) return; // two pictures of one moment
    recording.add(takeS, pose);
  }

  // For a page that does not live to see the end of the dance.
  #draft(nowMs) {
    if (nowMs < this.#draftMs + DRAFT_MS || !this.#hasTake) return;
    this.#draftMs = nowMs;
    this.onDraft({ recording: this.recording, offsetS: -this.#zeroS });
  }

  #takeEights(nowMs) {
    if (!this.#times.isSet) return;
    const isLast = this.#state === "tail" && nowMs >= this.#overAtMs;
    for (const eight of this.scorer.takeEights(isLast ? Infinity : this.#times.guideS(nowMs + PAINT_MS))) {
      if (this.#isBrokenOff && eight.endS > this.#lastS + END_S) continue;
      this.eights.push(eight);
      const endedMs = this.#times.msAt(eight.endS);
      if (this.room.aids.verdicts) this.room.tellVerdict(eight, endedMs);
      this.onEight(eight);
    }
  }

  get #hasTake() {
    return (this.recording?.frames ?? 0) > 1;
  }

  get #isBrokenOff() {
    return this.#ended !== null && this.#ended !== "end";
  }

  get #reachedS() {
    return this.#isBrokenOff ? this.#lastS : this.toS;
  }

  #finish(ended) {
    if (this.#ended) return;
    this.#ended = ended;
    this.room.clock.pause();
    this.room.setSound(false);
    const danced = this.#state === "dancing";
    this.#overAtMs = performance.now() + (danced ? TAIL_MS : 0);
    this.#state = "tail";
    // A hidden tab has no animation frames that could end it.
    if (!danced || document.hidden) this.#conclude();
  }

  async #conclude() {
    if (this.#state === "over") return;
    if (this.#times.isSet) this.#takeEights(Infinity);
    this.#state = "over";
    const dancedS = this.#startedMs === null ? 0 : Math.max(0, (this.#reachedS - this.fromS) / this.rate);
    const clip = (await this.#clip?.stop()) ?? null;
    this.#resolve({
      eights: this.eights,
      recording: this.#hasTake ? this.recording : null,
      offsetS: -(this.#zeroS ?? 0),
      dancedS,
      posesPerS: dancedS > 0 ? this.#poses / dancedS : 0,
      ended: this.#ended,
      why: this.#why,
      clip,
    });
  }
}
