/** The player over the whole screen; over the whole window where elements get no screen of their own (iPhones). */
export class FullScreen {
  #covered = [];

  /** @param {{root: Element, scope: Scope, onChange: (on: boolean) => void}} setup */
  constructor({ root, scope, onChange }) {
    this.root = root;
    this.onChange = onChange;
    scope.listen(document, "fullscreenchange", () => this.#show(document.fullscreenElement === root));
    scope.listen(root, "keydown", (event) => event.key === "Escape" && !document.fullscreenElement && this.#leaveWindow());
    scope.add(() => this.on && this.leave());
  }

  get on() {
    return this.root.hasAttribute("data-full");
  }

  toggle() {
    if (this.on) this.leave();
    else this.#enter();
  }

  leave() {
    if (document.fullscreenElement === this.root) document.exitFullscreen();
    else this.#leaveWindow();
  }

  async #enter() {
    try {
      await this.root.requestFullscreen({ navigationUI: "hide" });
    } catch {
      this.#coverWindow();
    }
  }

  // What lies below is neither seen nor reached with the keyboard.
  #coverWindow() {
    for (let element = this.root; element !== document.body; element = element.parentElement) {
      this.#covered.push(...[...element.parentElement.children].filter((other) => other !== element && !other.inert));
    }
    for (const other of this.#covered) other.inert = true;
    this.#show(true);
  }

  #leaveWindow() {
    if (!this.on) return;
    for (const other of this.#covered.splice(0)) other.inert = false;
    this.#show(false);
  }

  #show(on) {
    if (on === this.on) return;
    this.root.toggleAttribute("data-full", on);
    document.documentElement.toggleAttribute("data-player-full", on);
    this.onChange(on);
  }
}
