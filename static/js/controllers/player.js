import { word } from "../lib/words.js";
import { Player } from "../player/player.js";

/** A choreography or a comparison, danced on a stage. Data: the json_script that data-player-data names. */
export default function mount(root, scope) {
  const payload = JSON.parse(document.getElementById(root.dataset.playerData ?? "player-data").textContent);
  const elements = elementsOf(root);
  let attempt = scope.child();
  const start = () => open({ root, payload, elements, scope: attempt });
  scope.listen(elements.retry, "click", () => {
    attempt.dispose();
    attempt = scope.child();
    start();
  });
  start();
}

async function open({ root, payload, elements, scope }) {
  tellState(root, "loading");
  elements.problem.hidden = true;
  const player = new Player({ root, payload, elements, scope });
  player.onBroken = (failed) => tell(elements, [failed]);
  const failed = await player.load();
  if (scope.disposed) return;
  const nothing = player.sides.some((side) => !side.track && !side.hasVideo);
  tell(elements, failed);
  if (nothing) {
    tellState(root, "failed");
    return;
  }
  player.open();
  bindPage(player, elements.stage, scope);
  scope.listen(root, "player:shift", ({ detail }) => player.shiftTake(detail.offsetS));
  scope.listen(root, "player:counts", ({ detail }) => player.setCounts(detail.counts));
  tellState(root, "ready");
  root.dispatchEvent(new CustomEvent("player:ready"));
}

// What cannot work yet is neither pressed nor reached with the keyboard.
function tellState(root, state) {
  root.dataset.state = state;
  for (const part of root.querySelectorAll(".player__transport, .player__timeline, .player__options")) part.inert = state !== "ready";
}

function elementsOf(root) {
  const part = (name) => root.querySelector(`[data-player="${name}"]`);
  return {
    stage: part("stage"),
    media: part("media"),
    canvas: part("canvas"),
    problem: part("problem"),
    problemText: part("problem-text"),
    retry: part("retry"),
    tags: { guide: part("tag-guide"), me: part("tag-me") },
  };
}

function tell(elements, failed) {
  elements.problem.hidden = failed.length === 0;
  if (failed.length) elements.problemText.textContent = word(keyOfProblem(failed));
}

function keyOfProblem(failed) {
  const has = (side, part) => failed.some(([name, what]) => name === side && what === part);
  if (has("guide", "track")) return has("guide", "video") ? "player_guide_missing" : "player_skeleton_missing";
  if (has("me", "track")) return has("me", "video") ? "player_attempt_missing" : "player_skeleton_missing";
  if (has("guide", "video")) return "player_guide_video_missing";
  if (has("me", "video")) return "player_attempt_video_missing";
  return "player_audio_missing";
}

/** Elsewhere on the page: any element with data-seek-s jumps there; data-loop-end-s loops up to there, data-rate dances it
    at that speed at once, data-limb points at that limb's row. */
function bindPage(player, stage, scope) {
  scope.listen(document, "click", (event) => {
    const link = event.target.closest?.("[data-seek-s]");
    if (!link) return;
    event.preventDefault();
    const { seekS, loopEndS, rate } = link.dataset;
    if (rate) player.drill({ startS: Number(seekS), endS: Number(loopEndS), rate: Number(rate) });
    else go(player, Number(seekS), loopEndS);
    player.timeline.showLimb(link.dataset.limb ?? null);
    stage.scrollIntoView({ block: "nearest" });
  });
  scope.listen(window, "hashchange", () => followHash(player));
  followHash(player);
}

// Media fragments: #t=12.5 starts there, #t=12.5,20 loops that stretch.
function followHash(player) {
  const [, startS, endS] = /^#t=([\d.]+)(?:,([\d.]+))?$/.exec(location.hash) ?? [];
  if (startS) go(player, Number(startS), endS);
}

function go(player, startS, endS) {
  player.setLoop(endS ? [startS, Math.min(Number(endS), player.durationS)] : null);
  player.seek(startS);
}
