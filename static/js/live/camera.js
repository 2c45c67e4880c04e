import { LiveError } from "./error.js";

const MUTED_FOR_LOST_MS = 4000; // a phone mutes the camera for a moment when somebody calls
const CODES = {
  NotAllowedError: "camera_denied",
  SecurityError: "camera_denied",
  NotFoundError: "no_camera",
  OverconstrainedError: "no_camera",
  NotReadableError: "camera_busy",
  AbortError: "camera_busy",
};

/**
 * @param {object} wish
 * @param {"user"|"environment"} [wish.facing]
 * @param {string} [wish.deviceId]  one camera above all; where it is gone, any
 * @param {boolean} [wish.audio]  the microphone too
 * @param {Scope} wish.scope  closes the camera with it
 * @returns {Promise<Camera>} rejects with a LiveError
 */
export async function openCamera({ facing = "user", deviceId, audio = false, scope }) {
  if (!navigator.mediaDevices?.getUserMedia) throw new LiveError("insecure");
  const stream = await ask({ audio, video: pictures(facing, deviceId) });
  const camera = new Camera(stream, scope);
  if (scope.disposed) camera.stop();
  else await camera.begin();
  return camera;
}

export class Camera {
  /** The camera gives no pictures any more. */
  onLost = () => {};
  #stopped = false;
  #cancelMuted = () => {};

  constructor(stream, scope) {
    this.stream = stream;
    this.scope = scope;
    this.video = document.createElement("video");
    Object.assign(this.video, { srcObject: stream, muted: true, playsInline: true, autoplay: true });
    scope.add(() => this.stop());
    const [track] = stream.getVideoTracks();
    scope.listen(track, "ended", () => this.#lose());
    scope.listen(track, "mute", () => (this.#cancelMuted = scope.timeout(() => this.#lose(), MUTED_FOR_LOST_MS)));
    scope.listen(track, "unmute", () => this.#cancelMuted());
  }

  /** @returns {[number, number]} width and height of the pictures; they change when a phone is turned */
  get sizePx() {
    return [this.video.videoWidth, this.video.videoHeight];
  }

  /** Resolves with the first picture. */
  async begin() {
    const shown = new Promise((resolve, reject) => {
      this.scope.listen(this.video, "loadeddata", resolve, { once: true });
      this.scope.timeout(() => reject(new LiveError("camera_busy", "no picture came")), 10_000);
    });
    this.video.play().catch(() => {}); // refused where a page may not play by itself; then `shown` tells
    try {
      await shown;
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  stop() {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const track of this.stream.getTracks()) track.stop();
    this.video.srcObject = null;
    this.video.remove();
  }

  #lose() {
    if (!this.#stopped) this.onLost();
  }
}

// 640 x 480 is what the engine can use: it looks at 256 pixels of the dancer. A taller picture suits an upright phone.
function pictures(facing, deviceId) {
  const size = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
  return deviceId ? { ...size, deviceId: { ideal: deviceId } } : { ...size, facingMode: { ideal: facing } };
}

async function ask(constraints) {
  try {
    return await navigator.mediaDevices.getUserMedia(constraints);
  } catch (error) {
    // Without a microphone one can dance all the same.
    if (constraints.audio && error.name !== "NotReadableError") return ask({ ...constraints, audio: false });
    throw new LiveError(CODES[error.name] ?? "no_camera", error);
  }
}
