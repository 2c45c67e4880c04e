/**
 * What a drill asks for next: each moment at rising speeds, then the whole part once more. Pure; its state is JSON.
 *
 * A round is passed with a good score, or with clearly more points than the first round of this moment at this speed. Two
 * passed in a row go on to the next speed, two failed in a row back to the one before. A moment is mastered when its last
 * speed is. A round of which too little was seen counts for nothing.
 */

const STATE_VERSION = 1;

/**
 * @typedef {object} Moment
 * @property {number} startS  seconds of the guide, where its loop begins
 * @property {number} endS
 * @property {string} label
 * @property {number[]} [eights]  the eights that count; where left out, all that are told within the loop
 *
 * @typedef {object} Step
 * @property {number} fromS
 * @property {number} toS
 * @property {number} rate
 * @property {string|null} label  null for the whole part
 * @property {number} round   from 1, of this moment at this speed
 * @property {number|null} moment  its index; null for the whole part
 *
 * @typedef {object} Told
 * @property {boolean} passed
 * @property {boolean} movedOn   another speed up, another moment, or the end comes next
 * @property {boolean} mastered  this round was the last that the moment needed
 * @property {number|null} score  of this round, null where too little was seen
 */

export class DrillPlan {
  /**
   * @param {object} drill
   * @param {Moment[]} drill.moments  in the order in which they are drilled
   * @param {[number, number]} drill.part  seconds of the guide, danced once more at the end
   * @param {number[]} [drill.rates]  speeds in rising order; those of the config where left out
   * @param {object} drill.config  choreography/comparison/live_config.py
   */
  constructor({ moments, part, config, rates = config.drill.rates }) {
    if (!moments.every(isMoment) || !isSpan(part) || !rates.length || !rates.every((rate) => rate > 0)) {
      throw new RangeError("a drill needs moments with a beginning and an end, a part, and speeds");
    }
    this.moments = moments;
    this.part = part;
    this.rates = rates;
    this.config = config;
    this.at = { moment: 0, rate: 0, round: 1, passes: 0, fails: 0, rounds: 0 };
    this.firsts = moments.map(() => rates.map(() => null));
    this.lasts = moments.map(() => null);
    this.mastered = moments.map(() => false);
    this.partScore = null;
    this.isOver = false;
  }

  /** @returns {Step|null} null when all is done; the same step until a round is told */
  next() {
    if (this.isOver) return null;
    const { moment, rate, round } = this.at;
    if (moment === this.moments.length) {
      const [fromS, toS] = this.part;
      return { fromS, toS, rate: 1, label: null, round, moment: null };
    }
    const { startS, endS, label } = this.moments[moment];
    return { fromS: startS, toS: endS, rate: this.rates[rate], label, round, moment };
  }

  /** @param {{eight: number, startS: number, endS: number, score: number|null}[]} verdicts of this round @returns {Told} */
  told(verdicts) {
    if (this.isOver) return { passed: false, movedOn: false, mastered: false, score: null };
    return this.at.moment === this.moments.length ? this.#toldPart(verdicts) : this.#toldMoment(verdicts);
  }

  /** Leaves this moment as it is and goes to the next one; the whole part, danced or not, ends the drill. */
  skip() {
    if (this.at.moment === this.moments.length) this.isOver = true;
    else this.#toMoment(this.at.moment + 1);
  }

  /**
   * How far the drill is: `done` of `total` speeds over all moments, each moment's first and last score and whether it is
   * mastered, and the score of the whole part at the end.
   */
  get progress() {
    const perMoment = this.rates.length;
    const { moment, rate } = this.at;
    return {
      done: Math.min(moment * perMoment + rate, this.moments.length * perMoment),
      total: this.moments.length * perMoment,
      moments: this.moments.map(({ label }, index) => ({
        label,
        first: this.firsts[index].find((score) => score !== null) ?? null,
        last: this.lasts[index],
        mastered: this.mastered[index],
      })),
      partScore: this.partScore,
      isOver: this.isOver,
    };
  }

  /** JSON that `from` makes the same plan of, after a reload. */
  state() {
    const { moments, part, rates, config, at, firsts, lasts, mastered, partScore, isOver } = this;
    return structuredClone({
      version: STATE_VERSION,
      drill: { moments, part, rates, config },
      done: { at, firsts, lasts, mastered, partScore, isOver },
    });
  }

  /** @returns {DrillPlan|null} null for what is no such state: it comes from the browser's storage */
  static from(state) {
    try {
      if (state.version !== STATE_VERSION) return null;
      const plan = new DrillPlan(state.drill);
      const done = structuredClone(state.done);
      if (!isPossible(plan, done)) return null;
      return Object.assign(plan, done);
    } catch {
      return null;
    }
  }

  #toldMoment(verdicts) {
    const at = this.at;
    const score = scoreOf(verdicts, this.moments[at.moment]);
    if (score === null) return { passed: false, movedOn: false, mastered: false, score };
    const firsts = this.firsts[at.moment];
    const passed = this.#isPassed(score, firsts[at.rate]);
    firsts[at.rate] ??= score;
    this.lasts[at.moment] = score;
    at.rounds += 1;
    at.passes = passed ? at.passes + 1 : 0;
    at.fails = passed ? 0 : at.fails + 1;
    return { passed, ...this.#goOn(), score };
  }

  #isPassed(score, first) {
    const { bands, drill } = this.config;
    return score >= bands.good || (first !== null && score >= first + drill.gain);
  }

  /** Where the next round is danced, after the passes and fails so far. */
  #goOn() {
    const at = this.at;
    const { passes, fails, most_rounds: mostRounds } = this.config.drill;
    if (at.passes >= passes) return this.#faster();
    if (at.rounds >= mostRounds) {
      this.#toMoment(at.moment + 1);
      return { movedOn: true, mastered: false };
    }
    if (at.fails >= fails && at.rate > 0) this.#toRate(at.rate - 1);
    else at.round += 1;
    return { movedOn: false, mastered: false };
  }

  #faster() {
    const { moment, rate } = this.at;
    if (rate + 1 < this.rates.length) {
      this.#toRate(rate + 1);
      return { movedOn: true, mastered: false };
    }
    this.mastered[moment] = true;
    this.#toMoment(moment + 1);
    return { movedOn: true, mastered: true };
  }

  #toldPart(verdicts) {
    const [startS, endS] = this.part;
    const score = scoreOf(verdicts, { startS, endS });
    if (score === null) return { passed: false, movedOn: false, mastered: false, score };
    this.partScore = score;
    this.isOver = true;
    return { passed: score >= this.config.bands.good, movedOn: true, mastered: false, score };
  }

  #toRate(rate) {
    Object.assign(this.at, { rate, round: 1, passes: 0, fails: 0 });
  }

  #toMoment(moment) {
    this.at = { moment, rate: 0, round: 1, passes: 0, fails: 0, rounds: 0 };
  }
}

/** Mean score of the eights that count, each by how long it was danced; null where none has one. */
function scoreOf(verdicts, { startS, endS, eights }) {
  let points = 0;
  let seconds = 0;
  for (const verdict of verdicts) {
    const lastedS = Math.min(verdict.endS, endS) - Math.max(verdict.startS, startS);
    const counts = eights?.length ? eights.includes(verdict.eight) : lastedS > 0;
    if (!counts || verdict.score === null || !(lastedS > 0)) continue;
    points += verdict.score * lastedS;
    seconds += lastedS;
  }
  return seconds > 0 ? points / seconds : null;
}

function isSpan(span) {
  return Array.isArray(span) && span.length === 2 && span.every(Number.isFinite) && span[1] > span[0];
}

function isMoment(moment) {
  return isSpan([moment?.startS, moment?.endS]) && typeof moment.label === "string";
}

function isPossible({ moments, rates }, { at, firsts, lasts, mastered, partScore, isOver }) {
  const isScore = (score) => score === null || Number.isFinite(score);
  const isCount = (value, most) => Number.isInteger(value) && value >= 0 && value <= most;
  return (
    isCount(at.moment, moments.length) &&
    isCount(at.rate, rates.length - 1) &&
    [at.round, at.passes, at.fails, at.rounds].every((value) => isCount(value, 1000)) &&
    [firsts, lasts, mastered].every((each) => Array.isArray(each) && each.length === moments.length) &&
    firsts.every((row) => row.length === rates.length && row.every(isScore)) &&
    lasts.every(isScore) &&
    mastered.every((value) => typeof value === "boolean") &&
    isScore(partScore) &&
    typeof isOver === "boolean"
  );
}
