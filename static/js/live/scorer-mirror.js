/**
 * Whether the dancer dances the mirror image: both are followed, by the correlation of the changes, until one clearly
 * leads. A dance that is alike on both sides stays as it is shown.
 */

import { movementOf } from "./scorer-body.js";
import { SEGMENT_COUNT, WEIGHTS } from "./scorer-segments.js";
import { changeOf } from "./scorer-timing.js";

const S = SEGMENT_COUNT;
const LEAST_SQUARE = 1e-6;

export class MirrorWatch {
  constructor({ mirror, scoring }) {
    this.config = mirror;
    this.scoring = scoring;
    this.isMirrored = false;
    this.rows = 0;
    this.sums = [false, true].map(() => mirror.lags_s.map(() => ({ shared: 0, shown: 0, danced: 0 })));
  }

  /**
   * Looks at rows of the guide, the first of which lies at `tS`; `around` at both ends only serve the change.
   * @returns {boolean} if the answer changed
   */
  add(shown, frames, build, tS, around) {
    const { rate_hz: rateHz, timing } = this.scoring;
    const first = Math.round(Math.min(...this.config.lags_s) * rateHz);
    const last = Math.round(Math.max(...this.config.lags_s) * rateHz);
    const change = changeOf(shown, timing.slope_s, rateHz);
    this.sums.forEach((ofLags, image) => {
      const danced = movementOf(frames, build, tS + first / rateHz, shown.count + last - first, this.scoring, image === 1);
      const moved = changeOf(danced, timing.slope_s, rateHz);
      this.config.lags_s.forEach((lagS, at) => addProducts(ofLags[at], change, moved, Math.round(lagS * rateHz) - first, around));
    });
    this.rows += shown.count - 2 * around;
    return this.#decide();
  }

  /** Whether enough has been seen to tell. */
  get knows() {
    return this.rows >= this.config.min_s * this.scoring.rate_hz;
  }

  #decide() {
    if (!this.knows) return false;
    const [asShown, inMirror] = this.sums.map((ofLags) => Math.max(...ofLags.map(correlation)));
    const was = this.isMirrored;
    if (Math.abs(inMirror - asShown) >= this.config.margin) this.isMirrored = inMirror > asShown;
    return this.isMirrored !== was;
  }
}

function addProducts(sum, guide, dancer, shift, around) {
  for (let s = 0; s < S; s += 1) {
    for (let row = around; row < guide.rows - around; row += 1) {
      const [one, other] = [s * guide.rows + row, s * dancer.rows + row + shift];
      if (!guide.known[one] || !dancer.known[other]) continue;
      sum.shared += WEIGHTS[s] * (guide.x[one] * dancer.x[other] + guide.y[one] * dancer.y[other]);
      sum.shown += WEIGHTS[s] * guide.square[one];
      sum.danced += WEIGHTS[s] * dancer.square[other];
    }
  }
}

function correlation({ shared, shown, danced }) {
  return shared / Math.sqrt(Math.max(shown * danced, LEAST_SQUARE));
}
