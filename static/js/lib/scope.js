/** Owns everything that has to be undone when an element leaves the page. */
export class Scope {
  #undo = new Set();
  #abort = new AbortController();

  get disposed() {
    return this.#abort.signal.aborted;
  }

  /** Aborts with the scope: for fetch and for listeners. */
  get signal() {
    return this.#abort.signal;
  }

  add(undo) {
    if (this.disposed) undo();
    else this.#undo.add(undo);
  }

  // What is over before the scope ends is forgotten, or a long-lived scope would gather every timer it ever had.
  #forget(undo) {
    this.#undo.delete(undo);
  }

  listen(target, type, listener, options = {}) {
    target.addEventListener(type, listener, { ...options, signal: this.signal });
  }

  observe(observer, ...targets) {
    for (const target of targets) observer.observe(target);
    this.add(() => observer.disconnect());
    return observer;
  }

  /** Calls back later; the answer cancels it. */
  timeout(callback, ms) {
    const id = setTimeout(() => {
      this.#forget(cancel);
      callback();
    }, ms);
    const cancel = () => {
      clearTimeout(id);
      this.#forget(cancel);
    };
    this.add(cancel);
    return cancel;
  }

  /** One animation-frame loop until the scope ends or the answer is called. */
  frames(callback) {
    let id = 0;
    const frame = (nowMs) => {
      id = requestAnimationFrame(frame);
      callback(nowMs);
    };
    id = requestAnimationFrame(frame);
    const stop = () => cancelAnimationFrame(id);
    this.add(stop);
    return stop;
  }

  /** Follows a media query: at once and at each change. */
  media(query, callback) {
    const list = matchMedia(query);
    this.listen(list, "change", () => callback(list.matches));
    callback(list.matches);
  }

  child() {
    const child = new Scope();
    const end = () => child.dispose();
    this.add(end);
    child.add(() => this.#forget(end));
    return child;
  }

  dispose() {
    if (this.disposed) return;
    this.#abort.abort();
    const last = [...this.#undo].reverse();
    this.#undo.clear();
    for (const undo of last) undo();
  }
}

export const REDUCED_MOTION = "(prefers-reduced-motion: reduce)";
