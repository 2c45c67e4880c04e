import { word } from "./words.js";

/** Seconds as 0:12 or 1:02:05. */
export function clockTime(seconds) {
  const whole = Math.max(0, Math.floor(seconds + 1e-6));
  const s = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${s}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${s}`;
}

/** Seconds as 0:42.35, where hundredths matter. */
export function fineClock(seconds) {
  const hundredths = Math.round(Math.max(0, seconds) * 100);
  const part = (value) => String(value).padStart(2, "0");
  return `${Math.floor(hundredths / 6000)}:${part(Math.floor(hundredths / 100) % 60)}.${part(hundredths % 100)}`;
}

/** What is left, as a person would say it: rounded up, coarser the longer it takes. */
export function timeLeft(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return word("left_unknown");
  if (seconds < 5) return word("left_moment");
  if (seconds < 50) return word("left_seconds", { n: Math.ceil(seconds / 5) * 5 });
  if (seconds < 90) return word("left_minute");
  if (seconds < 55 * 60) return word("left_minutes", { n: Math.round(seconds / 60) });
  if (seconds < 90 * 60) return word("left_hour");
  return word("left_hours", { n: Math.round(seconds / 3600) });
}

/** A length as 45 s, 6 min or 1 min 20 s. */
export function lengthOf(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) return word("length_seconds", { n: whole });
  if (whole % 60 === 0) return word("length_minutes", { n: whole / 60 });
  return word("length_both", { m: Math.floor(whole / 60), s: whole % 60 });
}

/** Bytes in decimal units, as phones and the upload limit count them. */
export function fileSize(bytes) {
  if (bytes < 1e6) return word("size_kb", { n: Math.max(1, Math.round(bytes / 1e3)) });
  if (bytes < 1e9) return word("size_mb", { n: Math.round(bytes / 1e5) / 10 });
  return word("size_gb", { n: Math.round(bytes / 1e8) / 10 });
}
