import { dancerBox, lastUpTo, shotsOf, torsoOf } from "../lib/geometry.js";
import { decodeTrack, frameTimeAt, isOneShot, newPose, sampleTrack } from "../lib/track.js";
import { Medium } from "./media.js";

// A browser tells a picture's time in microseconds, a track holds it in hundredths of a millisecond.
const SAME_FRAME_S = 0.002;
const LEAST_SHOT_S = 1;
const TRAIL_S = 0.7;
const TRAIL_STEPS = 14;

/** One dancer of the stage: a track, and a video or a sound if there is one. */
export class Side {
  track = null;
  medium = null;
  box = null;
  #shotStartsS = [];
  #shotBoxes = [];
  #pose = null;
  #trailPose = null;

  /** @param {{name: "guide"|"me", dancer: object, offsetS: number, skeleton: object}} options */
  constructor({ name, dancer, offsetS, skeleton }) {
    this.name = name;
    this.dancer = dancer;
    this.offsetS = offsetS;
    this.skeleton = skeleton;
  }

  /** Loads all there is. Answers which parts failed: "track", "video", "audio". */
  async load(scope) {
    const [track, medium] = await Promise.allSettled([this.#loadTrack(scope.signal), this.#loadMedium(scope)]);
    const failed = [];
    if (track.status === "rejected") failed.push("track");
    if (medium.status === "rejected") failed.push(this.dancer.video_url ? "video" : "audio");
    if (medium.status === "rejected") this.medium = null;
    if (this.medium) this.medium.frameS = this.frameS;
    return failed;
  }

  /** Its own time 0 lies elsewhere in the guide from now on. */
  shiftTo(offsetS) {
    this.offsetS = offsetS;
    this.medium?.shiftTo(offsetS);
  }

  /** Whether there is anything of this side at a moment of the guide. */
  covers(tS) {
    return tS + this.offsetS >= 0 && tS <= this.endS;
  }

  get hasVideo() {
    return this.medium?.kind === "video" && !this.medium.failed;
  }

  get picture() {
    const video = this.hasVideo ? this.medium.element : null;
    const [width, height] = this.track?.sizePx ?? [video?.videoWidth || 9, video?.videoHeight || 16];
    return { x: 0, y: 0, width, height };
  }

  /** Seconds of the guide until this side is over. */
  get endS() {
    const trackEnd = this.track?.tS.at(-1) ?? 0;
    return Math.max(trackEnd, this.hasVideo ? this.medium.durationS : 0) - this.offsetS;
  }

  get frameS() {
    const times = this.track?.tS;
    return times?.length > 1 ? (times.at(-1) - times[0]) / (times.length - 1) : 1 / 30;
  }

  /** False where the guide goes on before this side's first or after its last picture. */
  shows(tS) {
    return !this.hasVideo || this.medium.shows(tS);
  }

  /** The guide's time of the picture on screen; undefined without a picture. */
  get restS() {
    return this.hasVideo ? this.medium.restS : undefined;
  }

  /** The pose to draw at a moment of the guide: that of the picture on screen where `onPicture` says that there is one. */
  poseAt(tS, onPicture) {
    if (!this.track || !this.shows(tS)) return null;
    sampleTrack(this.track, this.ownTime(tS, onPicture), this.#pose);
    return this.#pose.found ? this.#pose : null;
  }

  /**
   * A moment of the guide in this side's own seconds; of a picture on screen the exact time of its frame, or the first
   * picture after a cut would get the last skeleton before it.
   */
  ownTime(tS, onPicture) {
    return onPicture ? frameTimeAt(this.track, this.medium.pictureS, SAME_FRAME_S) : tS + this.offsetS;
  }

  /** Which shot of the clip a moment of its own seconds lies in; 0 is the first. */
  shotAt(ownS) {
    return Math.max(lastUpTo(this.#shotStartsS, ownS), 0);
  }

  /** The box in which the dancer moves in the shot around a moment of its own seconds. */
  boxAt(ownS) {
    return this.#shotBoxes[this.shotAt(ownS)] ?? this.box;
  }

  torsoAt(tS) {
    const pose = this.track && sampleTrack(this.track, tS + this.offsetS, this.#trailPose);
    return pose?.found ? torsoOf(pose, this.skeleton.trunk) : null;
  }

  /** The way of each hand over the last moments of this shot: two lists of [x, y] or null, oldest first. */
  trailsAt(tS) {
    const nowS = tS + this.offsetS;
    const trails = this.skeleton.hands.map(() => []);
    for (let step = TRAIL_STEPS; step >= 0; step--) {
      const thenS = nowS - (step * TRAIL_S) / TRAIL_STEPS;
      const pose = isOneShot(this.track, thenS, nowS) && sampleTrack(this.track, thenS, this.#trailPose);
      this.skeleton.hands.forEach((hand, side) => trails[side].push(pose.found ? handOf(pose, hand) : null));
    }
    return trails;
  }

  async #loadTrack(signal) {
    const answer = await fetch(this.dancer.track_url, { signal, credentials: "same-origin" });
    if (!answer.ok) throw new Error(`track answered ${answer.status}`);
    this.track = await decodeTrack(await answer.arrayBuffer());
    this.#pose = newPose(this.track.joints.length);
    this.#trailPose = newPose(this.track.joints.length);
    this.#findBoxes();
  }

  // A new shot may show the dancer nearer or elsewhere; one too short to tell takes the box of the whole.
  #findBoxes() {
    const { track, skeleton } = this;
    this.box = dancerBox(track, skeleton.feet);
    const shots = shotsOf(track);
    this.#shotStartsS = shots.map(([from]) => track.tS[from]);
    const isLong = ([from, to]) => track.tS[to - 1] - track.tS[from] >= LEAST_SHOT_S;
    this.#shotBoxes = shots.map((shot) => (shots.length > 1 && isLong(shot) ? dancerBox(track, skeleton.feet, shot) : this.box));
  }

  async #loadMedium(scope) {
    const { video_url: videoUrl, audio_url: audioUrl } = this.dancer;
    const url = videoUrl ?? audioUrl;
    if (!url) return;
    this.medium = new Medium({ kind: videoUrl ? "video" : "audio", url, offsetS: this.offsetS, frameS: 1 / 30, scope });
    await this.medium.load(scope.signal);
  }
}

function handOf(pose, hand) {
  const seen = hand.filter((joint) => pose.conf[joint] > 0.3);
  if (seen.length === 0) return null;
  return [0, 1].map((axis) => seen.reduce((sum, joint) => sum + pose.xyPx[joint * 2 + axis], 0) / seen.length);
}
