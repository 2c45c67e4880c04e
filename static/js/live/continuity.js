import { JOINTS } from "../lib/joints.js";

const IN_VIEW_CONF = 0.5;
const LEAST_JOINTS_IN_VIEW = 6;
const LEAST_TORSO_SHARE = 0.015; // of the picture's long side: smaller, and 256 pixels show nothing of a person
// How far the hips of a leaping dancer move from picture to picture, as shares of the way from the hips to the farthest joint.
const REACH = 0.7;
const REACH_PER_S = 3;
const LONGEST_REACH = 2.5;
const LONGEST_S = 2; // after that whoever is there is the dancer
const SETTLED_MS = 500; // so long somebody elsewhere must be seen before they count as the dancer

const hip = JOINTS.indexOf("center_hip");
const neck = JOINTS.indexOf("neck");

/**
 * Whether the engine still looks at the same dancer: it may slip over to somebody who passes by, or believe a coat stand.
 * After inference/pose/tracking.py, which sees more of the engine than the browser does.
 */
export class Continuity {
  #last = null; // {x, y, torso, span, ms} of the dancer
  #other = null; // and of somebody elsewhere, with the time since when

  /** @param {Pose} pose  @param {[number, number]} sizePx  @param {number} ms */
  admits(pose, sizePx, ms) {
    const place = placeOf(pose, ms);
    if (!isPlausible(pose, place, sizePx)) return false;
    if (this.#last && ms - this.#last.ms < LONGEST_S * 1000 && !isNear(place, this.#last)) return this.#settles(place);
    return this.#follow(place);
  }

  #settles(place) {
    const sinceMs = this.#other && isNear(place, this.#other) ? this.#other.sinceMs : place.ms;
    this.#other = { ...place, sinceMs };
    return place.ms - sinceMs >= SETTLED_MS && this.#follow(place);
  }

  #follow(place) {
    this.#last = place;
    this.#other = null;
    return true;
  }
}

function placeOf({ xyPx }, ms) {
  const [x, y] = [xyPx[hip * 2], xyPx[hip * 2 + 1]];
  const away = JOINTS.map((_, joint) => Math.hypot(xyPx[joint * 2] - x, xyPx[joint * 2 + 1] - y));
  return { x, y, torso: away[neck], span: Math.max(...away), ms };
}

function isPlausible({ xyPx, conf }, { torso }, [width, height]) {
  let inView = 0;
  for (let joint = 0; joint < conf.length; joint += 1) {
    const [x, y] = [xyPx[joint * 2], xyPx[joint * 2 + 1]];
    if (conf[joint] >= IN_VIEW_CONF && x >= 0 && x < width && y >= 0 && y < height) inView += 1;
  }
  return inView >= LEAST_JOINTS_IN_VIEW && torso >= LEAST_TORSO_SHARE * Math.max(width, height);
}

function isNear(place, last) {
  const waitS = (place.ms - last.ms) / 1000;
  const reach = Math.min(REACH + REACH_PER_S * waitS, LONGEST_REACH);
  return Math.hypot(place.x - last.x, place.y - last.y) <= reach * Math.max(place.span, last.span);
}
