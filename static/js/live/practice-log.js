import { reportPractice } from "./report.js";

/** Gathers what a drill dances and tells it in few reports: when asked to, and when the page is left. */
export class PracticeLog {
  #dancedS = 0;
  #eights = [];

  constructor({ url, slug, scope, tell = reportPractice }) {
    Object.assign(this, { url, slug, tell });
    scope.listen(globalThis.window, "pagehide", () => this.flush());
  }

  /** @param {{dancedS: number, eights?: object[], rate?: number}} round */
  add({ dancedS, eights = [], rate = 1 }) {
    if (!(dancedS > 0)) return;
    this.#dancedS += dancedS;
    this.#eights.push(...eights.map(({ eight, score, limb }) => ({ eight, score, limb, rate })));
  }

  flush() {
    if (this.#dancedS <= 0) return;
    const [dancedS, eights] = [this.#dancedS, this.#eights];
    this.#dancedS = 0;
    this.#eights = [];
    this.tell({ url: this.url, slug: this.slug, kind: "drill", dancedS, eights });
  }
}
