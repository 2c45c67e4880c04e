import { beatS, countAt, eightNumber } from "../lib/counts.js";
import { jsonInside } from "../lib/dom.js";
import { firstInDance, fitTaps, LEAST_BPM, LEAST_TAPS, MOST_BPM, withDownbeat, withTap, withTempo } from "../lib/tapping.js";
import { word } from "../lib/words.js";
import { paintStrip } from "../player/count-strip.js";
import { isForSomebodyElse } from "../player/keys.js";
import { Metronome } from "../player/metronome.js";

const NUDGE_S = 0.01;
const NUDGE_BPM = 0.1;
const IN_TIME = ["downbeat", "tap"];
const FRAME_MS = 100; // a press is told at most this long before or after the frame it belongs to
const KEYS = { 1: "downbeat", t: "tap", x: "click", f: "found", u: "slower", i: "faster", h: "halve", d: "double", j: "earlier", k: "later", J: "beat-earlier", K: "beat-later" };

/** The counts of a guide, set by hand while its player on the same page plays. What is saved are two fields of a form. */
export default function mount(root, scope) {
  const player = document.querySelector('[data-controller~="player"]');
  if (player) new CountsDesk(root, player, scope);
}

class CountsDesk {
  #bpm = null; // both null where not known yet
  #firstS = null;
  #counts = null;
  #taps = [];
  #clicks = false;
  #shown = { tS: 0, atMs: 0, playing: false, rate: 1 };

  constructor(root, player, scope) {
    this.root = root;
    this.player = player;
    this.metronome = new Metronome(scope);
    this.part = (name) => root.querySelector(`[data-counts="${name}"]`);
    this.found = jsonInside(root).found;
    this.sections = JSON.parse(document.getElementById(player.dataset.playerData).textContent).sections;
    this.form = this.part("form");
    for (const element of root.querySelectorAll("[data-counts=live], [data-counts=nudges], [data-counts=undo], [data-do=found]")) element.hidden = false;
    this.actions = this.#actions();
    this.#bind(scope);
    this.#readFields();
  }

  #bind(scope) {
    scope.listen(this.player, "player:drawn", ({ detail }) => this.#follow(detail));
    scope.listen(this.player, "player:ready", () => this.#tellPlayer());
    scope.listen(this.form, "input", () => this.#readFields());
    // The fields have their first values back only after the event.
    scope.listen(this.form, "reset", () => scope.timeout(() => this.#readFields(), 0));
    for (const button of this.root.querySelectorAll("[data-do]")) this.#bindButton(button, scope);
    scope.listen(document, "keydown", (event) => {
      const name = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
      if (!name || isForSomebodyElse(event) || event.repeat || !this.root.querySelector(`[data-do="${name}"]`)) return;
      event.preventDefault();
      this.actions[name](event.timeStamp);
    });
    scope.observe(new ResizeObserver(() => this.#show()), this.part("strip"));
  }

  // What is tapped in time counts from the press of a finger; a click comes only when it is lifted. Keys click without one.
  #bindButton(button, scope) {
    const name = button.dataset.do;
    const act = (event) => this.actions[name](event.timeStamp);
    const inTime = IN_TIME.includes(name);
    scope.listen(button, "click", (event) => (inTime && event.detail > 0) || act(event));
    if (inTime) scope.listen(button, "pointerdown", (event) => event.button === 0 && act(event));
  }

  #actions() {
    return {
      downbeat: (atMs) => this.#setDownbeat(this.#timeAt(atMs)),
      tap: (atMs) => this.#tap(this.#timeAt(atMs)),
      click: () => this.#toggleClicks(),
      play: () => this.player.querySelector("[data-player=play]").click(),
      found: () => this.#useFound(),
      slower: () => this.#nudgeTempo((bpm) => bpm - NUDGE_BPM),
      faster: () => this.#nudgeTempo((bpm) => bpm + NUDGE_BPM),
      halve: () => this.#nudgeTempo((bpm) => bpm / 2),
      double: () => this.#nudgeTempo((bpm) => bpm * 2),
      earlier: () => this.#nudgeFirst(-NUDGE_S),
      later: () => this.#nudgeFirst(NUDGE_S),
      "beat-earlier": () => this.#nudgeFirst(this.#counts && -beatS(this.#counts)),
      "beat-later": () => this.#nudgeFirst(this.#counts && beatS(this.#counts)),
    };
  }

  /** The guide's moment of a press, which falls between two frames. */
  #timeAt(atMs) {
    const { tS, atMs: drawnMs, playing, rate } = this.#shown;
    const sinceMs = Math.max(-FRAME_MS, Math.min(FRAME_MS, atMs - drawnMs));
    return playing ? tS + (sinceMs / 1000) * rate : tS;
  }

  #setDownbeat(tS) {
    const grid = this.#counts ?? this.found;
    if (grid) {
      const { bpm, first_beat_s: firstS } = withDownbeat(grid, tS);
      this.#change(bpm, firstS);
      this.#tell(word("counts_one", { seconds: firstS.toFixed(2) }));
    } else {
      this.#change(this.#bpm, tS);
      this.#tell(word(this.#bpm === null ? "counts_one_alone" : "counts_one", { seconds: tS.toFixed(2) }));
    }
  }

  #tap(tS) {
    this.#taps = withTap(this.#taps, tS);
    const taps = this.#taps.length;
    const line = fitTaps(this.#taps);
    if (line) {
      this.#change(line.bpm, firstInDance({ bpm: line.bpm }, line.firstS));
      this.#tell(word("counts_tapped", { bpm: line.bpm.toFixed(1), taps, ms: Math.max(1, Math.round(line.spreadS * 1000)) }));
    } else {
      this.#show();
      this.#tell(taps < LEAST_TAPS ? word("counts_tap_on", { more: LEAST_TAPS - taps }) : word("counts_no_tempo"));
    }
  }

  /** The heard tempo, with count 1 on the heard beat that is nearest to where it was. */
  #useFound() {
    const { bpm, first_beat_s: firstS } = withDownbeat(this.found, this.#firstS ?? this.found.first_beat_s);
    this.#change(bpm, firstS);
    this.#tell(word("counts_found"));
  }

  #toggleClicks() {
    this.#clicks = !this.#clicks;
    if (this.#clicks) this.metronome.start();
    else this.metronome.stop();
    this.root.querySelector('[data-do="click"]').setAttribute("aria-pressed", String(this.#clicks));
  }

  #nudgeTempo(change) {
    if (this.#bpm === null) return;
    this.#change(withTempo({}, change(this.#bpm)).bpm, this.#firstS);
    this.#tell("");
  }

  #nudgeFirst(byS) {
    if (this.#firstS === null || !byS) return;
    this.#change(this.#bpm, this.#firstS + byS);
    this.#tell(""); // what was said named the moment before
  }

  #change(bpm, firstS) {
    this.form.elements.bpm.value = bpm === null ? "" : String(Number(bpm.toFixed(3)));
    this.form.elements.first_count_s.value = firstS === null ? "" : String(Number(firstS.toFixed(3)));
    this.#readFields();
  }

  /** The fields are the truth: what is typed into them counts at once, too. */
  #readFields() {
    const { bpm, first_count_s: first } = this.form.elements;
    const tempo = bpm.value.trim() === "" ? NaN : Number(bpm.value);
    this.#bpm = tempo >= LEAST_BPM && tempo <= MOST_BPM ? tempo : null;
    this.#firstS = first.value.trim() !== "" && Number.isFinite(Number(first.value)) ? Number(first.value) : null;
    this.#counts = this.#bpm !== null && this.#firstS !== null ? { bpm: this.#bpm, first_beat_s: this.#firstS } : null;
    this.part("unsaved").hidden = bpm.value === bpm.defaultValue && first.value === first.defaultValue;
    this.#tellPlayer();
    this.#show();
  }

  #tellPlayer() {
    this.player.dispatchEvent(new CustomEvent("player:counts", { detail: { counts: this.#counts } }));
  }

  #follow({ tS, playing, rate }) {
    this.#shown = { tS, playing, rate, atMs: performance.now() };
    if (this.#clicks) this.metronome.follow({ counts: this.#counts, tS, playing, rate, nowMs: this.#shown.atMs });
    this.#show();
  }

  #show() {
    const { tS } = this.#shown;
    const counts = this.#counts;
    this.part("count").textContent = counts ? countAt(counts, tS).count : "–";
    this.part("place").textContent = counts ? word("counts_eight", { number: eightNumber(counts, this.sections, tS) }) : "";
    paintStrip(this.part("strip"), { counts, taps: this.#taps, tS });
  }

  #tell(news) {
    this.part("news").textContent = news;
  }
}
