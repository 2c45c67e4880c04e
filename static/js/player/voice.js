import { word } from "../lib/words.js";

const PLAIN_MS = 480; // about what a number takes at an ordinary pace
const FASTEST = 2;

/** Says counts in the language of the page. Only voices of this device: others send what they say elsewhere. */
export class Voice {
  onChange = () => {};
  #voice = null;

  constructor(scope) {
    this.speech = globalThis.speechSynthesis;
    if (!this.speech) return;
    const choose = () => {
      this.#voice = voiceFor(this.speech.getVoices(), document.documentElement.lang);
      this.onChange();
    };
    choose();
    if (this.speech.addEventListener) scope.listen(this.speech, "voiceschanged", choose);
    scope.add(() => this.hush());
  }

  get offered() {
    return this.#voice !== null;
  }

  /** One count, quick enough to be over before the next one, `beatMs` later. */
  say(count, beatMs) {
    if (!this.#voice) return;
    const words = word("player_count_words").split(" ");
    const said = new SpeechSynthesisUtterance(words[count - 1]);
    said.voice = this.#voice;
    said.lang = this.#voice.lang;
    said.rate = Math.min(Math.max(PLAIN_MS / beatMs, 1), FASTEST);
    // What has not been said by now comes too late.
    if (this.speech.pending) this.speech.cancel();
    this.speech.speak(said);
  }

  hush() {
    this.speech?.cancel();
  }
}

/** A voice of this device for a language such as "ko", or null. */
export function voiceFor(voices, language) {
  const speaks = voices.filter(({ lang, localService }) => localService && lang.toLowerCase().split(/[-_]/)[0] === language.split("-")[0]);
  return speaks.find((voice) => voice.default) ?? speaks[0] ?? null;
}
