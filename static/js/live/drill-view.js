import { html } from "../lib/dom.js";
import { word } from "../lib/words.js";

/** The drill's list and its end: which speeds of which moment are done, and what has changed. */
export class DrillView {
  constructor({ root, moments }) {
    this.root = root;
    this.moments = moments;
    this.part = (name) => root.querySelector(`[data-drill="${name}"]`);
  }

  /** @param {"plan"|"eye"|"room"|"end"} page */
  show(page) {
    this.root.dataset.page = page;
    for (const name of ["plan", "eye", "end"]) this.part(name).hidden = name !== page;
    if (page !== "plan") this.part("problem").hidden = true;
  }

  problem(sentence) {
    this.show("plan");
    this.part("problem-text").textContent = sentence;
    this.part("problem").hidden = false;
    this.part("problem").focus();
  }

  /** @param {{moment: number|null, rateAt: number}|null} now @param {boolean[]} sits */
  mark(now, sits) {
    for (const item of this.root.querySelectorAll("[data-moment]")) {
      const index = Number(item.dataset.moment);
      const isNow = now?.moment === index;
      const done = sits[index] ? Infinity : isNow ? now.rateAt : 0;
      item.dataset.state = sits[index] ? "done" : isNow ? "now" : "waiting";
      if (isNow) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
      for (const speed of item.querySelectorAll("[data-speed]")) {
        const at = Number(speed.dataset.speed);
        speed.dataset.state = at < done ? "done" : isNow && at === done ? "now" : "waiting";
      }
      const percent = now ? [50, 75, 100][now.rateAt] : 0;
      item.querySelector("[data-moment-state]").textContent = sits[index] ? word("drill_state_sits") : isNow ? word("drill_state_now", { percent }) : "";
    }
  }

  /** @param {{label: string, before: number|null, now: number|null}[]} rows empty where no machine has looked */
  end({ title, rows, note = "" }) {
    this.show("end");
    this.part("end-title").textContent = title;
    this.part("end-note").textContent = note;
    this.part("change").hidden = rows.length === 0;
    this.part("rows").replaceChildren(...rows.map(rowOf));
    this.part("end-title").focus();
  }

  say(sentence) {
    this.part("news").textContent = sentence;
  }
}

function rowOf({ label, before, now }) {
  const cell = (text, name = "") => html("td", { textContent: text, className: name });
  const change = before === null || now === null ? 0 : Math.round(now) - Math.round(before);
  const shown = now === null ? "–" : String(Math.round(now));
  const signed = change > 0 ? `+${change}` : `−${Math.abs(change)}`;
  return html(
    "tr",
    {},
    html("th", { scope: "row", textContent: label }),
    cell(before === null ? "–" : String(Math.round(before))),
    cell(change === 0 ? shown : `${shown} (${signed})`, "change__now"),
  );
}
