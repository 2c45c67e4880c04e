/** Which model and which processor suit this device: measured once, remembered, measured again where it turned out poor. */

const KEY = "kdance.engine";
const VERSION = 1;
const FULL_AT_MOST_MS = 50; // twenty poses a second; below that, the lite model sees more of a quick dance
const CLEARLY_SLOWER = 1.6;

/**
 * @typedef {{model: "lite"|"full", delegate: "GPU"|"CPU", msPerFrame: number}} Choice
 */

/**
 * @param {object} how
 * @param {boolean} how.gpu
 * @param {(model: string, delegate: string) => Promise<number>} how.measure  milliseconds a picture; Infinity if it fails
 * @returns {Promise<Choice>} with msPerFrame Infinity if nothing worked
 */
export async function choose({ gpu, measure }) {
  const tried = [];
  const attempt = async (model, delegate) => {
    tried.push({ model, delegate, msPerFrame: await measure(model, delegate) });
    return tried.at(-1);
  };
  for (const delegate of gpu ? ["GPU", "CPU"] : ["CPU"]) {
    for (const model of ["full", "lite"]) {
      const choice = await attempt(model, delegate);
      if (choice.msPerFrame <= FULL_AT_MOST_MS) return choice;
    }
  }
  return tried.reduce((best, choice) => (choice.msPerFrame < best.msPerFrame ? choice : best));
}

/** @param {string} engine which engine it was measured with: another one is measured anew  @returns {Choice|null} */
export function remembered(engine, storage = globalThis.localStorage) {
  try {
    const { version, engine: measured, ...choice } = JSON.parse(storage.getItem(KEY)) ?? {};
    const isUsable = ["lite", "full"].includes(choice.model) && ["GPU", "CPU"].includes(choice.delegate) && choice.msPerFrame > 0;
    return version === VERSION && measured === engine && isUsable ? choice : null;
  } catch {
    return null; // a browser may forbid its storage, and what lies there may be anything
  }
}

export function remember(engine, choice, storage = globalThis.localStorage) {
  try {
    storage.setItem(KEY, JSON.stringify({ version: VERSION, engine, ...choice }));
  } catch {
    // It is measured again next time.
  }
}

export function forget(storage = globalThis.localStorage) {
  try {
    storage.removeItem(KEY);
  } catch {
    // There was nothing to keep it in.
  }
}

/** True if the device turned out clearly slower than was measured, and too slow: next time it is measured again. */
export function wasPoor(choice, msPerFrame) {
  return msPerFrame > FULL_AT_MOST_MS && msPerFrame > CLEARLY_SLOWER * choice.msPerFrame;
}
