/** Where the camera stands around the dancer. Angles in radians, lengths in metres. */

export const VIEWS_RAD = Object.freeze({ front: 0, side: Math.PI / 2, behind: Math.PI });
const LOWEST_RAD = -0.02;
const HIGHEST_RAD = 1.35;
const NEAREST = 0.45;
const FARTHEST = 1.9;
const START = Object.freeze({ azimuthRad: 0, elevationRad: 0.12, zoom: 1 });
const KEY_RAD = Math.PI / 12;
const ZOOM_STEP = 1.12;
const EASE_S = 0.12;
const NEAR_RAD = 0.002;
export const TURN_RAD_PER_S = (2 * Math.PI) / 14;

/** A camera on a sphere around the dancer that goes gently where it is asked to. */
export class Orbit {
  turning = false;
  still = false;
  #now = { ...START };
  #goal = { ...START };

  get azimuthRad() {
    return this.#now.azimuthRad;
  }

  get elevationRad() {
    return this.#now.elevationRad;
  }

  /** 1 shows the whole dancer; less is nearer. */
  get zoom() {
    return this.#now.zoom;
  }

  /** Turned by hand: at once, since the finger is the ease. */
  drag(azimuthRad, elevationRad) {
    this.turning = false;
    this.#goal = within({ ...this.#now, azimuthRad: this.#now.azimuthRad + azimuthRad, elevationRad: this.#now.elevationRad + elevationRad });
    this.#now = { ...this.#goal };
  }

  pinch(factor) {
    this.#goal = within({ ...this.#goal, zoom: this.#goal.zoom / factor });
    this.#now.zoom = this.#goal.zoom;
  }

  /** One press of an arrow key or of + and -; whether the key meant anything here. */
  press(key) {
    const { azimuthRad, elevationRad, zoom } = this.#goal;
    const moved = {
      ArrowLeft: { azimuthRad: azimuthRad - KEY_RAD },
      ArrowRight: { azimuthRad: azimuthRad + KEY_RAD },
      ArrowUp: { elevationRad: elevationRad + KEY_RAD / 2 },
      ArrowDown: { elevationRad: elevationRad - KEY_RAD / 2 },
      "+": { zoom: zoom / ZOOM_STEP },
      "=": { zoom: zoom / ZOOM_STEP },
      "-": { zoom: zoom * ZOOM_STEP },
    }[key];
    if (!moved) return false;
    this.turning = false;
    this.#goal = within({ ...this.#goal, ...moved });
    return true;
  }

  /** To a side of the dancer by the shorter way round. */
  face(view) {
    this.turning = false;
    const away = VIEWS_RAD[view] - this.#goal.azimuthRad;
    this.#goal.azimuthRad += away - 2 * Math.PI * Math.round(away / (2 * Math.PI));
    this.#goal.elevationRad = START.elevationRad;
  }

  reset() {
    this.face("front");
    this.#goal.zoom = START.zoom;
  }

  /** Which of the named views this is, or null. */
  get view() {
    const at = Object.entries(VIEWS_RAD).find(([, rad]) => Math.abs(Math.sin((this.#goal.azimuthRad - rad) / 2)) < 0.03);
    return this.turning || !at ? null : at[0];
  }

  /** Moves on by `elapsedS`; whether anything moved. */
  advance(elapsedS) {
    if (this.turning) this.#goal.azimuthRad += TURN_RAD_PER_S * elapsedS;
    const share = this.still || this.turning ? 1 : 1 - Math.exp(-elapsedS / EASE_S);
    let moved = false;
    for (const name of Object.keys(START)) {
      const left = this.#goal[name] - this.#now[name];
      if (left === 0) continue;
      moved = true;
      this.#now[name] = share === 1 || Math.abs(left) < NEAR_RAD ? this.#goal[name] : this.#now[name] + left * share;
    }
    return moved;
  }
}

function within({ azimuthRad, elevationRad, zoom }) {
  return {
    azimuthRad,
    elevationRad: Math.min(Math.max(elevationRad, LOWEST_RAD), HIGHEST_RAD),
    zoom: Math.min(Math.max(zoom, NEAREST), FARTHEST),
  };
}
