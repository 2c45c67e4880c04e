import { countAt } from "../lib/counts.js";
import { clockTime } from "../lib/format.js";
import { word } from "../lib/words.js";

const REST_MS = 2200;

/** The buttons: they say what the player does and tell it what to do. */
export class Controls {
  #count = null;
  #second = null;
  countsIn = null;
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
    player.pulse.voice.onChange = () => this.#offer(); // browsers find their voices late
    this.showOptions();
  }

  /** What depends on the time. */
  show(tS) {
    this.#showTime(tS);
    if (this.counts && !this.countsIn) this.#showCount(countAt(this.counts, tS).count);
  }

  /** The count that is counted in, large; null when nobody is counted in (any more). */
  showCountIn(count) {
    if (this.countsIn === count) return;
    this.countsIn = count;
    this.root.toggleAttribute("data-counting", count !== null);
    if (count !== null) this.#showCount(count);
    this.showOptions();
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
    for (const button of this.root.querySelectorAll("[data-toggle][aria-pressed]")) {
      button.setAttribute("aria-pressed", String(Boolean(this.player.isOn(button.dataset.toggle))));
    }
    for (const input of this.root.querySelectorAll("[data-choose]")) {
      input.checked = String(options[input.dataset.choose]) === input.value;
    }
    this.part("big-count").hidden = !(this.counts && (options.bigCount || this.countsIn));
    this.part("rounds").disabled = options.countIn === "off";
  }

  /** The next of the choices that are offered. */
  chooseNext(name) {
    const inputs = [...this.root.querySelectorAll(`[data-choose="${name}"]`)].filter((input) => !input.closest("[hidden]"));
    const next = inputs[(inputs.findIndex((input) => input.checked) + 1) % inputs.length];
    if (!next || next.checked) return;
    this.options.set(name, next.value);
    this.announce(next.closest("label").textContent.trim());
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
      scope.listen(button, "click", () => player.toggle(button.dataset.toggle));
    }
    click("open-more", (event) => {
      this.part("more").hidden = !this.part("more").hidden;
      event.currentTarget.setAttribute("aria-expanded", String(!this.part("more").hidden));
    });
    for (const input of root.querySelectorAll("[data-choose]")) {
      const read = input.dataset.choose === "rate" ? Number : String;
      scope.listen(input, "change", () => options.set(input.dataset.choose, read(input.value)));
    }
    for (const type of ["pointermove", "pointerdown", "focusin"]) scope.listen(root, type, () => this.wake());
    // Over the whole screen the desk floats on the stage, and the transport floats on the desk.
    const desk = this.part("desk");
    scope.observe(new ResizeObserver(() => root.style.setProperty("--desk", `${desk.offsetHeight}px`)), desk);
  }

  // Only what can do something here is offered.
  #offer() {
    const { sides } = this.player;
    const two = sides.length > 1;
    const video = sides.some((side) => side.dancer.video_url);
    for (const label of this.root.querySelectorAll("[data-needs=video]")) label.hidden = !video;
    const camera = Boolean(navigator.mediaDevices?.getUserMedia);
    const offered = { views: two, show: this.#choices("show") > 1, counts: Boolean(this.counts), self: camera, voice: this.player.pulse.voice.offered };
    for (const element of this.root.querySelectorAll("[data-offer]")) {
      if (element.dataset.offer in offered) element.hidden = !offered[element.dataset.offer];
    }
  }

  #choices(name) {
    return [...this.root.querySelectorAll(`[data-choose="${name}"]`)].filter((input) => !input.closest("label").hidden).length;
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
