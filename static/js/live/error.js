import { word } from "../lib/words.js";

/**
 * What can go wrong while somebody dances live; each code has a sentence, live_error_<code>.
 *
 * Of the camera: no_camera, camera_denied, camera_busy, camera_lost, insecure. Of the pose engine: no_wasm, model_missing,
 * out_of_memory, engine_failed (it never started), engine_crashed (it was started anew and stopped again).
 */
export class LiveError extends Error {
  /** @param {string} code  @param {unknown} [cause] what the browser said, for the console alone */
  constructor(code, cause) {
    super(code, { cause });
    this.name = "LiveError";
    this.code = code;
  }

  /** What happened and what to do, in the page's language. */
  get sentence() {
    return word(`live_error_${this.code}`);
  }
}
