const KEPT = ["view", "space", "show", "rate", "mirror", "sound", "loopKind", "bigCount", "clicks", "countIn", "countRounds", "corner"];
const KEY = "kdance.player";

/** What the person has chosen in the player, told to everybody who asks. */
export class Options {
  #told = [];
  #values;
  #kept;

  /**
   * @param {object} defaults all choices
   * @param {object} allowed name -> the values that make sense; others go back to the default
   * @param {object} forced what this page cannot offer: shown, but what was chosen elsewhere stays kept
   */
  constructor(defaults, allowed = {}, forced = {}) {
    this.#kept = kept();
    this.#values = { ...usable(this.#kept, defaults, allowed), ...forced };
    for (const name of Object.keys(defaults)) {
      Object.defineProperty(this, name, { get: () => this.#values[name], enumerable: true });
    }
  }

  set(name, value) {
    if (this.#values[name] === value) return;
    this.#values[name] = value;
    if (KEPT.includes(name)) keep((this.#kept = { ...this.#kept, [name]: value }));
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

function usable(values, defaults, allowed) {
  const fits = ([name, value]) => KEPT.includes(name) && typeof value === typeof defaults[name] && (allowed[name]?.includes(value) ?? true);
  return { ...defaults, ...Object.fromEntries(Object.entries(values).filter(fits)) };
}

// Private windows and strict settings refuse the storage: then nothing is kept.
function kept() {
  try {
    return Object(JSON.parse(localStorage.getItem(KEY)));
  } catch {
    return {};
  }
}

function keep(values) {
  try {
    localStorage.setItem(KEY, JSON.stringify(values));
  } catch {
    /* see above */
  }
}
