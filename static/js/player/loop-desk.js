import { countsIn, kindsOf, loopAround, pickedLoop } from "./loops.js";
import { clockTime } from "../lib/format.js";
import { word } from "../lib/words.js";

/** The row below the choices while something is looped: of what, from where to where, and how to set one's own. */
export class LoopDesk {
  /** True while the timeline waits for a stretch to be drawn or for its two ends to be tapped. */
  picking = false;
  #firstS = null;

  /** @param {{root: Element, player: Player, scope: Scope}} setup */
  constructor({ root, player, scope }) {
    this.player = player;
    this.part = (name) => root.querySelector(`[data-player="${name}"]`);
    this.kinds = [...root.querySelectorAll("[data-loop-kind]")];
    for (const input of this.kinds) {
      // A press on what is chosen already begins anew: another stretch of one's own, the eight of this moment.
      scope.listen(input, "click", () => this.#choose(input.value));
    }
    scope.listen(this.part("mark-start"), "click", () => player.markLoop(0));
    scope.listen(this.part("mark-end"), "click", () => player.markLoop(1));
    scope.listen(root, "keydown", (event) => event.key === "Escape" && this.#stopPicking());
    this.show();
  }

  show() {
    const { loop, loopKind } = this.player;
    const offered = kindsOf(this.player.dance);
    this.part("loop-row").hidden = !loop && !this.picking;
    for (const input of this.kinds) {
      input.checked = input.value === (this.picking ? "own" : loopKind);
      input.closest("label").hidden = !offered.includes(input.value);
    }
    this.part("loop-text").textContent = this.picking ? this.#ask() : loop ? loopInWords(loop, this.player.dance.counts) : "";
  }

  /** A stretch drawn over the timeline so far, at `perS` pixels a second. */
  draw(aS, bS, perS) {
    const loop = pickedLoop(aS, bS, { ...this.player.dance, perS });
    if (loop) this.player.setLoop(loop, "own");
  }

  /** The finger is lifted. */
  drawn() {
    this.#stopPicking();
    this.player.enterLoop();
  }

  /** One end of a stretch was tapped. */
  tap(tS, perS) {
    if (this.#firstS === null) {
      this.#pick(tS);
      return;
    }
    const loop = pickedLoop(this.#firstS, tS, { ...this.player.dance, perS });
    if (!loop) {
      this.player.controls.announce(word("player_loop_short"));
      return;
    }
    this.player.setLoop(loop, "own");
    this.drawn();
  }

  #choose(kind) {
    if (kind === "own") {
      this.#pick(null);
      return;
    }
    this.#stopPicking();
    this.player.loopBy(kind);
    if (!loopAround(kind, this.player.dance)) this.player.controls.announce(word("player_loop_nothing"));
    this.show();
  }

  #pick(firstS) {
    this.picking = true;
    this.#firstS = firstS;
    this.#showPick();
    this.player.controls.announce(this.#ask());
  }

  #stopPicking() {
    if (!this.picking) return;
    this.picking = false;
    this.#firstS = null;
    this.#showPick();
  }

  #showPick() {
    this.player.timeline.showPick(this.picking, this.#firstS);
    this.show();
  }

  #ask() {
    return word(this.#firstS === null ? "player_loop_pick" : "player_loop_pick_end");
  }
}

/** A loop as people say it: its ends, and how many counts it has. */
export function loopInWords(loop, counts) {
  const values = { start: clockTime(loop[0]), end: clockTime(loop[1]) };
  const n = countsIn(loop, counts);
  return n ? word("player_loop_counts", { ...values, n }) : word("player_loop_from_to", values);
}
