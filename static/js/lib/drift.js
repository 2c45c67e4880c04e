/**
 * How a medium that follows is brought back to the clock it follows.
 *
 * Under a third of a frame nothing is visible, so the rate is left alone; once bent, it stays so until a tenth of a frame
 * is left. Beyond that the rate is bent in proportion, strongly: two elements started together begin up to 0.3 s apart,
 * and that has to be gone before half a second is over. Followers are never heard, so nobody hears the bend. Only what
 * bending would take longer for is jumped, since a jump has to land and start anew. Another jump is not tried before the
 * first had time to.
 */
export const SEEK_BEYOND_S = 0.6;
export const HORIZON_S = 0.15;
export const FASTEST = 2;
export const SLOWEST = 0.25;
export const SEEK_REST_MS = 1000;
const RATE_STEPS = 50;

/**
 * @param {{driftS: number, frameS: number, rate: number, bent: boolean, sinceSeekMs: number}} now
 *   driftS: where the follower is minus where it should be (positive: ahead); bent: a correction is under way.
 * @returns {{kind: "hold"|"bend"|"seek", rate: number}} rate is the playback rate to set.
 */
export function correctDrift({ driftS, frameS, rate, bent, sinceSeekMs }) {
  const far = Math.abs(driftS);
  if (far <= (bent ? frameS / 10 : frameS / 3)) return { kind: "hold", rate };
  if (far > SEEK_BEYOND_S && sinceSeekMs >= SEEK_REST_MS) return { kind: "seek", rate };
  const bentRate = clamp(rate - driftS / HORIZON_S, SLOWEST * rate, FASTEST);
  return { kind: "bend", rate: Math.round(bentRate * RATE_STEPS) / RATE_STEPS };
}

/** What the clock does at the end of a loop or of the dance. */
export function turnAt({ tS, durationS, loop }) {
  if (loop && tS >= loop[1] - 1e-3) return { kind: "jump", tS: loop[0] };
  if (tS >= durationS - 1e-3) return { kind: "stop", tS: durationS };
  return { kind: "go", tS };
}

export function clamp(value, least, most) {
  return Math.min(Math.max(value, least), most);
}
