/** Keeps the screen on while somebody dances: phones darken after half a minute without a touch. */
export class Awake {
  #wanted = false;
  #lock = null;

  constructor(scope) {
    scope.listen(document, "visibilitychange", () => this.#hold());
    scope.add(() => this.set(false));
  }

  set(wanted) {
    if (this.#wanted === wanted) return;
    this.#wanted = wanted;
    if (wanted) this.#hold();
    else this.#release();
  }

  // A hidden page loses its lock by itself; refused (battery saver, no support), the screen does what it always does.
  async #hold() {
    if (!this.#wanted || document.hidden || (this.#lock && !this.#lock.released)) return;
    try {
      this.#lock = (await navigator.wakeLock?.request("screen")) ?? null;
    } catch {
      return;
    }
    if (!this.#wanted) this.#release();
  }

  #release() {
    this.#lock?.release();
    this.#lock = null;
  }
}
