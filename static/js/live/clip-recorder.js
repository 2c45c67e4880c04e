const TYPES = ["video/mp4;codecs=avc1.42E01E,mp4a.40.2", "video/webm;codecs=vp9,opus", "video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
const BITS_PER_S = 4_000_000;
const PIECE_MS = 1000;

/** Keeps the camera's picture as a clip, where the dancer asked for that: in memory, until it is sent or thrown away. */
export class ClipRecorder {
  #pieces = [];
  #recorder;

  static get offered() {
    return typeof MediaRecorder !== "undefined" && TYPES.some((type) => MediaRecorder.isTypeSupported(type));
  }

  /** @param {MediaStream} stream */
  constructor(stream) {
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    this.#recorder = new MediaRecorder(stream, { mimeType, videoBitsPerSecond: BITS_PER_S });
    this.#recorder.ondataavailable = ({ data }) => data.size > 0 && this.#pieces.push(data);
    this.#recorder.start(PIECE_MS);
  }

  /** @returns {Promise<Blob|null>} null where the camera gave nothing */
  stop() {
    if (this.#recorder.state === "inactive") return Promise.resolve(this.#clip());
    return new Promise((resolve) => {
      this.#recorder.onstop = () => resolve(this.#clip());
      this.#recorder.stop();
    });
  }

  #clip() {
    const [type] = this.#recorder.mimeType.split(";");
    return this.#pieces.length ? new Blob(this.#pieces, { type }) : null;
  }
}
