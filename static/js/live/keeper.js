/**
 * Keeps a take on this device from the moment it is danced until it has arrived, so that none is lost.
 *
 * It lies in IndexedDB and survives a reload and a dead battery. Where the browser keeps nothing (some private windows, a
 * full disk) it stays in this page's memory, and `keepTake` says so. A dance that is not over is kept as a draft, which
 * counts as a take once its page is gone.
 */
import { encodeTrack } from "../lib/track-writer.js";
import { mark } from "./keeping.js";

const DATABASE = "kdance";
const STORE = "takes";
const VERSION = 1;
const LOCK = "kdance.danced.";

const inMemory = new Map();

/**
 * @typedef {object} KeptTake
 * @property {string} id  a UUID, made once for each dance
 * @property {string} takesUrl  LivePayload.urls.takes
 * @property {string} slug
 * @property {string} title
 * @property {number} offsetS  t_take = t_guide + offset
 * @property {ArrayBuffer} kdt
 * @property {Blob|null} clip  sent instead of the joints
 * @property {string} clipUrl  LivePayload.urls.clip
 * @property {string} danced_at  ISO time
 */

/**
 * @param {KeptTake} take
 * @returns {Promise<{isKept: boolean}>} false: it is gone when this page is left
 */
export async function keepTake(take, tools = {}) {
  const record = { ...take, dancer: dancerOf(tools) };
  try {
    await inStore("readwrite", (store) => store.put(record), tools);
  } catch {
    inMemory.set(take.id, record);
    return { isKept: false };
  }
  inMemory.delete(take.id);
  mark(true, tools);
  return { isKept: true };
}

/**
 * Keeps what there is so far of a dance that goes on; `keepTake` or `forget` under the same id end it.
 *
 * @param {KeptTake & {track: object}} take  `track` in place of `kdt`: encodeTrack's, which is made only if it is needed
 */
export async function keepDraft(take, tools = {}) {
  await holdWhileOpen(take.id, tools);
  try {
    await inStore("readwrite", (store) => store.put({ ...take, kdt: null, clip: null, dancer: dancerOf(tools) }), tools);
    mark(true, tools);
  } catch {
    // Then the dance is kept when it is over, as far as that is possible here.
  }
}

/** @returns {Promise<KeptTake[]>} of the dancer of this page, the latest first; others who use the device keep theirs */
export async function keptTakes(tools = {}) {
  let stored = [];
  try {
    stored = await inStore("readonly", (store) => store.getAll(), tools);
    mark(stored.length > 0, tools);
  } catch {
    // A browser without the database has what this page remembers.
  }
  const dancer = dancerOf(tools);
  const danced = await beingDanced(tools);
  const own = [...stored, ...inMemory.values()].filter((take) => take.dancer === dancer && !(take.track && danced.has(take.id)));
  const whole = await Promise.all(own.map(async ({ track, ...take }) => (track ? { ...take, kdt: await encodeTrack(track) } : take)));
  return whole.sort((one, other) => (one.danced_at < other.danced_at ? 1 : -1));
}

/** @param {string} id of a take that has arrived, or is thrown away */
export async function forget(id, tools = {}) {
  inMemory.delete(id);
  try {
    await inStore("readwrite", (store) => store.delete(id), tools);
    const left = await inStore("readonly", (store) => store.count(), tools);
    mark(left > 0, tools);
  } catch {
    // Nothing was kept there.
  }
}

// A lock that nobody gives back until its page is gone tells other pages that it still lives.
const held = new Set();

function holdWhileOpen(id, { locks = globalThis.navigator?.locks }) {
  if (!locks || held.has(id)) return null;
  held.add(id);
  return new Promise((resolve) => {
    locks.request(LOCK + id, () => (resolve(), new Promise(() => {}))).catch(resolve);
  });
}

async function beingDanced({ locks = globalThis.navigator?.locks }) {
  const state = await locks?.query().catch(() => null);
  return new Set((state?.held ?? []).map(({ name }) => name.slice(LOCK.length)));
}

function dancerOf({ page = globalThis.document }) {
  return page?.querySelector("[data-dancer]")?.dataset.dancer ?? "";
}

/** One request in a transaction of its own, done when it is on the disk. */
async function inStore(mode, ask, { databases = globalThis.indexedDB }) {
  const database = await opened(databases);
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = ask(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? request.error);
    });
  } finally {
    database.close();
  }
}

function opened(databases) {
  return new Promise((resolve, reject) => {
    const request = databases.open(DATABASE, VERSION);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => reject(request.error);
  });
}
