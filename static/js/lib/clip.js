/** Early, kind looks at a clip before it is sent. The server looks again and decides. */

const TYPES = new Set(["video/mp4", "video/quicktime", "video/webm"]);
const ENDINGS = /\.(mp4|m4v|mov|webm)$/i;

/**
 * @param {{name: string, type: string, size: number, durationS: number|null}} clip durationS null: the browser cannot tell
 * @param {{maxBytes: number, maxSeconds: number}} limits
 * @returns {"upload_wrong_type"|"upload_empty"|"upload_too_big"|"upload_too_long"|null} the word for what is wrong
 */
export function problemOf(clip, limits) {
  if (!TYPES.has(clip.type) && !ENDINGS.test(clip.name)) return "upload_wrong_type";
  if (clip.size === 0) return "upload_empty";
  if (clip.size > limits.maxBytes) return "upload_too_big";
  // Half a second of grace: containers round their length up.
  if (clip.durationS !== null && clip.durationS > limits.maxSeconds + 0.5) return "upload_too_long";
  return null;
}

/** Seconds until all is sent, from the samples [{atMs, bytes}] of the last while; null while nobody can tell. */
export function uploadLeftS(samples, totalBytes) {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || last.atMs - first.atMs < 1000 || last.bytes <= first.bytes) return null;
  return ((totalBytes - last.bytes) * (last.atMs - first.atMs)) / 1000 / (last.bytes - first.bytes);
}
