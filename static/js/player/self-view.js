import { word } from "../lib/words.js";

export const CORNERS = ["top-right", "bottom-right", "bottom-left", "top-left"];

/** The dancer's own camera, mirrored, in a corner of the stage. Its pictures go nowhere; it is on only after a press. */
export class SelfView {
  #scope = null;
  #camera = null;

  /** @param {{root: Element, options: Options, scope: Scope, announce: (text: string) => void, onChange: () => void}} setup */
  constructor({ root, options, scope, announce, onChange }) {
    this.part = (name) => root.querySelector(`[data-player="${name}"]`);
    this.root = root;
    this.options = options;
    this.scope = scope;
    this.announce = announce;
    this.onChange = onChange;
    scope.listen(this.part("self-move"), "click", () => this.#nextCorner());
    scope.listen(this.part("self-close"), "click", () => this.close());
    // A page in the browser's cache must not keep the camera's lamp on.
    scope.listen(window, "pagehide", () => this.close());
    this.#bindDrag();
    this.#place();
  }

  get on() {
    return this.#scope !== null;
  }

  toggle() {
    if (this.on) this.close();
    else return this.#open();
  }

  close() {
    if (!this.on) return;
    this.#camera?.video.remove();
    this.#camera = null;
    this.#scope.dispose();
    this.#scope = null;
    this.#show();
  }

  async #open() {
    const scope = (this.#scope = this.scope.child());
    this.onChange();
    try {
      const { openCamera } = await import("../live/camera.js");
      const camera = await openCamera({ facing: "user", audio: false, scope });
      if (scope.disposed) return;
      this.#camera = camera;
      camera.onLost = () => this.#fail("camera_lost");
      camera.video.className = "player__self-video";
      camera.video.tabIndex = -1;
      this.part("self").prepend(camera.video);
      this.#show();
      this.announce(word("player_camera_on"));
    } catch (error) {
      if (!scope.disposed) this.#fail(typeof error.code === "string" ? error.code : "camera_busy");
    }
  }

  #fail(code) {
    this.close();
    this.part("self-problem-text").textContent = word(`live_error_${code}`);
    this.part("self-problem").hidden = false;
  }

  #show() {
    this.part("self").hidden = this.#camera === null;
    this.part("self-problem").hidden = true;
    this.root.toggleAttribute("data-self", this.#camera !== null);
    this.onChange();
  }

  #nextCorner() {
    this.options.set("corner", CORNERS[(CORNERS.indexOf(this.options.corner) + 1) % CORNERS.length]);
    this.#place();
  }

  #place() {
    this.part("self").dataset.corner = this.options.corner;
    this.root.dataset.corner = this.options.corner;
  }

  #bindDrag() {
    const [view, { scope }] = [this.part("self"), this];
    let from = null;
    const end = (event) => {
      if (!from) return;
      from = null;
      view.style.translate = "";
      if (event.type === "pointerup") this.#settle(event);
    };
    scope.listen(view, "pointerdown", (event) => {
      if (event.button !== 0 || !event.isPrimary || event.target.closest("button")) return;
      view.setPointerCapture(event.pointerId);
      from = [event.clientX, event.clientY];
    });
    scope.listen(view, "pointermove", (event) => {
      if (from) view.style.translate = `${event.clientX - from[0]}px ${event.clientY - from[1]}px`;
    });
    for (const type of ["pointerup", "pointercancel"]) scope.listen(view, type, end);
  }

  #settle({ clientX, clientY }) {
    const box = this.part("stage").getBoundingClientRect();
    this.options.set("corner", cornerAt((clientX - box.left) / box.width, (clientY - box.top) / box.height));
    this.#place();
  }
}

/** The corner nearest to a place on the stage, as shares of its width and height. */
export function cornerAt(x, y) {
  return `${y < 0.5 ? "top" : "bottom"}-${x < 0.5 ? "left" : "right"}`;
}
