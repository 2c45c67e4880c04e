import { readTokens } from "../lib/colours.js";
import { REDUCED_MOTION } from "../lib/scope.js";
import { word } from "../lib/words.js";
import { Dancers } from "./space-dancers.js";
import { Orbit } from "./space-orbit.js";
import { SpaceScene } from "./space-scene.js";
import { bindTouch } from "./space-touch.js";

const LONGEST_STEP_S = 0.1;
const PACED_DRAWS = 24;
const SLOW_MS = 30;
const PAUSE_MS = 400;

/**
 * The 3D view: opened by the option "space", drawn by the player's own frame loop, gone without a trace when closed.
 * Three.js is fetched when somebody first asks for the view.
 */
export class Space {
  #opening = null;
  #scene = null;
  #dancers = null;
  #orbit = new Orbit();
  #lastMs = null;
  #still = false;
  #moved = true;
  #pace = { draws: 0, ms: 0 };

  /** @param {{root: Element, sides: Side[], comparison: object|undefined, stage: Stage, options: Options, scope: Scope, onTap: () => void}} setup */
  constructor({ root, sides, comparison, stage, options, scope, onTap }) {
    Object.assign(this, { root, sides, comparison, stage, options, scope, onTap });
    this.part = (name) => root.querySelector(`[data-space="${name}"]`);
    scope.media(REDUCED_MOTION, (still) => this.#calm(still));
    this.#bind();
  }

  /** The sides have loaded: offered where the guide's metres are known. */
  open() {
    const offered = Boolean(this.sides[0].track?.hasWorld);
    for (const element of this.root.querySelectorAll('[data-offer="space"]')) element.hidden = !offered;
    this.options.onChange((name) => name === "space" && this.#follow());
    this.scope.add(() => this.#close());
    if (offered) this.#follow();
  }

  get shown() {
    return this.#scene !== null;
  }

  /** Moves the camera on to the animation frame at `nowMs`; whether there is something new to draw. */
  tick(nowMs) {
    if (!this.#scene) return false;
    const elapsedS = this.#lastMs === null ? 0 : Math.min((nowMs - this.#lastMs) / 1000, LONGEST_STEP_S);
    if (this.#lastMs !== null) this.#keepUp(nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    const moved = this.#orbit.advance(elapsedS) || this.#moved;
    this.#moved = false;
    if (moved) this.#tellView();
    return moved;
  }

  draw(tS) {
    if (!this.#scene) return;
    const { mirror } = this.options;
    const ownTime = (side) => side.ownTime(tS, side.hasVideo && this.options.video);
    const shown = this.#dancers.at(tS, { mirror, still: this.#still, ownTime, preview: this.stage.isPreview });
    this.#scene.draw(shown, this.#orbit, this.#dancers.aimX);
    this.#nameWrong(shown.flatMap((dancer) => dancer?.wrongNames ?? []));
    const { drawCalls } = this.#scene;
    const { azimuthRad, zoom } = this.#orbit;
    this.root.dispatchEvent(new CustomEvent("space:drawn", { detail: { tS, drawCalls, azimuthRad, zoom, dancers: shown.filter(Boolean).length } }));
  }

  /** The take was moved against the guide. */
  shifted() {
    if (this.#scene) this.#dancers.match();
  }

  #bind() {
    for (const button of this.root.querySelectorAll("[data-look]")) {
      this.scope.listen(button, "click", () => this.#look(button.dataset.look));
    }
  }

  #look(view) {
    if (view === "turn") this.#orbit.turning = !this.#orbit.turning;
    else if (view === "apart") this.#dancers.apart = !this.#dancers.apart;
    else this.#orbit.face(view);
    this.#touch();
  }

  #touch() {
    this.#moved = true;
  }

  #calm(still) {
    this.#still = this.#orbit.still = still;
    if (still) this.#orbit.turning = false;
    this.root.querySelector('[data-look="turn"]').hidden = still;
    this.#touch();
  }

  #follow() {
    this.#close();
    this.#tellProblem(null);
    if (this.options.space) this.#openWith(this.scope.child());
  }

  async #openWith(scope) {
    this.#opening = scope;
    const canvas = this.part("surface").appendChild(document.createElement("canvas"));
    scope.add(() => canvas.remove());
    const context = canvas.getContext("webgl2", { antialias: true, alpha: true });
    if (!context) return this.#giveUp("player_space_missing");
    this.root.dataset.space = "loading";
    try {
      const [three, known] = await Promise.all([import("../../vendor/three/three.js"), withMetres(this.sides)]);
      if (!scope.disposed) this.#begin(three, known, { canvas, context, scope });
    } catch (error) {
      if (scope.disposed) return undefined;
      this.#giveUp("player_space_failed");
      throw error;
    }
    return undefined;
  }

  #begin(three, known, { canvas, context, scope }) {
    this.#dancers = new Dancers(known, this.comparison);
    const scene = new SpaceScene(three, canvas, context, readTokens(this.stage.elements.stage));
    scope.add(() => scene.dispose());
    for (const figure of this.#dancers.figures) scene.addDancer(figure);
    this.#scene = scene;
    this.#show(true);
    const surface = this.part("surface");
    const resize = () => this.#resize(scene, surface);
    scope.observe(new ResizeObserver(resize), surface);
    resize();
    scope.listen(canvas, "webglcontextlost", (event) => {
      event.preventDefault();
      this.#giveUp("player_space_lost");
    });
    bindTouch({ surface, orbit: this.#orbit, scope, onMoved: () => this.#touch(), onTap: this.onTap });
  }

  #resize(scene, { clientWidth: width, clientHeight: height }) {
    if (!width || !height) return;
    scene.resize({ width, height, dots: devicePixelRatio || 1 });
    // A canvas of a new size is empty: waiting for the next frame would flash.
    this.#touch();
    this.stage.redraw();
  }

  #close() {
    this.#opening?.dispose();
    this.#opening = this.#scene = this.#dancers = this.#lastMs = null;
    this.#show(false);
  }

  #giveUp(problem) {
    this.options.set("space", false);
    this.#tellProblem(word(problem));
  }

  #show(on) {
    this.root.dataset.space = on ? "on" : "off";
    this.part("view").hidden = !on;
    if (!on) this.#nameWrong([]);
    this.root.querySelector('[data-look="apart"]').hidden = (this.#dancers?.figures.length ?? 0) < 2;
    this.stage.inset = on;
    this.#touch();
    this.options.touch();
  }

  #tellProblem(text) {
    const line = this.part("problem");
    line.hidden = text === null;
    line.textContent = text ?? "";
  }

  // Where the frames of the page come slowly while the view is up, it is drawn with fewer dots.
  #keepUp(tookMs) {
    if (tookMs > PAUSE_MS) return;
    this.#pace.draws += 1;
    this.#pace.ms += tookMs;
    if (this.#pace.draws < PACED_DRAWS) return;
    if (this.#pace.ms > PACED_DRAWS * SLOW_MS && this.#scene.coarsen()) this.#touch();
    this.#pace = { draws: 0, ms: 0 };
  }

  #nameWrong(limbs) {
    const line = this.part("wrong");
    const text = limbs.map((limb) => word(`limb_${limb}`)).join(", ");
    if (line.textContent !== text) line.textContent = text;
    line.hidden = text === "";
  }

  #tellView() {
    const pressed = { [this.#orbit.view]: true, turn: this.#orbit.turning, apart: this.#dancers.apart };
    for (const button of this.root.querySelectorAll("[data-look]")) {
      button.setAttribute("aria-pressed", String(Boolean(pressed[button.dataset.look])));
    }
  }
}

async function withMetres(sides) {
  const known = await Promise.all(sides.map(async (side) => ({ side, xyzM: (await side.track?.world()) ?? null })));
  return known.filter(({ xyzM }) => xyzM !== null);
}
