import { countAt } from "../lib/counts.js";
import { clockTime } from "../lib/format.js";
import { word } from "../lib/words.js";

const REST_MS = 2200;

/** The buttons: they say what the player does and tell it what to do. */
export class Controls {
  #count = null;
  #second = null;
  #cancelRest = () => {};

  /** @param {{root: Element, counts: object|undefined, player: object, options: Options, scope: Scope}} setup */
  constructor({ root, counts, player, options, scope }) {
    this.root = root;
    this.counts = counts;
    this.player = player;
    this.options = options;
    this.scope = scope;
    this.part = (name) => root.querySelector(`[data-player="${name}"]`);
    this.countCells = [...root.querySelectorAll("[data-count]")];
    this.#bind();
    this.#offer();
    this.showOptions();
  }

  /** What depends on the time. */
  show(tS) {
    this.#showTime(tS);
    if (this.counts) this.#showCount(countAt(this.counts, tS).count);
  }

  setCounts(counts) {
    this.counts = counts;
    this.#offer();
    this.showOptions();
    if (!counts) this.#showCount(null);
  }

  /** What depends on play and pause. */
  showPlaying(playing) {
    const button = this.part("play");
    button.setAttribute("aria-label", word(playing ? "player_pause" : "player_play"));
    this.root.dataset.playing = String(playing);
    this.wake();
  }

  showOptions() {
    const { options } = this;
    for (const button of this.root.querySelectorAll("[data-toggle]")) {
      const on = button.dataset.toggle === "loop" ? this.player.loop !== null : options[button.dataset.toggle];
      button.setAttribute("aria-pressed", String(Boolean(on)));
    }
    for (const input of this.root.querySelectorAll("[data-choose]")) {
      input.checked = String(options[input.dataset.choose]) === input.value;
    }
    this.part("big-count").hidden = !(this.counts && options.bigCount);
  }

  /** The transport shows itself, and rests again while the dance runs and nobody touches it. */
  wake() {
    this.root.dataset.resting = "false";
    this.#cancelRest();
    if (this.player.playing) this.#cancelRest = this.scope.timeout(() => this.#rest(), REST_MS);
  }

  /** Sound is offered where there is some; browsers tell only once they have read a little. */
  offerSound(offered) {
    this.root.querySelector('[data-offer="toggleSound"]').hidden = !offered;
  }

  announce(text) {
    this.part("news").textContent = text;
  }

  #rest() {
    if (this.part("transport").matches(":focus-within:has(:focus-visible)")) return;
    this.root.dataset.resting = "true";
  }

  #bind() {
    const { scope, player, options, root } = this;
    const click = (name, action) => scope.listen(this.part(name), "click", action);
    click("play", () => player.togglePlay());
    click("back", () => player.stepFrame(-1));
    click("forward", () => player.stepFrame(1));
    click("canvas", () => player.togglePlay());
    for (const button of root.querySelectorAll("[data-toggle]")) {
      const name = button.dataset.toggle;
      scope.listen(button, "click", () => (name === "loop" ? player.toggleLoop() : options.toggle(name)));
    }
    for (const input of root.querySelectorAll("[data-choose]")) {
      const read = input.dataset.choose === "rate" ? Number : String;
      scope.listen(input, "change", () => options.set(input.dataset.choose, read(input.value)));
    }
    for (const type of ["pointermove", "pointerdown", "focusin"]) scope.listen(this.part("stage"), type, () => this.wake());
  }

  // Only what can do something here is offered.
  #offer() {
    const { sides } = this.player;
    const two = sides.length > 1;
    const video = sides.some((side) => side.dancer.video_url);
    const offered = { views: two, toggleVideo: video, toggleBones: video, toggleCount: Boolean(this.counts), counts: Boolean(this.counts) };
    for (const element of this.root.querySelectorAll("[data-offer]")) {
      if (element.dataset.offer in offered) element.hidden = !offered[element.dataset.offer];
    }
  }

  #showTime(tS) {
    const second = Math.floor(tS);
    if (second === this.#second) return;
    this.#second = second;
    this.part("time").textContent = `${clockTime(tS)} / ${clockTime(this.player.durationS)}`;
  }

  #showCount(count) {
    if (count === this.#count) return;
    this.#count = count;
    this.part("big-count").textContent = count ?? "";
    for (const cell of this.countCells) {
      if (Number(cell.dataset.count) === count) cell.setAttribute("aria-current", "true");
      else cell.removeAttribute("aria-current");
    }
  }
}
