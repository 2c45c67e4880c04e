const SAID = [
  ["stop", ["stop", "그만", "멈춰", "정지", "스톱", "스탑"]],
  ["again", ["again", "once more", "다시", "한 번 더", "한번 더"]],
];
const REST_MS = 500;

/** What is asked for in what was heard: "stop", "again" or null. Stopping goes first. */
export function commandIn(heard) {
  const words = ` ${heard.toLowerCase().replace(/[.,!?~]/g, " ")} `;
  const isSaid = (said) => (/[a-z]/.test(said) ? words.includes(` ${said} `) : words.includes(said));
  return SAID.find(([, ways]) => ways.some(isSaid))?.[0] ?? null;
}

/** Listens for "stop" and "again" with the browser's own speech recognition, where there is one. */
export class VoiceCommands {
  onCommand = () => {};

  static get offered() {
    return Boolean(recogniser());
  }

  constructor({ scope, language }) {
    this.scope = scope;
    this.language = language;
  }

  start() {
    const Recogniser = recogniser();
    if (!Recogniser) return;
    const ears = new Recogniser();
    ears.lang = this.language === "ko" ? "ko-KR" : "en-US";
    ears.continuous = true;
    ears.interimResults = true;
    let refused = false;
    ears.onresult = ({ results, resultIndex }) => {
      const heard = [...results].slice(resultIndex).map((result) => result[0].transcript);
      const command = commandIn(heard.join(" "));
      if (!command) return;
      ears.abort(); // the same words would be heard again, longer each time
      this.onCommand(command);
    };
    ears.onerror = ({ error }) => (refused ||= error === "not-allowed" || error === "service-not-allowed");
    // Browsers end it after some silence.
    ears.onend = () => !refused && this.scope.timeout(() => begin(ears), REST_MS);
    this.scope.add(() => {
      ears.onend = null;
      ears.abort();
    });
    begin(ears);
  }
}

function begin(ears) {
  try {
    ears.start();
  } catch (error) {
    if (error.name !== "InvalidStateError") throw error; // it runs already
  }
}

function recogniser() {
  return globalThis.SpeechRecognition ?? globalThis.webkitSpeechRecognition;
}
