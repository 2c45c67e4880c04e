/** The pictures of a playing video, always the newest one. What is not taken is closed at once, or the camera runs dry. */
export class Pictures {
  onNew = () => {};
  #newest = null; // {picture: VideoFrame|null, captureMs}
  #request = 0;

  /** @param {HTMLVideoElement} video */
  constructor(video) {
    this.video = video;
    this.#ask();
  }

  get hasNew() {
    return this.#newest !== null;
  }

  /** @returns {Promise<{picture: VideoFrame|ImageBitmap, captureMs: number}|null>} the newest not yet taken; yours to close */
  async take() {
    const newest = this.#newest;
    this.#newest = null;
    if (!newest) return null;
    return newest.picture ? newest : { ...newest, picture: await createImageBitmap(this.video) };
  }

  stop() {
    if (this.#frameCallback) this.video.cancelVideoFrameCallback(this.#request);
    else cancelAnimationFrame(this.#request);
    this.#newest?.picture?.close();
    this.#newest = null;
    this.onNew = () => {};
  }

  get #frameCallback() {
    return "requestVideoFrameCallback" in this.video;
  }

  #ask() {
    if (this.#frameCallback) this.#request = this.video.requestVideoFrameCallback((nowMs, { captureTime, presentationTime }) => this.#got(captureTime ?? presentationTime));
    else this.#request = requestAnimationFrame((nowMs) => this.#got(nowMs));
  }

  #got(captureMs) {
    this.#ask();
    if (this.video.videoWidth === 0) return;
    this.#newest?.picture?.close();
    this.#newest = { picture: this.#grab(), captureMs };
    this.onNew();
  }

  // Costs nothing where there are VideoFrames; elsewhere a picture is drawn only once somebody takes it.
  #grab() {
    if (typeof VideoFrame !== "function") return null;
    try {
      return new VideoFrame(this.video);
    } catch {
      return null;
    }
  }
}
