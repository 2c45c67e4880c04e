/** Colours as numbers. The names and values of the theme live in css/tokens.css; these are its fallbacks. */
const TOKENS = {
  night: "#0D0E13",
  stage: "#15171F",
  raised: "#1E212C",
  line: "#2C3040",
  paper: "#F4F1EA",
  mist: "#A3A8B8",
  guide: "#3DDFC1",
  me: "#FF6B8B",
  wrong: "#FFB536",
};

/** The classic skeleton colours: torso red, arms green, legs blue. */
const CLASSIC = { torso: "#FF5A4D", arm: "#58D36B", leg: "#5B9BFF", head: "#F4F1EA" };

/** One sequential scale, dark = good: lightness alone tells the order, so no colour vision is needed to read it. */
export const HEAT_STOPS = Object.freeze(["#262A3A", "#43305F", "#7A3B74", "#B84A68", "#E8814F", "#FBD98A"]);
export const HEAT_FULL_DEG = 60;

/** The theme's colours as an element of the page has them now. */
export function readTokens(element) {
  const style = getComputedStyle(element);
  const read = (name, fallback) => style.getPropertyValue(`--${name}`).trim() || fallback;
  return {
    ...Object.fromEntries(Object.entries(TOKENS).map(([name, fallback]) => [name, read(name, fallback)])),
    classic: Object.fromEntries(Object.entries(CLASSIC).map(([part, fallback]) => [part, read(`classic-${part}`, fallback)])),
    heat: HEAT_STOPS.map((fallback, stop) => read(`heat-${stop}`, fallback)),
  };
}

export function parseHex(hex) {
  const digits = hex.replace("#", "");
  const full = digits.length === 3 ? [...digits].map((d) => d + d).join("") : digits;
  if (!/^[0-9a-f]{6}$/i.test(full)) throw new Error(`not a colour: ${hex}`);
  return [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16));
}

export function mix(from, to, share) {
  const [a, b] = [parseHex(from), parseHex(to)];
  return `rgb(${a.map((value, i) => Math.round(value + (b[i] - value) * share)).join(", ")})`;
}

/** The heat colour of an error in degrees; everything from HEAT_FULL_DEG on is the lightest. */
export function heatColour(errorDeg, stops = HEAT_STOPS) {
  const place = (Math.min(Math.max(errorDeg / HEAT_FULL_DEG, 0), 1) || 0) * (stops.length - 1);
  const stop = Math.min(Math.floor(place), stops.length - 2);
  return mix(stops[stop], stops[stop + 1], place - stop);
}

/** Relative luminance (WCAG 2.2) of a colour "#rrggbb" or "rgb(r, g, b)"; 0 to 1. */
export function luminance(colour) {
  const channels = colour.startsWith("#") ? parseHex(colour) : colour.match(/\d+/g).slice(0, 3).map(Number);
  const [r, g, b] = channels.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
