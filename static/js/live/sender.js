/**
 * Sends a kept take: its joints in parts that need not be sent twice, or its clip as any upload. docs/live-takes.md.
 *
 * What may pass by itself (a lost connection, a busy server, too many takes at once) is waited for and tried again; what the
 * server refuses for good ends in a SendError with its words. Nothing is forgotten here: the keeper does that afterwards.
 */
import { csrfHeaders } from "../lib/csrf.js";
import { word } from "../lib/words.js";

const TRIES = 6;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const ANSWER_WITHIN_MS = 30_000;
const ROUNDS = 4;
const PASSES_BY_ITSELF = new Set(["too_many_open"]);

export class SendError extends Error {
  /**
   * @param {string} code  the server's, or "offline"
   * @param {string} sentence  for the dancer
   * @param {boolean} isFinal  sending it again as it is will not help
   */
  constructor(code, sentence, isFinal) {
    super(code);
    this.name = "SendError";
    this.code = code;
    this.sentence = sentence;
    this.isFinal = isFinal;
  }
}

/**
 * @param {import("./keeper.js").KeptTake} take
 * @param {object} [options]
 * @param {(share: number) => void} [options.onProgress]  0..1
 * @param {AbortSignal} [options.signal]
 * @returns {Promise<{url: string}>} the take's page. Rejects with SendError, or the signal's reason.
 */
export async function sendTake(take, { onProgress = () => {}, signal } = {}, tools = {}) {
  signal?.throwIfAborted();
  if (take.clip) return sendClip(take, { onProgress, signal }, tools);
  const post = new Postman({ signal, ...tools });
  for (let round = 0; round < ROUNDS; round++) {
    const url = await sendOnce(take, post, onProgress);
    if (url) return { url };
  }
  throw new SendError("offline", word("send_offline"), false);
}

/** Null where the server forgot what had arrived: it is asked anew what it has. */
async function sendOnce({ id, takesUrl, offsetS, kdt }, post, onProgress) {
  const asked = JSON.stringify({ id, offset_s: offsetS, size_bytes: kdt.byteLength });
  const opened = await post.ask("POST", takesUrl, asked, "application/json");
  if (opened.url) return opened.url;
  const parts = Math.ceil(kdt.byteLength / opened.part_bytes);
  const received = new Set(opened.received);
  for (let number = 0; number < parts; number++) {
    onProgress(received.size / parts);
    if (received.has(number)) continue;
    const bytes = new Uint8Array(kdt, number * opened.part_bytes, Math.min(opened.part_bytes, kdt.byteLength - number * opened.part_bytes));
    const kept = await post.ask("PUT", `/live/${id}/parts/${number}/`, bytes, "application/octet-stream", ["not_found", "live_is_done"]);
    if (kept === null) return null;
    received.add(number);
  }
  onProgress(1);
  const done = await post.ask("POST", `/live/${id}/done/`, "", "application/json", ["not_found", "live_incomplete"]);
  return done?.url ?? null;
}

class Postman {
  constructor({ signal, send = globalThis.fetch.bind(globalThis), wait = waited, random = Math.random }) {
    Object.assign(this, { signal, send, wait, random });
  }

  /**
   * The server's answer as an object ({} where it has no words). A refusal named in `beginAnew` answers null.
   */
  async ask(method, url, body, type, beginAnew = []) {
    let last = null;
    for (let time = 0; time < TRIES; time++) {
      if (time > 0) await this.wait(this.#waitMs(time, last), this.signal);
      last = await this.#askOnce(method, url, body, type);
      if (last.isOk) return last.answer;
      if (beginAnew.includes(last.code)) return null;
      if (!last.mayPass) throw refusalOf(last);
    }
    throw refusalOf(last);
  }

  async #askOnce(method, url, body, type) {
    this.signal?.throwIfAborted();
    const headers = { Accept: "application/json", "Content-Type": type, ...csrfHeaders() };
    const clock = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const untilEither = new AbortController();
    const end = () => untilEither.abort();
    for (const signal of [this.signal, clock]) signal?.addEventListener("abort", end, { once: true });
    try {
      const response = await this.send(url, { method, headers, body, signal: untilEither.signal, credentials: "same-origin" });
      return await readOf(response);
    } catch (error) {
      this.signal?.throwIfAborted();
      if (error.name !== "TypeError" && error.name !== "AbortError") throw error;
      return { code: "offline", sentence: word("send_offline"), mayPass: true };
    } finally {
      for (const signal of [this.signal, clock]) signal?.removeEventListener("abort", end);
    }
  }

  #waitMs(time, last) {
    const usual = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** time * (0.75 + this.random() / 2));
    return Math.max(usual, Math.min(60, last?.retryAfterS ?? 0) * 1000);
  }
}

async function readOf(response) {
  const answer = response.status === 204 ? {} : await response.json().catch(() => null);
  if (response.ok && answer) return { isOk: true, answer };
  return troubleOf(response.status, answer?.error, Number(response.headers.get("Retry-After")) || 0);
}

function troubleOf(status, error, retryAfterS = 0) {
  const code = error?.code ?? (status >= 200 && status < 400 ? "no_answer" : `status_${status}`);
  const mayPass = status >= 500 || status === 429 || PASSES_BY_ITSELF.has(code) || code === "no_answer";
  return { code, sentence: error?.message ?? word("send_refused"), mayPass, retryAfterS };
}

// Who is signed out or was too quick can send the very same take later.
function refusalOf({ code, sentence, mayPass }) {
  if (code === "not_authenticated" || code === "sign_in_first") return new SendError(code, word("send_sign_in"), false);
  if (code === "permission_denied") return new SendError(code, word("send_refused"), false);
  return new SendError(code, sentence, !mayPass);
}

/** A clip is one request, which makes a take each time it arrives: only one that never got there whole is sent again. */
async function sendClip(take, { onProgress, signal }, { upload = uploaded, wait = waited, random = Math.random }) {
  for (let time = 0; ; time++) {
    const { status, answer, wasSentWhole } = await upload(take, onProgress, signal);
    if (answer?.url) return { url: answer.url };
    const trouble = status ? troubleOf(status, answer?.error) : { code: "offline", sentence: word("send_offline"), mayPass: true };
    if (!trouble.mayPass || wasSentWhole || time + 1 >= TRIES) throw refusalOf(trouble);
    await wait(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (time + 1) * (0.75 + random() / 2)), signal);
  }
}

/** By XMLHttpRequest, for fetch does not tell how much of a body is sent. Status 0: no answer. */
function uploaded({ clip, clipUrl, slug }, onProgress, signal) {
  const form = new FormData();
  form.append("clip", clip, `${slug}.${clip.type.includes("mp4") ? "mp4" : "webm"}`);
  const request = new XMLHttpRequest();
  let wasSentWhole = false;
  return new Promise((resolve, reject) => {
    const stop = () => request.abort();
    const end = () => {
      signal?.removeEventListener("abort", stop);
      resolve({ status: request.status, answer: request.response, wasSentWhole });
    };
    request.open("POST", clipUrl);
    request.responseType = "json";
    for (const [name, value] of Object.entries({ Accept: "application/json", ...csrfHeaders() })) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
    request.upload.onload = () => (wasSentWhole = true);
    request.onload = request.onerror = end;
    request.onabort = () => reject(signal?.reason ?? new DOMException("aborted", "AbortError"));
    signal?.addEventListener("abort", stop, { once: true });
    request.send(form);
  });
}

function waited(ms, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
