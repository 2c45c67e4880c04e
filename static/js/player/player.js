import { beatS, eightAround, neighbourCount } from "../lib/counts.js";
import { clockTime } from "../lib/format.js";
import { readSkeleton } from "../lib/skeleton.js";
import { sectionAt } from "../lib/timeline.js";
import { word } from "../lib/words.js";
import { GuideClock } from "./clock.js";
import { Controls } from "./controls.js";
import { bindKeys } from "./keys.js";
import { Options } from "./options.js";
import { Side } from "./side.js";
import { Stage } from "./stage.js";
import { speedsOf } from "./speeds.js";
import { TimelineView } from "./timeline-view.js";

const DEFAULTS = { view: "side", video: true, bones: true, mirror: false, rate: 1, bigCount: false, sound: true };
const VIEWS = ["side", "over", "bones"];
const ALLOWED = { view: VIEWS, rate: [0.5, 0.75, 1] };
const LEAST_LOOP_S = 0.5;
const FALLBACK_LOOP_S = 4;
const SAME_START_S = 0.005;

/** Brings the parts together: sides with their media, one clock, stage, timeline and controls, one frame loop. */
export class Player {
  loop = null;
  speeds = [];
  onBroken = () => {};
  #dirty = true;
  #drawnS = null;

  constructor({ root, payload, elements, scope }) {
    this.root = root;
    this.payload = payload;
    this.scope = scope;
    this.sides = sidesOf(payload);
    this.options = new Options(DEFAULTS, ALLOWED, this.sides.length === 1 ? { view: "side" } : {});
    this.clock = new GuideClock({ media: [], durationS: 0 });
    this.stage = new Stage({ elements, sides: this.sides, comparison: payload.comparison, options: this.options, scope });
    this.controls = new Controls({ root, counts: payload.counts, player: this, options: this.options, scope });
    this.options.onChange((name) => this.#changed(name));
  }

  get tS() {
    return this.clock.tS;
  }

  get durationS() {
    return this.clock.durationS;
  }

  get playing() {
    return this.clock.playing;
  }

  /** How far one press of an arrow key moves the end of a loop. */
  get nudgeS() {
    return this.payload.counts ? beatS(this.payload.counts) : 0.25;
  }

  /** Answers what failed to load, as [side name, part] pairs; the player runs with the rest. */
  async load() {
    const failed = await Promise.all(this.sides.map(async (side) => (await side.load(this.scope)).map((part) => [side.name, part])));
    return failed.flat();
  }

  open() {
    const guide = this.sides[0];
    this.clock.media = this.#guideFirst();
    this.clock.durationS = Math.max(guide.endS, 0.1);
    this.clock.setRate(this.options.rate);
    this.clock.onBlocked = () => this.#tellPlaying(word("player_blocked"));
    this.clock.onGathered = () => this.#setSound();
    for (const { name, medium } of this.sides) if (medium) medium.onFailed = () => this.#brokeOff(name, medium.kind);
    for (const medium of this.clock.media) this.scope.listen(medium.element, "canplay", () => this.#setSound());
    this.scope.listen(document, "visibilitychange", () => document.hidden && this.#pause());
    this.speeds = guide.track ? speedsOf(guide.track, guide.skeleton) : [];
    this.stage.open();
    this.#setSound();
    this.timeline = new TimelineView({
      root: this.root,
      payload: this.payload,
      player: this,
      scope: this.scope,
    });
    bindKeys(this.scope, this);
    // A take that begins later than the guide is not there at its first moment.
    const [firstS] = this.payload.comparison?.overlap_s ?? [0];
    if (firstS > 0) this.clock.seek(firstS);
    this.scope.frames((nowMs) => this.#frame(nowMs));
  }

  togglePlay() {
    if (this.clock.playing) {
      this.#pause();
      return;
    }
    this.clock.play();
    this.#tellPlaying();
  }

  seek(tS) {
    this.clock.seek(tS);
    if (this.loop && (tS < this.loop[0] - 0.05 || tS > this.loop[1])) this.setLoop(null);
    this.#dirty = true;
  }

  seekSection(section) {
    this.seek(section.start_s);
    if (this.loop) this.setLoop([section.start_s, Math.min(section.end_s, this.durationS)]);
  }

  stepFrame(direction) {
    this.#pause();
    this.seek(neighbourFrame(this.sides[0], this.tS, direction));
  }

  step(direction, byCount) {
    const { counts } = this.payload;
    this.seek(byCount && counts ? neighbourCount(counts, this.tS, direction) : this.tS + direction);
  }

  /** Shows the take with the guide's time 0 at `offsetS` of it, at a moment at which both dance. */
  shiftTake(offsetS) {
    const [, take] = this.sides;
    if (!take || take.offsetS === offsetS) return;
    take.shiftTo(offsetS);
    const overlapS = [Math.max(0, -offsetS), Math.min(this.durationS, take.endS)];
    this.stage.shifted(overlapS, Math.abs(offsetS - (this.payload.comparison?.offset_s ?? 0)) >= SAME_START_S);
    this.seek(take.covers(this.tS) ? this.tS : overlapS[0]);
  }

  /** Other counts than the page came with, or null, marked on the timeline: the desk moves them while the dance runs. */
  setCounts(counts) {
    this.payload.counts = counts ?? undefined;
    this.controls.setCounts(this.payload.counts);
    this.timeline.markCounts();
    this.#dirty = true;
  }

  toggle(name) {
    this.options.toggle(name);
  }

  nextView() {
    if (this.sides.length < 2) this.options.toggle("video");
    else this.options.set("view", VIEWS[(VIEWS.indexOf(this.options.view) + 1) % VIEWS.length]);
  }

  toggleLoop() {
    this.setLoop(this.loop ? null : this.#loopHere());
    this.controls.announce(
      this.loop ? word("player_loop_on", { start: clockTime(this.loop[0]), end: clockTime(this.loop[1]) }) : word("player_loop_off"),
    );
  }

  /** Puts the start (0) or the end (1) of the loop at this moment. */
  markLoop(end) {
    const loop = this.loop ? [...this.loop] : [0, this.durationS];
    loop[end] = this.tS;
    if (loop[1] - loop[0] >= LEAST_LOOP_S) this.setLoop(loop);
  }

  setLoop(loop) {
    this.loop = loop;
    this.clock.loop = loop;
    this.timeline?.showLoop(loop);
    this.controls.showOptions();
  }

  /** Dances a stretch over and over, at a share of the tempo. */
  drill({ startS, endS, rate }) {
    this.options.set("rate", rate);
    this.setLoop([startS, Math.min(Math.max(endS, startS + LEAST_LOOP_S), this.durationS)]);
    this.seek(startS);
    if (!this.playing) this.togglePlay();
  }

  /** The section around the playhead, else its eight-count, else a few seconds. */
  #loopHere() {
    const section = sectionAt(this.payload.sections, this.tS);
    if (section) return [section.start_s, Math.min(section.end_s, this.durationS)];
    if (this.payload.counts) return eightAround(this.payload.counts, this.tS, this.durationS);
    const start = Math.max(0, Math.min(this.tS, this.durationS - FALLBACK_LOOP_S));
    return [start, Math.min(start + FALLBACK_LOOP_S, this.durationS)];
  }

  #brokeOff(name, kind) {
    this.#dirty = true;
    this.onBroken([name, kind]);
  }

  // Stops on the guide's picture that is on screen, so that nothing moves and the next frame is the next one seen.
  #pause() {
    if (!this.clock.playing) return;
    this.clock.pause(this.sides[0].restS);
    this.#tellPlaying();
    this.#dirty = true;
  }

  #frame(nowMs) {
    const wasPlaying = this.clock.playing;
    const tS = this.clock.tick(nowMs);
    if (wasPlaying !== this.clock.playing) this.#tellPlaying();
    const pictures = this.sides.map(({ medium }) => medium?.shownS ?? 0).join();
    if (!this.#dirty && this.#drawnS === `${tS} ${pictures}`) return;
    this.#drawnS = `${tS} ${pictures}`;
    this.#dirty = false;
    this.stage.draw(tS);
    this.controls.show(tS);
    this.timeline.show(tS);
    this.root.dispatchEvent(new CustomEvent("player:drawn", { detail: { tS, playing: this.playing, rate: this.options.rate, ...this.stage.drawn } }));
  }

  #changed(name) {
    this.#dirty = true;
    if (name === "rate") this.clock.setRate(this.options.rate);
    if (name === "sound") this.#setSound();
    if (name !== null) this.controls?.showOptions();
  }

  // Two sounds a few milliseconds apart are an echo: one is heard, the guide's if it has any. Who is heard leads, since
  // nobody hears when the other one is hurried or held.
  #setSound() {
    const { media } = this.clock;
    const heard = this.#guideFirst().find((medium) => medium.hasSound);
    for (const medium of media) medium.element.muted = medium !== heard || !this.options.sound;
    if (heard) media.sort((a, b) => Number(b === heard) - Number(a === heard));
    this.controls.offerSound(Boolean(heard) || media.some((medium) => !medium.settled));
  }

  #guideFirst() {
    return this.sides.map(({ medium }) => medium).filter(Boolean);
  }

  #tellPlaying(news = "") {
    this.controls.showPlaying(this.clock.playing);
    if (news) this.controls.announce(news);
  }
}

function sidesOf(payload) {
  const skeleton = readSkeleton(payload.skeleton);
  const guide = new Side({ name: "guide", dancer: payload.guide, offsetS: 0, skeleton });
  if (!payload.attempt) return [guide];
  return [guide, new Side({ name: "me", dancer: payload.attempt, offsetS: payload.comparison?.offset_s ?? 0, skeleton })];
}

// The middle of the neighbouring frame, so that rounding cannot land on the frame before.
function neighbourFrame(side, tS, direction) {
  const { frameS } = side;
  const times = side.track?.tS;
  if (!times?.length) return tS + direction * frameS;
  const after = times.findIndex((time) => time > tS + 1e-4);
  const now = (after < 0 ? times.length : after) - 1;
  const next = Math.min(Math.max(now + direction, 0), times.length - 1);
  return times[next] + 0.4 * Math.min(frameS, (times[next + 1] ?? Infinity) - times[next]);
}
