import { word } from "../lib/words.js";

const LOOK_EVERY_MS = 1500;

/** Looks again until the analysis is counted, then shows it. Without scripts a link does. */
export default function mount(root, scope) {
  const bar = root.querySelector("progress");
  const words = root.querySelector("[role=status]");
  const look = async () => {
    const state = await ask(root.dataset.stateUrl, scope.signal);
    if (scope.disposed) return;
    if (state && state.state !== "waiting") {
      location.reload();
      return;
    }
    if (state) {
      bar.value = state.percent;
      say(state.message || word("insight_waiting", { percent: state.percent }));
    } else {
      say(word("insight_offline"));
    }
    scope.timeout(look, LOOK_EVERY_MS);
  };
  const say = (sentence) => {
    if (words.textContent !== sentence) words.textContent = sentence;
  };
  scope.timeout(look, LOOK_EVERY_MS);
}

/** The state, or null where nobody answers: the page looks again. */
async function ask(url, signal) {
  try {
    const answer = await fetch(url, { signal, headers: { Accept: "application/json" } });
    return answer.ok ? await answer.json() : null;
  } catch (error) {
    if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error; // TypeError: no connection
    return null;
  }
}
