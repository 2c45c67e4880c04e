const REMEMBERED_MS = 1500;
const JUMP_S = 0.08;

/**
 * The guide's clock beside the browser's: which moment of the guide it was at any performance.now(). A medium tells its
 * time in coarse and uneven steps, so what counts is the median of the last second and a half; a jump begins anew.
 */
export class TimeBase {
  #points = [];

  /** @param {number} rate guide seconds that pass in a second */
  constructor(rate = 1) {
    this.rate = rate;
  }

  get isSet() {
    return this.#points.length > 0;
  }

  /** At `nowMs` the guide was at `tS`. */
  add(nowMs, tS) {
    const zeroS = tS - (nowMs / 1000) * this.rate;
    if (this.isSet && Math.abs(zeroS - this.#zeroS()) > JUMP_S) this.#points = [];
    this.#points.push({ nowMs, zeroS });
    while (this.#points[0].nowMs < nowMs - REMEMBERED_MS) this.#points.shift();
  }

  guideS(ms) {
    return this.#zeroS() + (ms / 1000) * this.rate;
  }

  /** When the guide is at `tS`, on performance.now()'s clock. */
  msAt(tS) {
    return ((tS - this.#zeroS()) / this.rate) * 1000;
  }

  #zeroS() {
    return median(this.#points.map((point) => point.zeroS));
  }
}

export function median(values) {
  if (values.length === 0) return NaN;
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
