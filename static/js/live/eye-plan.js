/** A drill without a camera: each moment at rising speeds, and the dancer alone says when it sits. Pure. */
export class EyePlan {
  #moment = 0;
  #rate = 0;

  /** @param {{moments: object[], rates: number[]}} drill  speeds in rising order */
  constructor({ moments, rates }) {
    this.moments = moments;
    this.rates = rates;
    this.sits = moments.map(() => false);
  }

  get isOver() {
    return this.#moment >= this.moments.length;
  }

  /** @returns {{moment: number, rateAt: number, rate: number}|null} null when all is done */
  next() {
    return this.isOver ? null : { moment: this.#moment, rateAt: this.#rate, rate: this.rates[this.#rate] };
  }

  gotIt() {
    if (this.isOver) return;
    if (this.#rate + 1 < this.rates.length) {
      this.#rate += 1;
      return;
    }
    this.sits[this.#moment] = true;
    this.skip();
  }

  /** A speed down, where there is one. */
  notYet() {
    this.#rate = Math.max(0, this.#rate - 1);
  }

  skip() {
    if (this.isOver) return;
    this.#moment += 1;
    this.#rate = 0;
  }
}
