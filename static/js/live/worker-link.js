import { LiveError } from "./error.js";

const ANSWER_TIMEOUT_MS = 15_000;
const OPEN_TIMEOUT_MS = 120_000; // 20 MB over a slow line

/** One pose worker: questions go in, answers come out as promises. Whatever fails rejects with a LiveError. */
export class WorkerLink {
  #waiting = new Map();
  #nextId = 1;
  #opened = false;
  #onLoading = () => {};

  /** @param {EngineAssetsPayload} assets with whole addresses */
  constructor(assets) {
    this.assets = assets;
    this.worker = new Worker(assets.worker, { type: "module" });
    this.worker.addEventListener("message", ({ data }) => ("loading" in data ? this.#onLoading(data.loading) : this.#settle(data)));
    // Before it is open this means that a file of it did not arrive; afterwards that it died.
    this.worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#failAll(this.#opened ? "engine_failed" : "model_missing", event.message);
    });
  }

  /** @param {(share: number) => void} onLoading how much of the model has arrived */
  async open(how, onLoading) {
    this.#onLoading = onLoading;
    await this.#ask({ type: "open", assets: this.assets, ...how }, [], OPEN_TIMEOUT_MS);
    this.#opened = true;
  }

  /** From now on only dancers are believed; see the worker's `trust`. */
  believe() {
    return this.#ask({ type: "believe", everything: false }, [], OPEN_TIMEOUT_MS);
  }

  /** @returns {Promise<{pose: Pose, tookMs: number}>} */
  find(picture, tMs) {
    return this.#ask({ type: "find", picture, tMs }, [picture], ANSWER_TIMEOUT_MS);
  }

  close() {
    this.worker.terminate();
    this.#failAll("engine_failed", "closed");
  }

  #ask(message, transfer, timeoutMs) {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle({ id, failure: { code: "engine_failed", message: `no answer in ${timeoutMs} ms` } }), timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
      this.worker.postMessage({ id, ...message }, transfer);
    });
  }

  #settle({ id, answer, failure }) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    if (failure) waiting.reject(new LiveError(failure.code, failure.message));
    else waiting.resolve(answer);
  }

  #failAll(code, message) {
    for (const id of [...this.#waiting.keys()]) this.#settle({ id, failure: { code, message } });
  }
}
