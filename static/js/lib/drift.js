/**
 * How a medium that follows is brought back to the clock it follows.
 *
 * Under half a frame nothing is visible, so the rate is left alone; once bent, it stays so until an eighth of a frame is
 * left. Up to a quarter of a second the rate is bent a little, in proportion, which nobody sees. Beyond that a bend would take seconds: jump. A jump itself takes a
 * while to land, so another is not tried before the first had time to.
 */
export const SEEK_BEYOND_S = 0.25;
export const HORIZON_S = 0.5;
export const MAX_BEND = 0.2;
export const SEEK_REST_MS = 700;

/**
 * @param {{driftS: number, frameS: number, rate: number, bent: boolean, sinceSeekMs: number}} now
 *   driftS: where the follower is minus where it should be (positive: ahead); bent: a correction is under way.
 * @returns {{kind: "hold"|"bend"|"seek", rate: number}} rate is the playback rate to set.
 */
export function correctDrift({ driftS, frameS, rate, bent, sinceSeekMs }) {
  const far = Math.abs(driftS);
  if (far <= (bent ? frameS / 8 : frameS / 2)) return { kind: "hold", rate };
  if (far > SEEK_BEYOND_S && sinceSeekMs >= SEEK_REST_MS) return { kind: "seek", rate };
  const bend = clamp(driftS / HORIZON_S, -MAX_BEND, MAX_BEND);
  return { kind: "bend", rate: Math.round(rate * (1 - bend) * 100) / 100 };
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
