import { clamp } from "../lib/drift.js";
import { fineClock } from "../lib/format.js";
import { word } from "../lib/words.js";

const SAME_S = 0.005;

/**
 * Moves the start of a take and shows at once in the player what that looks like; nothing is saved before the form is
 * sent. Data: judged-s, least-s and most-s, in seconds of the take.
 */
export default function mount(root, scope) {
  const player = document.querySelector('[data-controller~="player"]');
  const part = (name) => root.querySelector(`[data-start="${name}"]`);
  const field = part("field");
  const [judgedS, leastS, mostS] = ["judgedS", "leastS", "mostS"].map((name) => Number(root.dataset[name]));
  let startS = judgedS;

  const preview = () => player?.dispatchEvent(new CustomEvent("player:shift", { detail: { offsetS: startS } }));

  function move(toS) {
    startS = Math.round(clamp(toS, leastS, mostS) * 1000) / 1000;
    field.value = String(startS);
    show();
  }

  function show() {
    part("place").textContent = placeOf(startS);
    part("news").textContent = newsOf(startS - judgedS);
    part("why").hidden = Math.abs(startS - judgedS) >= SAME_S;
    for (const button of root.querySelectorAll("[data-start-s]")) {
      button.setAttribute("aria-pressed", String(Math.abs(Number(button.dataset.startS) - startS) < SAME_S));
    }
    preview();
  }

  for (const button of root.querySelectorAll("[data-step-s]")) {
    scope.listen(button, "click", () => move(startS + Number(button.dataset.stepS)));
  }
  for (const button of root.querySelectorAll("[data-start-s]")) {
    scope.listen(button, "click", (event) => {
      event.preventDefault(); // without scripts it is sent
      move(Number(button.dataset.startS));
    });
  }
  scope.listen(field, "input", () => {
    const typedS = field.valueAsNumber;
    if (Number.isNaN(typedS)) return;
    if (typedS < leastS || typedS > mostS) {
      part("news").textContent = word("start_out_of_reach");
      return;
    }
    startS = typedS;
    show();
  });
  if (player) scope.listen(player, "player:ready", () => Math.abs(startS - judgedS) >= SAME_S && preview());
  part("steps").hidden = false;
  for (const element of root.querySelectorAll('[data-start="as-judged"]')) element.hidden = false;
}

function placeOf(startS) {
  if (Math.abs(startS) < SAME_S) return word("start_together");
  return word(startS < 0 ? "start_in_guide" : "start_in_clip", { time: fineClock(Math.abs(startS)) });
}

// With the guide's time 0 later in the take, each move of the take comes earlier.
function newsOf(movedS) {
  if (Math.abs(movedS) < SAME_S) return "";
  return word(movedS > 0 ? "start_earlier" : "start_later", { seconds: Math.abs(movedS).toFixed(2) });
}
