import { word } from "../lib/words.js";

const NO_TAKE = Object.freeze({ eights: [], dancedS: 0, ended: "stopped" });

/** A drill before the camera: round after round in the room, with a rest between, until the plan is done or somebody stops. */
export class DrillRun {
  /**
   * @param {object} parts
   * @param {Room} parts.room
   * @param {DrillPlan} parts.plan
   * @param {Rest} parts.rest
   * @param {PracticeLog} parts.log
   * @param {string[]} parts.watchFor  a sentence for each moment, or ""
   * @param {() => void} parts.onChange  after each round
   */
  constructor({ room, plan, rest, log, watchFor, onChange }) {
    Object.assign(this, { room, plan, rest, log, watchFor, onChange });
  }

  /** @returns {Promise<"done"|"stopped"|"hidden"|"lost">} */
  async run() {
    let verdict = "";
    for (let step = this.plan.next(); step; step = this.plan.next()) {
      const answer = await this.rest.show(this.#announcement(step, verdict));
      if (answer === "end") return "stopped";
      if (answer === "skip") {
        this.plan.skip();
        verdict = "";
        this.onChange();
        continue;
      }
      const result = await this.#dance(step);
      if (result.ended !== "end") return result.why === "hidden" ? "hidden" : result.ended;
      verdict = this.#tell(step, result.eights);
    }
    return "done";
  }

  async #dance({ fromS, toS, rate, moment }) {
    const result = (await this.room.dance({ fromS, toS, rate, countIn: true, aids: moment === null ? 2 : 3 })) ?? NO_TAKE;
    this.log.add({ dancedS: result.dancedS, eights: result.eights, rate });
    return result;
  }

  #tell(step, eights) {
    const told = this.plan.told(eights);
    if (step.moment === null && told.score === null) this.plan.skip();
    if (told.movedOn) this.log.flush();
    this.onChange();
    return verdictWords(told);
  }

  #announcement({ moment, rate, label }, verdict) {
    const percent = Math.round(rate * 100);
    this.room.view.enter("resting");
    return {
      verdict,
      next: moment === null ? word("drill_next_part") : word("drill_next", { label, percent }),
      what: moment === null ? "" : (this.watchFor[moment] ?? ""),
    };
  }
}

/** What a round came to, in a sentence. Exported for tests. */
export function verdictWords({ passed, movedOn, mastered, score }) {
  if (score === null) return word("drill_unseen");
  const points = Math.round(score);
  if (mastered) return word("drill_sits", { points });
  if (movedOn) return word(passed ? "drill_faster" : "drill_enough", { points });
  return word(passed ? "drill_passed" : "drill_not_yet", { points });
}
