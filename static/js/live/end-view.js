import { html } from "../lib/dom.js";
import { countAt, eightNumber } from "../lib/counts.js";
import { clockTime } from "../lib/format.js";
import { sectionAt } from "../lib/timeline.js";
import { word } from "../lib/words.js";
import { lagWords, shapeOf, totalsOf, verdictWord } from "./verdicts.js";

/** After a dance: each eight's verdict in a strip, how many of each, what becomes of the take. */
export class EndView {
  constructor({ root, player }) {
    this.part = (name) => root.querySelector(`[data-live="${name}"]`);
    this.player = player;
  }

  show({ eights, title, lead }) {
    this.part("end-title").textContent = title;
    this.part("end-lead").textContent = lead;
    this.part("end-lead").hidden = lead === "";
    this.part("strip").replaceChildren(...eights.map((eight) => this.#eight(eight)));
    this.part("strip").hidden = eights.length === 0;
    this.part("totals").replaceChildren(...totalsOf(eights).map(totalOf));
    this.part("totals").hidden = eights.length === 0;
    this.part("end").hidden = false;
  }

  hide() {
    this.part("end").hidden = true;
  }

  /** @param {number|null} share of what is sent; null hides the bar */
  showSending(sentence, share = null) {
    this.part("sending").hidden = sentence === "";
    const text = this.part("sending-text");
    if (text.textContent !== sentence) text.textContent = sentence;
    this.part("sending-bar").hidden = share === null;
    this.part("sending-bar").value = Math.round((share ?? 0) * 100);
  }

  #eight(eight) {
    const item = html("li", { className: "live__eight" }, shapeOf(eight.verdict), html("span", { className: "live__eight-name" }, this.#placeOf(eight)));
    item.dataset.verdict = eight.verdict ?? "none";
    const more = [verdictWord(eight.verdict), lagWords(eight.lagMs), limbWords(eight)].filter(Boolean);
    item.append(html("span", { className: "live__eight-more" }, more.join(" · ")));
    return item;
  }

  // "Chorus 3" where eights are counted, otherwise its seconds.
  #placeOf({ startS, endS }) {
    const { counts, sections } = this.player;
    if (!counts) return `${clockTime(startS)}-${clockTime(endS)}`;
    const section = sectionAt(sections, startS + 0.1);
    const number = section || countAt(counts, startS + 0.1).eight >= 0 ? eightNumber(counts, sections, startS + 0.1) : 1;
    return section ? `${section.label} ${number}` : String(number);
  }
}

function totalOf([verdict, n]) {
  const item = html("li", {}, shapeOf(verdict), word("live_total", { n, verdict: verdictWord(verdict) }));
  item.dataset.verdict = verdict ?? "none";
  return item;
}

// Which limb was furthest off, where something was.
function limbWords({ limb, verdict }) {
  return limb && (verdict === "ok" || verdict === "miss" || verdict === "good") ? word(`limb_${limb}`) : "";
}
