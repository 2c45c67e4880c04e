import { readSkeleton } from "../lib/skeleton.js";
import { word } from "../lib/words.js";
import { Awake } from "../player/awake.js";
import { GuideClock } from "../player/clock.js";
import { CountIn } from "../player/count-in.js";
import { Metronome } from "../player/metronome.js";
import { Side } from "../player/side.js";
import { Voice } from "../player/voice.js";
import { aidsOf } from "./aids.js";
import { openCamera } from "./camera.js";
import { measureByClapping } from "./clapping.js";
import { Cues } from "./cues.js";
import { Dance } from "./dance.js";
import { openEngine } from "./engine.js";
import { LiveError } from "./error.js";
import { Gate } from "./gate.js";
import { GestureWatch } from "./gestures.js";
import { RoomView } from "./room-view.js";
import { VoiceCommands } from "./voice-commands.js";

const TICK_MS = 700; // long enough to see the tick before the counts begin
const STAGES = { loading: "live_loading", measuring: "live_measuring", ready: "live_ready" };

/**
 * The practice room: camera, pose engine, guide and one loop that draws them. It fills the screen from `open` until it is
 * closed, and can be danced in again and again.
 */
export class Room {
  aids = aidsOf(3);
  /** Why camera or engine are gone for good, a LiveError's code. */
  lostCode = null;
  #dance = null;
  #wait = null; // ends what somebody waits for, with its answer
  #stopped = false;
  #seen = null;
  #guideS = 0;
  #gestures = null;

  /**
   * @param {object} setup
   * @param {HTMLElement} setup.root  templates/partials/room.html
   * @param {object} setup.payload  LivePayload
   * @param {Scope} setup.scope  ends the room with it
   * @param {{camera?: string, mic?: boolean, mirror?: boolean, clicks?: boolean, cue?: boolean, gestures?: boolean, voice?: boolean}} [setup.choices]
   * @returns {Promise<Room>} rejects with a LiveError; to be called from a press, or there is no sound
   */
  static async open({ root, payload, scope, choices = {} }) {
    const room = new Room({ root, payload, scope: scope.child(), choices });
    try {
      await room.#open();
    } catch (error) {
      room.close();
      throw error;
    }
    return room;
  }

  constructor({ root, payload, scope, choices }) {
    Object.assign(this, { root, payload, scope, choices });
    this.skeleton = readSkeleton(payload.player.skeleton);
    this.counts = payload.player.counts;
    this.config = payload.config;
    this.guide = new Side({ name: "guide", dancer: payload.player.guide, offsetS: 0, skeleton: this.skeleton });
    this.metronome = new Metronome(scope);
    this.counter = new CountIn({ metronome: this.metronome, voice: new Voice(scope) });
    this.cues = new Cues(scope);
    this.awake = new Awake(scope);
    this.metronome.start();
    this.cues.wake();
    this.#show();
    this.view = new RoomView({ root, skeleton: this.skeleton, scope });
    this.view.mirrorGuide = choices.mirror ?? true;
  }

  get durationS() {
    return this.clock.durationS;
  }

  /** Until somebody stands in the picture from head to feet for a moment. False if it was stopped before. */
  async ready() {
    if (this.#stopped || this.lostCode) return false;
    const gate = new Gate({ joints: this.skeleton.joints, sizePx: this.camera.sizePx });
    this.view.enter("gate");
    this.view.showGate({ state: "nobody", missing: [], share: 0 });
    const isReady = await this.#waitFor(({ pose, foundMs }) => {
      const look = gate.add(pose, foundMs);
      this.view.showGate(look);
      return look.state === "ready" ? true : undefined;
    });
    if (!isReady) return false;
    this.cues.play("begin");
    await this.#pause(TICK_MS);
    return !this.#stopped && !this.lostCode;
  }

  /**
   * @param {object} how
   * @param {number} how.fromS  seconds of the guide
   * @param {number} how.toS
   * @param {number} [how.rate]  below 1 nothing is recorded
   * @param {boolean} [how.countIn]
   * @param {0|1|2|3} [how.aids]
   * @param {boolean} [how.record]
   * @param {boolean} [how.keepVideo]
   * @param {(eight: EightVerdict) => void} [how.onEight]
   * @param {(draft: {recording: Recording, offsetS: number}) => void} [how.onDraft] every ten seconds of what is recorded
   * @returns {Promise<{eights: EightVerdict[], recording: Recording|null, offsetS: number, dancedS: number,
   *   posesPerS: number, ended: "end"|"stopped"|"lost", why: string|null, clip: Blob|null}>} dancedS: of the clock on the wall
   */
  async dance({ aids = 3, ...how }) {
    if (this.#stopped || this.lostCode) {
      this.#stopped = false;
      const [ended, why] = this.lostCode ? ["lost", this.lostCode] : ["stopped", null];
      return { eights: [], recording: null, offsetS: 0, dancedS: 0, posesPerS: 0, ended, why, clip: null };
    }
    this.aids = aidsOf(aids);
    this.#watchSigns(["stop"]);
    const toS = Math.min(how.toS, this.clock.durationS);
    const dance = new Dance(this, { ...how, toS });
    this.#dance = dance;
    const result = await dance.run();
    this.#dance = null;
    this.#gestures = null;
    this.cues.play("over");
    return result;
  }

  /** Ends what is going on: the wait, the count-in, the dance, or the question whether to go again. */
  stop() {
    if (this.#dance) this.#dance.stop();
    else {
      this.#stopped = true;
      this.#wait?.(false);
    }
  }

  /** Waits a while for a raised right hand or "again". @returns {Promise<boolean>} */
  async askAgain(ms) {
    if (!this.choices.gestures && !this.choices.voice) return false;
    this.view.enter("asking");
    this.view.showNote(word("live_again_how"));
    this.#watchSigns(["again"]);
    const late = this.scope.timeout(() => this.#wait?.(false), ms);
    const isAgain = await this.#waitFor(() => undefined);
    late();
    this.#gestures = null;
    this.view.showNote("");
    const asked = isAgain === "again";
    if (asked) this.#stopped = false;
    return asked;
  }

  /** How late movement reaches us here. @returns {Promise<object|null>} latencyFrom's answer, null if it was stopped */
  async measureLatency() {
    this.view.enter("clapping");
    const measured = await measureByClapping(this);
    this.view.showNote("");
    return measured;
  }

  close() {
    this.scope.dispose();
  }

  // For the parts of the room

  /** Hears every pose until `heard` answers something; false when stopped. */
  listen(heard) {
    return this.#waitFor(heard);
  }

  setSound(on) {
    const medium = this.guide.medium;
    if (medium) medium.element.muted = !on;
  }

  /** Clicks under a dance that has no music of its own. */
  click(now) {
    if ((this.choices.clicks ?? true) && this.counts && !this.guide.medium?.hasSound) this.metronome.follow({ ...now, counts: this.counts });
  }

  /** @param {number} endedMs when its eight was over: what is seen later than that is told for measuring */
  tellVerdict(eight, endedMs) {
    this.view.showVerdict(eight);
    if (this.choices.cue && eight.verdict) this.cues.play(eight.verdict);
    requestAnimationFrame((paintedMs) => {
      this.root.dispatchEvent(new CustomEvent("room:verdict", { bubbles: true, detail: { eight, delayMs: paintedMs - endedMs } }));
    });
  }

  async #open() {
    const { scope, root } = this;
    this.#listen();
    this.view.enter("loading");
    this.view.showWaiting(word("live_asking"));
    const stopped = new Promise((_, reject) => (this.#wait = () => reject(new LiveError(this.lostCode ?? "stopped"))));
    await Promise.race([this.#gather(), stopped]);
    this.#wait = null;
    this.clock = new GuideClock({ media: this.guide.medium ? [this.guide.medium] : [], durationS: Math.max(this.guide.endS, 0.1) });
    this.clock.onBlocked = () => this.#dance?.stop("stopped", "blocked");
    this.view.open({ camera: this.camera, guide: this.guide });
    this.engine.onCrash = ({ code }) => this.#lost(code);
    this.engine.onPause = (isPaused) => this.view.showNote(isPaused ? word("live_hidden") : "");
    this.engine.watch(this.camera.video, (found) => this.#heard(found));
    scope.frames((nowMs) => this.#frame(nowMs));
    if (this.choices.voice) this.#listenToVoice();
    root.dispatchEvent(new CustomEvent("room:open", { bubbles: true, detail: { model: this.engine.model, delegate: this.engine.delegate } }));
  }

  // The camera is asked for first: nobody shall wait for an engine that then has nothing to look at.
  async #gather() {
    const { scope, choices, payload } = this;
    const guide = this.guide.load(scope);
    this.camera = await openCamera({ deviceId: choices.camera || undefined, audio: choices.mic ?? false, scope });
    this.camera.onLost = () => this.#lost("camera_lost");
    this.view.showWaiting(word("live_loading"));
    this.engine = await openEngine({
      assets: payload.engine,
      scope,
      video: this.camera.video,
      onStage: (stage, share) => this.view.showWaiting(word(STAGES[stage]), share),
    });
    await guide;
    if (!this.guide.track) throw new LiveError("guide_missing");
  }

  #show() {
    const { root, scope } = this;
    const before = document.activeElement;
    root.hidden = false;
    document.documentElement.classList.add("has-room");
    this.awake.set(true);
    scope.add(() => {
      root.hidden = true;
      root.dataset.state = "closed";
      document.documentElement.classList.remove("has-room");
      if (before?.isConnected) before.focus({ preventScroll: true });
    });
  }

  #listen() {
    const { scope, root } = this;
    const stop = root.querySelector('[data-room="stop"]');
    scope.listen(stop, "click", () => this.stop());
    stop.focus({ preventScroll: true });
    scope.listen(document, "keydown", (event) => this.#pressed(event));
    scope.listen(document, "visibilitychange", () => document.hidden && this.#dance?.stop("stopped", "hidden"));
    // Nothing behind the room is reached with the keyboard.
    const others = [];
    for (let element = root; element !== document.body; element = element.parentElement) {
      others.push(...[...element.parentElement.children].filter((other) => other !== element && !other.inert && other.localName !== "script"));
    }
    for (const other of others) other.inert = true;
    scope.add(() => others.forEach((other) => (other.inert = false)));
  }

  #pressed(event) {
    const onButton = event.target instanceof HTMLButtonElement;
    if (event.key !== "Escape" && (event.key !== " " || onButton)) return;
    event.preventDefault();
    this.stop();
  }

  #heard(found) {
    if (found.pose.found) this.#seen = { pose: found.pose, ms: performance.now() };
    const sign = this.#gestures?.add(found.pose, found.foundMs);
    if (sign) this.#obey(sign);
    this.#dance?.add(found);
    this.onFound(found);
  }

  onFound = () => {};

  #frame(nowMs) {
    let wrong = [];
    if (this.#dance?.scorer) ({ guideS: this.#guideS, wrong } = this.#dance.frame(nowMs));
    this.view.draw({ guideS: this.#guideS, seen: this.#seen, wrong, aids: this.aids, nowMs });
  }

  #lost(code) {
    this.lostCode = code;
    if (this.#dance) this.#dance.stop("lost", code);
    else this.#wait?.(false);
  }

  #watchSigns(signs) {
    this.#gestures = this.choices.gestures ? new GestureWatch(this.skeleton.joints, signs) : null;
  }

  #listenToVoice() {
    const voice = new VoiceCommands({ scope: this.scope, language: document.documentElement.lang });
    voice.onCommand = (command) => this.#obey(command);
    voice.start();
  }

  #obey(command) {
    if (command === "stop") this.stop();
    else if (this.root.dataset.state === "asking") this.#wait?.("again");
  }

  #waitFor(heard) {
    return new Promise((resolve) => {
      const end = (answer) => {
        this.#wait = null;
        this.onFound = () => {};
        resolve(answer);
      };
      this.#wait = end;
      this.scope.add(() => end(false));
      this.onFound = (found) => {
        const answer = heard(found);
        if (answer !== undefined) end(answer);
      };
    });
  }

  #pause(ms) {
    return new Promise((resolve) => this.scope.timeout(resolve, ms));
  }
}
