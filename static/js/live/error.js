import { word } from "../lib/words.js";

/** What can go wrong between a dancer and the browser's pose engine. Each has a sentence: live_error_<code>. */
export const LIVE_ERRORS = Object.freeze([
  "no_camera",
  "camera_denied",
  "camera_busy",
  "camera_lost",
  "insecure",
  "no_wasm",
  "engine_failed",
  "engine_crashed",
  "out_of_memory",
  "model_missing",
]);

export class LiveError extends Error {
  /** @param {string} code one of LIVE_ERRORS  @param {unknown} [cause] what the browser said, for the console alone */
  constructor(code, cause) {
    if (!LIVE_ERRORS.includes(code)) throw new TypeError(`no live error is called ${code}`);
    super(code, { cause });
    this.name = "LiveError";
    this.code = code;
  }

  /** What happened and what to do, in the page's language. */
  get sentence() {
    return word(`live_error_${this.code}`);
  }
}
