import { word } from "../lib/words.js";

const REST_S = 7;

/**
 * Between two rounds: how the last one went, what comes and what to watch for. Goes on by itself, for who dances stands far
 * from the keyboard.
 */
export class Rest {
  /** @param {{template: HTMLTemplateElement, room: HTMLElement, scope: Scope}} where  it lies over the room */
  constructor({ template, room, scope }) {
    this.scope = scope;
    this.root = template.content.firstElementChild.cloneNode(true);
    this.root.hidden = true;
    this.room = room;
    room.append(this.root);
    scope.add(() => this.root.remove());
    this.part = (name) => this.root.querySelector(`[data-rest="${name}"]`);
  }

  /** @returns {Promise<"go"|"skip"|"end">} */
  async show({ verdict, next, what, canSkip = true }, seconds = REST_S) {
    const scope = this.scope.child();
    this.part("verdict").textContent = verdict;
    this.part("next").textContent = next;
    this.part("what").textContent = what;
    this.part("skip").hidden = !canSkip;
    this.root.hidden = false;
    const answer = await this.#answered(scope, seconds);
    scope.dispose();
    this.root.hidden = true;
    return answer;
  }

  #answered(scope, seconds) {
    return new Promise((resolve) => {
      scope.add(() => resolve("end"));
      for (const name of ["go", "skip", "end"]) scope.listen(this.part(name), "click", () => resolve(name));
      scope.listen(this.room.querySelector('[data-room="stop"]'), "click", () => resolve("end"));
      scope.listen(document, "keydown", ({ key }) => key === "Escape" && resolve("end"));
      const count = (leftS) => {
        if (leftS <= 0) return resolve("go");
        this.part("go").textContent = word("drill_go_in", { n: leftS });
        scope.timeout(() => count(document.hidden ? seconds : leftS - 1), 1000); // nobody dances for a hidden page
      };
      count(seconds);
    });
  }
}
