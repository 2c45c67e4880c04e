import { readTokens } from "../lib/colours.js";
import { clamp } from "../lib/drift.js";
import { clockTime } from "../lib/format.js";
import { limbsWrongNow, sectionAt, stepAt } from "../lib/timeline.js";
import { word } from "../lib/words.js";
import { LEAST_LOOP_S, snapToMark } from "./loops.js";
import { bindPlot } from "./plot-pointer.js";
import { hasLag, paintComparison, paintCounts, paintEnergy, plotHeight, ROW_PX, rowsTop } from "./plot.js";

const NEAR_PX = 52;
const MOMENT_PX = 28;

/** The dance over time: a plot that is a slider, with the sections above and the moments to look at below. */
export class TimelineView {
  #shownS = null;
  #width = 0;
  #wrong = "";
  #playheadPlace = "";
  #marksCounts = false;
  #picks = false;

  /** @param {{root: Element, payload: object, player: object, scope: Scope}} setup */
  constructor({ root, payload, player, scope }) {
    this.payload = payload;
    this.player = player;
    this.scope = scope;
    // Teachers get where take and guide match, and no errors: for them the plot is that of a guide alone.
    this.judged = payload.comparison?.timeline.t_s.length ? payload.comparison : null;
    this.moments = (this.judged?.findings ?? []).filter(({ number }) => number);
    // In the skeleton's order: the database keeps none of a result's own keys.
    this.limbs = this.judged ? Object.keys(payload.skeleton.limbs).filter((limb) => limb in this.judged.timeline.limb_error_deg) : [];
    this.part = (name) => root.querySelector(`[data-player="${name}"]`);
    this.slider = this.part("slider");
    this.canvas = this.part("plot");
    this.playhead = this.part("playhead");
    this.#labelRows();
    this.#addSections();
    this.#addMoments();
    this.#listen();
    scope.media("(prefers-color-scheme: dark)", () => this.#resize());
    scope.observe(new ResizeObserver(() => this.#resize()), this.slider);
  }

  /** Moves the playhead; the words of the slider change once a second at most. */
  show(tS) {
    const { durationS } = this.player;
    this.#markWrong(tS);
    this.#movePlayhead((tS / durationS) * this.#width);
    if (this.#shownS !== null && Math.floor(tS) === Math.floor(this.#shownS) && this.player.playing) return;
    this.#shownS = tS;
    this.slider.setAttribute("aria-valuenow", tS.toFixed(2));
    this.slider.setAttribute("aria-valuetext", this.#placeInWords(tS));
    this.#markSection(tS);
  }

  showLoop(loop) {
    const band = this.part("loop-band");
    const handles = ["loop-start", "loop-end"].map((name) => this.part(name));
    for (const element of [band, ...handles]) element.hidden = !loop;
    if (!loop) return;
    const [from, to] = loop.map((tS) => (tS / this.player.durationS) * 100);
    band.style.left = `${from}%`;
    band.style.width = `${to - from}%`;
    handles.forEach((handle, i) => {
      handle.style.left = `${i === 0 ? from : to}%`;
      handle.setAttribute("aria-valuemax", this.player.durationS.toFixed(2));
      handle.setAttribute("aria-valuenow", loop[i].toFixed(2));
      handle.setAttribute("aria-valuetext", clockTime(loop[i]));
    });
  }

  /** While a loop is picked the counts are marked, and so is its first end once that is chosen. */
  showPick(picks, firstS) {
    const mark = this.part("pick");
    mark.hidden = firstS === null;
    mark.style.left = `${((firstS ?? 0) / this.player.durationS) * 100}%`;
    this.slider.toggleAttribute("data-picking", picks);
    if (picks === this.#picks) return;
    this.#picks = picks;
    this.repaint();
  }

  /** Frames one limb's row of the heat band; null takes the frame away. */
  showLimb(limb) {
    const row = this.limbs.indexOf(limb);
    this.rowMark.hidden = row < 0;
    this.rowMark.style.top = `${rowsTop(this.judged) + row * ROW_PX}px`;
    this.rowMark.style.height = `${ROW_PX}px`;
  }

  /** From now on the plot has a mark where each eight begins, and where there is room one at each count. */
  markCounts() {
    this.#marksCounts = true;
    if (this.#width > 0) this.repaint();
  }

  repaint() {
    const { durationS } = this.player;
    const height = plotHeight(this.judged, this.limbs);
    const dots = Math.min(devicePixelRatio || 1, 2);
    this.slider.setAttribute("aria-valuemax", durationS.toFixed(2));
    this.canvas.width = Math.round(this.#width * dots);
    this.canvas.height = height * dots;
    const ctx = this.canvas.getContext("2d");
    ctx.setTransform(dots, 0, 0, dots, 0, 0);
    const tokens = readTokens(this.slider);
    if (this.judged) paintComparison(ctx, { comparison: this.judged, limbs: this.limbs, durationS, width: this.#width, tokens });
    else paintEnergy(ctx, { speeds: this.player.speeds, width: this.#width, tokens });
    const { counts } = this.payload;
    if ((this.#marksCounts || this.#picks) && counts) paintCounts(ctx, { counts, durationS, width: this.#width, tokens });
    this.#placeMoments();
  }

  #listen() {
    const { slider, scope } = this;
    const timeAt = (event) => {
      const box = slider.getBoundingClientRect();
      return clamp((event.clientX - box.left) / box.width, 0, 1) * this.player.durationS;
    };
    const perS = () => this.#width / this.player.durationS;
    bindPlot({ slider, scope, timeAt, perS, player: this.player });
    ["loop-start", "loop-end"].forEach((name, end) => {
      const handle = this.part(name);
      this.#drag(handle, (event) => this.#moveLoop(end, snapToMark(this.payload.counts, timeAt(event), perS())));
      scope.listen(handle, "keydown", (event) => {
        const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -Infinity, End: Infinity }[event.key];
        if (!step) return;
        event.preventDefault();
        event.stopPropagation();
        this.#moveLoop(end, this.player.loop[end] + step * this.player.nudgeS);
      });
    });
  }

  #drag(handle, move) {
    this.scope.listen(handle, "pointerdown", (event) => {
      if (event.button !== 0 || !event.isPrimary) return;
      handle.setPointerCapture(event.pointerId);
      move(event);
    });
    this.scope.listen(handle, "pointermove", (event) => {
      if (handle.hasPointerCapture(event.pointerId)) move(event);
    });
  }

  #moveLoop(end, tS) {
    const loop = [...this.player.loop];
    loop[end] = end === 0 ? clamp(tS, 0, loop[1] - LEAST_LOOP_S) : clamp(tS, loop[0] + LEAST_LOOP_S, this.player.durationS);
    this.player.setLoop(loop, "own");
  }

  #movePlayhead(x) {
    const place = `translateX(${Math.round(x * 2) / 2}px)`;
    if (place === this.#playheadPlace) return;
    this.#playheadPlace = place;
    this.playhead.style.transform = place;
  }

  // Colour is not alone: the name of a limb that is wrong now gets a mark and grows heavier.
  #markWrong(tS) {
    if (!this.judged) return;
    const limbs = new Set(limbsWrongNow(this.judged, tS));
    const wrong = this.limbs.filter((limb) => limbs.has(limb)).join();
    if (wrong === this.#wrong) return;
    this.#wrong = wrong;
    const names = [...this.part("rows").children].slice(-this.limbs.length);
    this.limbs.forEach((limb, row) => names[row].toggleAttribute("data-wrong", limbs.has(limb)));
  }

  #placeInWords(tS) {
    const { judged } = this;
    const section = sectionAt(this.payload.sections, tS)?.label;
    const values = { time: clockTime(tS), total: clockTime(this.player.durationS), section };
    const place = section ? word("player_position_section", values) : word("player_position", values);
    if (!judged) return place;
    const step = stepAt(judged.timeline, tS);
    const errorDeg = step < 0 ? null : judged.timeline.error_deg[step];
    if (errorDeg === null) return word("player_position_unjudged", { place });
    return word("player_position_error", { place, degrees: Math.round(errorDeg) });
  }

  #labelRows() {
    const list = this.part("rows");
    const labels = new Map(this.judged?.limbs.map(({ limb, label }) => [limb, label]));
    const limbs = this.limbs.map((limb) => labels.get(limb) ?? word(`limb_${limb}`));
    const timing = hasLag(this.judged) ? [word("player_timing")] : [];
    const names = this.judged ? [word("player_overall"), ...timing, ...limbs] : [];
    list.replaceChildren(...names.map((name) => Object.assign(document.createElement("span"), { textContent: name })));
    list.toggleAttribute("data-lag", timing.length > 0);
    list.hidden = names.length === 0;
    this.rowMark = Object.assign(document.createElement("span"), { className: "player__row-mark", hidden: true });
    this.slider.append(this.rowMark);
    this.scope.add(() => this.rowMark.remove());
    this.slider.style.height = `${plotHeight(this.judged, this.limbs)}px`;
    this.#markHardest();
  }

  #markHardest() {
    this.hardest = this.judged?.eights?.[this.judged.worst_eight] ?? null;
    if (!this.hardest) return;
    this.hardestMark = Object.assign(document.createElement("span"), { className: "player__hardest" });
    this.slider.append(this.hardestMark);
    this.scope.add(() => this.hardestMark.remove());
  }

  #placeHardest() {
    if (!this.hardest) return;
    const [fromS, toS] = [this.hardest.start_s, Math.min(this.hardest.end_s, this.player.durationS)];
    this.hardestMark.style.left = `${(fromS / this.player.durationS) * 100}%`;
    this.hardestMark.style.width = `${((toS - fromS) / this.player.durationS) * 100}%`;
  }

  #addSections() {
    const list = this.part("sections");
    list.hidden = this.payload.sections.length === 0;
    this.sectionButtons = this.payload.sections.map((section) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "player__section" });
      const times = { start: clockTime(section.start_s), end: clockTime(section.end_s) };
      button.setAttribute("aria-label", word("player_section", { section: section.label, ...times }));
      button.append(Object.assign(document.createElement("span"), { textContent: section.label }));
      this.scope.listen(button, "click", () => this.player.seekSection(section));
      return button;
    });
    list.replaceChildren(...this.sectionButtons);
  }

  #placeSections() {
    this.payload.sections.forEach(({ start_s: startS, end_s: endS }, i) => {
      this.sectionButtons[i].style.left = `${(startS / this.player.durationS) * 100}%`;
      this.sectionButtons[i].style.width = `${((Math.min(endS, this.player.durationS) - startS) / this.player.durationS) * 100}%`;
    });
  }

  #markSection(tS) {
    const now = sectionAt(this.payload.sections, tS);
    this.payload.sections.forEach((section, i) => {
      if (section === now) this.sectionButtons[i].setAttribute("aria-current", "true");
      else this.sectionButtons[i].removeAttribute("aria-current");
    });
  }

  #addMoments() {
    const list = this.part("moments");
    list.hidden = this.moments.length === 0;
    this.momentButtons = this.moments.map((moment) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "player__moment" });
      button.append(Object.assign(document.createElement("span"), { textContent: String(moment.number) }));
      button.setAttribute("aria-label", `${moment.number}. ${moment.label}`);
      this.scope.listen(button, "click", () => this.player.seek(moment.start_s));
      return button;
    });
    list.replaceChildren(...this.momentButtons);
  }

  // Two moments close to each other stand side by side, so that each keeps its whole target.
  #placeMoments() {
    this.#placeSections();
    this.#placeHardest();
    const order = this.moments.map(({ start_s: startS }, i) => ({ i, x: (startS / this.player.durationS) * this.#width })).sort((a, b) => a.x - b.x);
    let least = MOMENT_PX / 2;
    const rest = order.length;
    order.forEach(({ i, x }, place) => {
      const most = this.#width - MOMENT_PX / 2 - (rest - place - 1) * NEAR_PX;
      const shownX = Math.min(Math.max(x, least), most);
      least = shownX + NEAR_PX;
      this.momentButtons[i].style.transform = `translateX(${shownX.toFixed(1)}px)`;
    });
  }

  #resize() {
    this.#width = this.slider.clientWidth;
    if (this.#width > 0 && this.player.durationS > 0) {
      this.repaint();
      this.show(this.player.tS);
    }
  }
}
