import { html } from "../lib/dom.js";
import { word } from "../lib/words.js";
import { mayHaveTakes } from "../live/keeping.js";

/** Offers takes that were danced live and wait on this device. Nearly always there is none, and nothing is loaded. */
export default async function mount(element, scope) {
  if (!mayHaveTakes()) return;
  const [{ forget, keptTakes }, { sendTake }] = await Promise.all([import("../live/keeper.js"), import("../live/sender.js")]);
  const takes = await keptTakes();
  if (scope.disposed || takes.length === 0) return;
  element.replaceChildren(...takes.map((take) => new Offer(take, scope, { forget, sendTake, onGone }).element));
  element.hidden = false;

  function onGone(offer) {
    offer.remove();
    if (!element.childElementCount) element.hidden = true;
  }
}

class Offer {
  #sending = null;

  constructor(take, scope, tools) {
    Object.assign(this, { take, scope }, tools);
    const danced = new Date(take.danced_at);
    const date = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" }).format(danced);
    this.text = html("p", { className: "unsent__text" }, word("unsent_waits", { title: take.title, date }));
    this.text.setAttribute("role", "status");
    this.bar = html("progress", { className: "unsent__bar", max: 1, value: 0, hidden: true });
    this.bar.setAttribute("aria-label", word("unsent_bar"));
    this.sendButton = html("button", { type: "button", className: "button button--me" }, word("unsent_send"));
    this.dropButton = html("button", { type: "button", className: "button button--quiet" }, word("unsent_drop"));
    this.actions = html("p", { className: "unsent__actions" }, this.sendButton, this.dropButton);
    this.element = html("section", { className: "unsent__take" }, this.text, this.bar, this.actions);
    this.element.setAttribute("aria-label", word("unsent_label"));
    scope.listen(this.sendButton, "click", () => this.#send());
    scope.listen(this.dropButton, "click", () => this.#drop());
  }

  async #send() {
    if (this.#sending) return;
    this.#sending = new AbortController();
    this.scope.add(() => this.#sending?.abort());
    this.#showSending(true);
    try {
      const { url } = await this.sendTake(this.take, { signal: this.#sending.signal, onProgress: (share) => (this.bar.value = share) });
      await this.forget(this.take.id);
      this.#showSent(url);
    } catch (error) {
      if (this.scope.disposed) return;
      if (!error.sentence) throw error;
      this.text.textContent = error.sentence;
    } finally {
      this.#sending = null;
      this.#showSending(false);
    }
  }

  #showSending(isSending) {
    this.bar.hidden = !isSending;
    this.sendButton.disabled = this.dropButton.disabled = isSending;
    if (isSending) this.text.textContent = word("unsent_sending");
  }

  #showSent(url) {
    const link = html("a", { href: url, className: "button button--me" }, word("unsent_open"));
    this.text.textContent = word("unsent_sent");
    this.actions.replaceChildren(link);
    link.focus();
  }

  async #drop() {
    if (!window.confirm(word("unsent_sure"))) return;
    await this.forget(this.take.id);
    this.onGone(this.element);
  }
}
