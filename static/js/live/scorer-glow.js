/**
 * Which limbs are plainly wrong at this moment, for the glow: each against the best moment of the guide around, so that a
 * little late is not wrong all over, and with hysteresis, so that nothing flickers. Limbs are the guide's.
 */

import { errorDeg, shownWeight } from "./scorer-shape.js";
import { LIMBS, LIMB_OF, SEGMENT_COUNT } from "./scorer-segments.js";

const S = SEGMENT_COUNT;

export class Glow {
  /** @param {object} config  the live config @param {number} rate  the guide's speed */
  constructor({ glow, scoring }, rate) {
    this.config = glow;
    this.scoring = scoring;
    this.rate = rate;
    this.limbs = LIMBS.map((limb) => ({ limb, error: NaN, isOn: false, sinceS: null }));
  }

  /**
   * @param {object} shown  the guide's movement @param {number} row  of it, now
   * @param {object} danced  the dancer's, one row @param {number} lagS  how late the body is known to be
   */
  add(shown, row, danced, lagS, tS) {
    const errors = this.#bestErrors(shown, row, danced, lagS);
    this.limbs.forEach((limb, at) => {
      limb.error = errors[at];
      this.#switch(limb, tS / this.rate);
    });
  }

  /** Worst first. */
  wrong() {
    const on = this.limbs.filter((limb) => limb.isOn && isFinite(limb.error));
    return on
      .sort((one, other) => other.error - one.error)
      .slice(0, this.config.most)
      .map(({ limb }) => limb);
  }

  /** `sinceS`: since when the error asks for the other state. */
  #switch(limb, nowS) {
    const { on_deg: onDeg, off_deg: offDeg, on_s: onS, off_s: offS } = this.config;
    const asks = limb.isOn ? !(limb.error > offDeg) : limb.error > onDeg;
    if (!asks) limb.sinceS = null;
    else limb.sinceS ??= nowS;
    if (limb.sinceS === null || nowS - limb.sinceS < (limb.isOn ? offS : onS)) return;
    limb.isOn = !limb.isOn;
    limb.sinceS = null;
  }

  #bestErrors(shown, row, danced, lagS) {
    const rowsAS = this.scoring.rate_hz * this.rate; // of the guide, in a real second
    const realS = lagS / this.rate;
    const { early_s: earlyS, late_s: lateS } = this.config;
    const from = Math.round(row - (Math.max(0, realS) + lateS) * rowsAS);
    const to = Math.round(row - (Math.min(0, realS) - earlyS) * rowsAS);
    const best = LIMBS.map(() => NaN);
    for (let at = Math.max(0, from); at <= Math.min(shown.count - 1, to); at += 1) {
      limbErrors(shown, at, danced, this.scoring).forEach((error, limb) => {
        if (isFinite(error) && !(error >= best[limb])) best[limb] = error;
      });
    }
    return best;
  }
}

function limbErrors(shown, row, danced, config) {
  const errors = new Float64Array(LIMBS.length);
  const weights = new Float64Array(LIMBS.length);
  for (let s = 0; s < S; s += 1) {
    const weight = danced.seen[s] ? shownWeight(shown, row * S + s, config) : 0;
    if (weight === 0) continue;
    errors[LIMB_OF[s]] += weight * errorDeg(shown, row * S + s, danced, s);
    weights[LIMB_OF[s]] += weight;
  }
  return errors.map((error, limb) => (weights[limb] > 0 ? error / weights[limb] : NaN));
}
