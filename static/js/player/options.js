const KEPT = ["view", "sound", "video"];
const KEY = "kdance.player";

/** What the person has chosen in the player, told to everybody who asks. */
export class Options {
  #told = [];
  #values;

  constructor(defaults) {
    this.#values = { ...defaults, ...kept() };
    for (const name of Object.keys(defaults)) {
      Object.defineProperty(this, name, { get: () => this.#values[name], enumerable: true });
    }
  }

  set(name, value) {
    if (this.#values[name] === value) return;
    this.#values[name] = value;
    if (KEPT.includes(name)) keep(this.#values);
    this.touch(name);
  }

  toggle(name) {
    this.set(name, !this.#values[name]);
  }

  /** Something changed that the picture depends on; `name` is null when it is not a choice. */
  touch(name = null) {
    for (const told of this.#told) told(name);
  }

  onChange(told) {
    this.#told.push(told);
  }
}

// Private windows and strict settings refuse the storage: then nothing is kept.
function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}

function keep(values) {
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(KEPT.map((name) => [name, values[name]]))));
  } catch {
    /* see above */
  }
}
