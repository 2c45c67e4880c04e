import { LiveError } from "./error.js";
import { choose, forget, remember, remembered, wasPoor } from "./engine-choice.js";
import { hasGpu, hasSimd, hasWasm } from "./features.js";
import { Pictures } from "./pictures.js";
import { median } from "./time-base.js";
import { WorkerLink } from "./worker-link.js";

const MEASURE_MS = 1000; // for each of at most two models where nothing fails
const WARM_UP = 2;
const LOOK_BACK = 60;
const SOUND_FOR_MS = 60_000; // an engine that ran so long may be started anew once more

/**
 * @param {object} how
 * @param {EngineAssetsPayload} how.assets
 * @param {Scope} how.scope  ends the engine
 * @param {(stage: "loading"|"measuring"|"ready", share: number) => void} [how.onStage]
 * @param {HTMLVideoElement|null} [how.video]  the camera: what is measured is measured on its pictures
 * @returns {Promise<Engine>} rejects with a LiveError
 */
export async function openEngine({ assets, scope, onStage = () => {}, video = null }) {
  if (!hasWasm()) throw new LiveError("no_wasm");
  const engine = new Engine(absolute(assets), scope);
  try {
    await engine.open(onStage, video);
  } catch (error) {
    engine.stop();
    throw error instanceof LiveError ? error : new LiveError("engine_failed", error);
  }
  return engine;
}

/** Finds the dancer in the pictures of a video, in a worker. */
export class Engine {
  model = null;
  delegate = null;
  /** The engine stopped for good. */
  onCrash = () => {};
  /** true while the page is hidden and nothing can be seen, then false */
  onPause = () => {};
  #link = null;
  #pictures = null;
  #onPose = null;
  #busy = false;
  #startedMs = 0;
  #tookMs = [];
  #choice = null;
  #onLoading = () => {};
  #stopped = false;

  constructor(assets, scope) {
    this.assets = assets;
    this.simd = hasSimd();
    scope.add(() => this.stop());
    scope.listen(document, "visibilitychange", () => this.#pictures && this.onPause(document.hidden));
  }

  /** The median of the last pictures; as measured, before there are any. */
  get msPerFrame() {
    return this.#tookMs.length ? median(this.#tookMs) : this.#choice.msPerFrame;
  }

  async open(onStage, video) {
    onStage("loading", 0);
    this.#onLoading = (share) => onStage("loading", share);
    const choice = remembered(this.assets.bundle);
    if (choice && (await this.#opens(choice))) this.#choice = choice;
    else await this.#measureAll(onStage, video);
    this.#onLoading = () => {};
    ({ model: this.model, delegate: this.delegate } = this.#choice);
    onStage("ready", 1);
  }

  /** Looks at the pictures of `video` until `unwatch`. One is looked at at a time; then the newest. */
  watch(video, onPose) {
    this.unwatch();
    this.#onPose = onPose;
    this.#pictures = new Pictures(video);
    this.#pictures.onNew = () => this.#look();
  }

  unwatch() {
    this.#pictures?.stop();
    this.#pictures = null;
    this.#onPose = null;
  }

  stop() {
    if (this.#stopped) return;
    this.#stopped = true;
    this.unwatch();
    this.#link?.close();
    this.#link = null;
    if (this.#tookMs.length === LOOK_BACK && wasPoor(this.#choice, this.msPerFrame)) forget();
  }

  async #measureAll(onStage, video) {
    const gpu = hasGpu();
    let failure = null;
    let isOpen = null; // what the last measurement left open
    const measure = async (model, delegate) => {
      isOpen = null;
      try {
        await this.#openLink(model, delegate, true);
        onStage("measuring", model === "full" ? 0.25 : 0.75);
        const msPerFrame = await this.#measure(video);
        isOpen = { model, delegate };
        return msPerFrame;
      } catch (error) {
        if (this.#stopped) throw error;
        failure = error;
        return Infinity;
      }
    };
    const choice = await choose({ gpu, measure });
    if (choice.msPerFrame === Infinity) throw failure;
    const { model, delegate } = choice;
    if (isOpen?.model === model && isOpen.delegate === delegate) await this.#link.believe();
    else await this.#openLink(model, delegate, false);
    this.#choice = choice;
    remember(this.assets.bundle, choice);
  }

  async #measure(video) {
    const tookMs = [];
    const untilMs = performance.now() + MEASURE_MS;
    for (let number = 0; number <= WARM_UP || performance.now() < untilMs; number += 1) {
      const { tookMs: took } = await this.#link.find(await anyPicture(video), performance.now());
      if (number >= WARM_UP) tookMs.push(took);
    }
    return median(tookMs);
  }

  async #look() {
    if (this.#busy || !this.#link) return;
    this.#busy = true;
    const [pictures, onPose] = [this.#pictures, this.#onPose];
    try {
      const taken = await pictures?.take();
      if (taken) await this.#find(taken, pictures, onPose);
    } catch (error) {
      if (!this.#stopped) await this.#startAnew(error);
    } finally {
      this.#busy = false;
    }
    if (this.#pictures?.hasNew) this.#look();
  }

  async #find({ picture, captureMs }, pictures, onPose) {
    const { pose, tookMs } = await this.#link.find(picture, captureMs);
    this.#tookMs.push(tookMs);
    if (this.#tookMs.length > LOOK_BACK) this.#tookMs.shift();
    if (pictures === this.#pictures) onPose({ captureMs, foundMs: performance.now(), pose });
  }

  // Once; a graphics card that failed is not asked a second time.
  async #startAnew(cause) {
    this.#link?.close();
    this.#link = null;
    const isSecond = this.#startedMs > 0 && performance.now() - this.#startedMs < SOUND_FOR_MS;
    this.#startedMs = performance.now();
    if (!isSecond) {
      this.delegate = "CPU";
      if (await this.#opens({ model: this.model, delegate: "CPU" })) return;
    }
    if (this.#stopped) return;
    this.unwatch();
    forget();
    this.onCrash(new LiveError("engine_crashed", cause));
  }

  async #opens({ model, delegate }) {
    try {
      await this.#openLink(model, delegate, false);
      return true;
    } catch {
      return false;
    }
  }

  async #openLink(model, delegate, everything) {
    this.#link?.close();
    if (this.#stopped) throw new LiveError("engine_failed", "stopped"); // nobody would close another one
    this.#link = new WorkerLink(this.assets);
    await this.#link.open({ model, delegate, everything, simd: this.simd }, this.#onLoading);
  }
}

async function anyPicture(video) {
  if (video?.videoWidth) return createImageBitmap(video);
  const canvas = new OffscreenCanvas(640, 480);
  canvas.getContext("2d").fillRect(0, 0, 640, 480);
  return canvas.transferToImageBitmap();
}

// A worker reads addresses as its own neighbours.
function absolute(assets) {
  const whole = (value) => (typeof value === "string" ? new URL(value, location.href).href : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, whole(each)])));
  return whole(assets);
}
