const KEY = "kdance.live";

/** What a dancer chose for the room, remembered here. Keeping the video is asked anew each time. */
const DEFAULTS = Object.freeze({ aids: 3, rate: 1, mirror: true, camera: "", clicks: true, cue: false, gestures: false, voice: false });
const ALLOWED = { aids: [3, 2, 0], rate: [0.5, 0.75, 1] };

export function settings() {
  const fits = ([name, value]) => name in DEFAULTS && typeof value === typeof DEFAULTS[name] && (ALLOWED[name]?.includes(value) ?? true);
  return { ...DEFAULTS, ...Object.fromEntries(Object.entries(kept()).filter(fits)) };
}

export function keepSettings(chosen) {
  const own = Object.fromEntries(Object.entries(chosen).filter(([name]) => name in DEFAULTS));
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...kept(), ...own }));
  } catch {
    /* a private window keeps nothing */
  }
}

function kept() {
  try {
    return Object(JSON.parse(localStorage.getItem(KEY)));
  } catch {
    return {};
  }
}
