/** How late a dancer's movement reaches us on this device: measured by clapping, remembered here. */

const KEY = "kdance.latency";
const VERSION = 1;
export const ASSUMED_MS = 120;
const LEAST_MS = -100;
const MOST_MS = 600;

/** @returns {number} ms between what the guide was at when a picture reached us and when the dancer heard it */
export function latencyMs() {
  return measured()?.latencyMs ?? ASSUMED_MS;
}

/** @returns {{latencyMs: number, spreadMs: number, date: string}|null} null where nothing was measured here */
export function measured() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    const fits = kept?.version === VERSION && kept.latencyMs >= LEAST_MS && kept.latencyMs <= MOST_MS && typeof kept.date === "string";
    return fits ? kept : null;
  } catch {
    return null; // a private window, or something else's entry
  }
}

export function keepMeasured({ latencyMs: ms, spreadMs }, date = new Date()) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ version: VERSION, latencyMs: ms, spreadMs, date: date.toISOString() }));
  } catch {
    /* then it holds for nothing but is asked again */
  }
}
