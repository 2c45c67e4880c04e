import { beatS, neighbourCount } from "../lib/counts.js";
import { readSkeleton } from "../lib/skeleton.js";
import { word } from "../lib/words.js";
import { Awake } from "./awake.js";
import { ALLOWED, DEFAULTS, SPEEDS } from "./choices.js";
import { GuideClock } from "./clock.js";
import { Controls } from "./controls.js";
import { FullScreen } from "./full-screen.js";
import { bindKeys } from "./keys.js";
import { loopInWords, LoopDesk } from "./loop-desk.js";
import { kindOfLoop, LEAST_LOOP_S, loopAround, loopHere, markedLoop } from "./loops.js";
import { Options } from "./options.js";
import { Pulse } from "./pulse.js";
import { SelfView } from "./self-view.js";
import { Side } from "./side.js";
import { Space } from "./space.js";
import { Stage } from "./stage.js";
import { speedsOf } from "./speeds.js";
import { TimelineView } from "./timeline-view.js";
import { Watch } from "./watch.js";

const END_S = 0.05; // so close to its end, the dance begins anew
const SAME_START_S = 0.005;

/** Brings the parts together: sides with their media, one clock, stage, timeline and controls, one frame loop. */
export class Player {
  loop = null;
  loopKind = null;
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
    Object.defineProperties(this.options, {
      video: { get: () => this.options.show !== "skeleton" },
      bones: { get: () => this.options.show !== "video" },
    });
    this.clock = new GuideClock({ media: [], durationS: 0 });
    this.stage = new Stage({ elements, sides: this.sides, comparison: payload.comparison, options: this.options, scope });
    this.space = new Space({ root, sides: this.sides, comparison: payload.comparison, stage: this.stage, options: this.options, scope, onTap: () => this.togglePlay() });
    this.pulse = new Pulse({ options: this.options, scope });
    this.awake = new Awake(scope);
    const { reportUrl: url, slug } = root.dataset;
    this.watch = url ? new Watch({ url, slug, scope }) : null;
    this.full = new FullScreen({ root, scope, onChange: () => this.controls.showOptions() });
    this.self = new SelfView({
      root,
      options: this.options,
      scope,
      announce: (text) => this.controls.announce(text),
      onChange: () => this.controls.showOptions(),
    });
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

  /** What loops are cut from: the sections and counts of the dance, and where it is. */
  get dance() {
    return { sections: this.payload.sections, counts: this.payload.counts, durationS: this.durationS, tS: this.tS };
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
    this.space.open();
    this.#setSound();
    this.loops = new LoopDesk({ root: this.root, player: this, scope: this.scope });
    this.timeline = new TimelineView({ root: this.root, payload: this.payload, player: this, scope: this.scope });
    bindKeys(this.scope, this);
    // A take that begins later than the guide is not there at its first moment.
    const [firstS] = this.payload.comparison?.overlap_s ?? [0];
    if (firstS > 0) this.clock.seek(firstS);
    this.scope.frames((nowMs) => this.#frame(nowMs));
  }

  togglePlay() {
    if (this.clock.playing || this.pulse.counting) this.#pause();
    else this.#start();
  }

  seek(tS) {
    if (this.pulse.counting) this.#pause();
    this.clock.seek(tS);
    if (this.loop && this.#isOutside(tS)) this.#moveLoop();
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
    this.space.shifted();
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
    if (name === "loop") this.toggleLoop();
    else if (name === "full") this.full.toggle();
    else if (name === "self") this.self.toggle();
    else this.options.toggle(name);
  }

  isOn(name) {
    if (name === "loop") return this.loop !== null;
    if (name === "full" || name === "self") return this[name].on;
    return this.options[name];
  }

  nextView() {
    this.controls.chooseNext(this.sides.length < 2 ? "show" : "view");
  }

  changeSpeed(direction) {
    const rate = SPEEDS[SPEEDS.indexOf(this.options.rate) + direction];
    if (!rate) return;
    this.options.set("rate", rate);
    this.controls.announce(word("player_speed", { rate }));
  }

  toggleLoop() {
    const { loop, kind } = this.loop ? { loop: null } : loopHere(this.options.loopKind, this.dance);
    this.setLoop(loop, kind);
    this.#tellLoop();
  }

  /** Loops the section or the eight of this moment, and from now on that is what a loop is. */
  loopBy(kind) {
    this.options.set("loopKind", kind);
    const loop = loopAround(kind, this.dance);
    if (!loop) return;
    this.setLoop(loop, kind);
    this.#tellLoop();
  }

  /** Puts the start (0) or the end (1) of the loop at this moment's count. */
  markLoop(end) {
    const loop = markedLoop(this.loop, end, this.tS, this.dance);
    if (!loop) return;
    this.setLoop(loop, "own");
    this.#tellLoop();
  }

  setLoop(loop, kind = loop && kindOfLoop(loop, this.dance)) {
    this.loop = loop;
    this.loopKind = loop && kind;
    this.clock.loop = loop;
    this.timeline?.showLoop(loop);
    this.loops?.show();
    this.controls.showOptions();
  }

  /** Goes to the start of a loop that was set elsewhere. */
  enterLoop() {
    if (this.loop && this.#isOutside(this.tS)) this.seek(this.loop[0]);
    this.#tellLoop();
  }

  /** Dances a stretch over and over, at a share of the tempo. */
  drill({ startS, endS, rate }) {
    this.options.set("rate", rate);
    this.setLoop([startS, Math.min(Math.max(endS, startS + LEAST_LOOP_S), this.durationS)]);
    this.seek(startS);
    if (!this.playing) this.togglePlay();
  }

  #isOutside(tS) {
    return tS < this.loop[0] - 0.05 || tS > this.loop[1];
  }

  // A section or an eight goes along to where somebody goes; a stretch of one's own is left.
  #moveLoop() {
    const loop = loopAround(this.loopKind, this.dance);
    this.setLoop(loop, this.loopKind);
  }

  #tellLoop() {
    this.controls.announce(this.loop ? word("player_loop_on", { loop: loopInWords(this.loop, this.payload.counts) }) : word("player_loop_off"));
  }

  // To be called from a press.
  #start() {
    this.pulse.wake();
    if (this.tS >= this.durationS - END_S) this.seek(this.loop ? this.loop[0] : 0);
    if (this.#countsIn) this.#countIn();
    else this.clock.play();
    this.#tellPlaying();
  }

  get #countsIn() {
    return this.options.countIn !== "off" && Boolean(this.payload.counts);
  }

  // Safari lets only what was once started by a press be started later by itself.
  #countIn() {
    for (const medium of this.clock.media) {
      medium.play().catch(() => {});
      medium.pause();
    }
    this.pulse.countIn(this.payload.counts, this.tS);
  }

  /** Each round of a loop begins with an eight where that is wished. */
  #turned(beforeS, tS) {
    if (!this.loop || tS !== this.loop[0] || beforeS <= tS || !this.options.countRounds || !this.#countsIn) return;
    this.clock.pause(tS);
    this.#countIn();
    this.#tellPlaying();
  }

  #showCountIn() {
    const count = this.pulse.tick();
    this.controls.showCountIn(count === "over" ? null : count);
    if (count !== "over") return;
    this.clock.play();
    this.#tellPlaying();
  }

  #brokeOff(name, kind) {
    this.#dirty = true;
    this.onBroken([name, kind]);
  }

  // Stops on the guide's picture that is on screen, so that nothing moves and the next frame is the next one seen.
  #pause() {
    if (this.pulse.counting) {
      this.pulse.cancel();
      this.controls.showCountIn(null);
    } else if (!this.clock.playing) return;
    else this.clock.pause(this.sides[0].restS);
    this.#tellPlaying();
    this.#dirty = true;
  }

  #frame(nowMs) {
    if (this.pulse.counting) this.#showCountIn();
    const [wasPlaying, beforeS] = [this.clock.playing, this.clock.tS];
    const tS = this.clock.tick(nowMs);
    if (wasPlaying) this.#turned(beforeS, tS);
    this.watch?.tick(nowMs, this.playing);
    this.pulse.follow(this.payload.counts, { tS, playing: this.playing });
    if (wasPlaying !== this.clock.playing) this.#tellPlaying();
    const pictures = this.sides.map(({ medium }) => medium?.pictureS ?? 0).join();
    if (this.space.tick(nowMs)) this.#dirty = true;
    if (!this.#dirty && this.#drawnS === `${tS} ${pictures}`) return;
    this.#drawnS = `${tS} ${pictures}`;
    this.#dirty = false;
    this.stage.draw(tS);
    this.space.draw(tS);
    this.controls.show(tS);
    this.timeline.show(tS);
    this.root.dispatchEvent(new CustomEvent("player:drawn", { detail: { tS, playing: this.playing, rate: this.options.rate, ...this.stage.drawn } }));
  }

  #changed(name) {
    this.#dirty = true;
    if (name === "rate") this.clock.setRate(this.options.rate);
    if (name === "sound") this.#setSound();
    if (name === "clicks") this.pulse.wake();
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
    const runs = this.clock.playing || this.pulse.counting;
    this.awake.set(runs);
    if (!runs) this.pulse.rest();
    this.controls.showPlaying(runs);
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
