import { reportPractice } from "../live/report.js";

const WORTH_S = 20; // a pause after less is not worth a message
const LEAST_S = 3;
const LONGEST_FRAME_S = 1; // a page that slept did not show a dance

/** Adds up how long a dancer practised with the player, and tells it at a pause and when the page is left. */
export class Watch {
  #playedS = 0;
  #lastMs = null;

  /** @param {{url: string, slug: string, scope: Scope, report?: typeof reportPractice}} setup */
  constructor({ url, slug, scope, report = reportPractice }) {
    this.tell = (dancedS) => report({ url, slug, kind: "watch", dancedS });
    scope.listen(globalThis, "pagehide", () => this.#tellFrom(LEAST_S));
  }

  /** One animation frame. */
  tick(nowMs, playing) {
    if (playing && this.#lastMs !== null) this.#playedS += Math.min((nowMs - this.#lastMs) / 1000, LONGEST_FRAME_S);
    if (!playing && this.#lastMs !== null) this.#tellFrom(WORTH_S);
    this.#lastMs = playing ? nowMs : null;
  }

  #tellFrom(leastS) {
    if (this.#playedS < leastS) return;
    this.tell(this.#playedS);
    this.#playedS = 0;
  }
}
