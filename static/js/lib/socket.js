const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15000;
const GONE = 4404;

/** How long to wait before try number `tries` (from 0): doubling, with a share of chance so that a crowd spreads out. */
export function backoffMs(tries, chance = Math.random()) {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries) * (0.75 + 0.5 * chance);
}

/** A socket that comes back by itself. Each connection begins with a snapshot, so nothing has to be remembered. */
export class LiveSocket {
  #socket = null;
  #tries = 0;
  #cancelWait = () => {};

  /** @param {{path: string, scope: Scope, onMessage: Function, onUp: Function, onDown: Function}} options */
  constructor({ path, scope, onMessage, onUp, onDown }) {
    Object.assign(this, { path, scope, onMessage, onUp, onDown });
    scope.listen(window, "online", () => this.#hurry());
    scope.listen(document, "visibilitychange", () => document.visibilityState === "visible" && this.#hurry());
    scope.add(() => this.#socket?.close());
    this.#open();
  }

  #open() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${this.path}`);
    this.#socket = socket;
    socket.onopen = () => this.onUp();
    socket.onmessage = ({ data }) => {
      this.#tries = 0;
      this.onMessage(JSON.parse(data));
    };
    socket.onclose = ({ code }) => {
      this.#socket = null;
      if (this.scope.disposed) return;
      this.onDown();
      if (code !== GONE) this.#cancelWait = this.scope.timeout(() => this.#open(), backoffMs(this.#tries++));
    };
  }

  #hurry() {
    if (this.#socket || this.scope.disposed) return;
    this.#cancelWait();
    this.#open();
  }
}
