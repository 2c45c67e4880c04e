import { word } from "../lib/words.js";
import { DrillView } from "../live/drill-view.js";
import { EyePlan } from "../live/eye-plan.js";
import { PracticeLog } from "../live/practice-log.js";

const RATES = [0.5, 0.75, 1];
const MOST_ROUND_S = 300; // who left the page open over lunch has not danced all that time

/** The page of a drill. Data: the json_scripts that data-drill-data and data-live-data name. */
export default function mount(root, scope) {
  const drill = JSON.parse(document.getElementById(root.dataset.drillData).textContent);
  const moments = drill.moments.map(({ start_s, end_s, ...moment }) => ({ ...moment, startS: start_s, endS: end_s }));
  const page = {
    root,
    scope,
    drill: { ...drill, moments },
    view: new DrillView({ root, moments }),
    log: new PracticeLog({ url: root.dataset.reportUrl, slug: root.dataset.slug, scope }),
    part: (name) => root.querySelector(`[data-drill="${name}"]`),
  };
  const eye = byEye(page);
  scope.listen(page.part("go-eye"), "click", () => eye.begin());
  scope.listen(page.part("again"), "click", () => {
    page.view.mark(null, []);
    page.view.show("plan");
    (page.part("go-live") ?? page.part("go-eye")).focus();
  });
  const live = page.part("go-live");
  if (live) scope.listen(live, "click", () => beforeTheCamera(page));
  root.dataset.ready = "true";
}

/** Loops in the player; the dancer says when it sits. */
function byEye({ root, scope, drill, view, log, part }) {
  let plan = null;
  let sinceMs = 0;

  const loop = part("eye-loop");
  const begin = () => {
    plan = new EyePlan({ moments: drill.moments, rates: RATES });
    view.show("eye");
    part("eye-title").focus();
    show();
  };
  const show = () => {
    const step = plan.next();
    if (!step) return end(word("drill_end_eye"));
    const { startS, endS, label, what } = drill.moments[step.moment];
    const percent = step.rate * 100;
    part("eye-title").textContent = word("drill_next", { label, percent });
    part("eye-what").textContent = what;
    loop.textContent = word("drill_loop", { percent });
    Object.assign(loop.dataset, { seekS: startS, loopEndS: endS, rate: step.rate });
    view.mark(step, plan.sits);
    view.say(word("drill_next", { label, percent }));
    sinceMs = performance.now();
    loop.click();
  };
  const answer = (change) => () => {
    const step = plan?.next();
    if (!step) return;
    const dancedS = Math.min((performance.now() - sinceMs) / 1000, MOST_ROUND_S);
    log.add({ dancedS, rate: step.rate, eights: drill.moments[step.moment].eights.map((eight) => ({ eight, score: null, limb: null })) });
    change();
  };
  const end = (title) => {
    pausePlayer(root);
    log.flush();
    view.mark(null, plan.sits);
    view.end({ title, rows: [], note: word("drill_end_eye_note") });
  };
  const presses = {
    "eye-yes": () => plan.gotIt(),
    "eye-no": () => plan.notYet(),
    "eye-skip": () => plan.skip(),
  };
  for (const [name, change] of Object.entries(presses)) {
    const press = answer(change);
    scope.listen(part(name), "click", () => {
      press();
      show();
    });
  }
  scope.listen(part("eye-end"), "click", () => {
    answer(() => {})();
    end(word("drill_end_stopped"));
  });
  return { begin };
}

/** In the room, judged as it is danced. What that needs is loaded now and not before. */
async function beforeTheCamera(page) {
  const { root, scope, drill, view, log, part } = page;
  const [{ forgetPlan, keepPlan, planFor }, { DrillRun }, { Rest }, { Room }, { LiveError }, { settings }] = await Promise.all([
    import("../live/drill-keeping.js"),
    import("../live/drill-run.js"),
    import("../live/rest.js"),
    import("../live/room.js"),
    import("../live/error.js"),
    import("../live/settings.js"),
  ]);
  if (scope.disposed) return;
  pausePlayer(root);
  view.show("room");
  const payload = JSON.parse(document.getElementById(root.dataset.liveData).textContent);
  const plan = planFor({ moments: drill.moments, part: drill.part, rates: RATES, config: payload.config });
  const own = scope.child();
  const roomRoot = root.querySelector('[data-room="root"]');
  let room = null;
  try {
    room = await Room.open({ root: roomRoot, payload, scope: own, choices: { ...settings(), mirror: part("mirror").checked, mic: false } });
    const rest = new Rest({ template: part("rest-template"), room: roomRoot, scope: own });
    const mark = () => view.mark(markOf(plan), plan.progress.moments.map(({ mastered }) => mastered));
    const onChange = () => {
      mark();
      keepPlan(plan);
    };
    mark();
    const run = new DrillRun({ room, plan, rest, log, watchFor: drill.moments.map(({ what }) => what), onChange });
    const ended = (await room.ready()) ? await run.run() : "stopped";
    if (!room.lostCode && !scope.disposed && (ended === "done" || ended === "stopped")) forgetPlan();
    const lost = room.lostCode ? new LiveError(room.lostCode).sentence : "";
    closeRoom(own, log);
    showEnd({ view, drill, plan, ended, note: lost || (ended === "hidden" ? word("live_hidden_end") : "") });
  } catch (error) {
    closeRoom(own, log);
    if (!(error instanceof LiveError)) throw error;
    if (error.code === "stopped") view.show("plan");
    else view.problem(`${error.sentence} ${word("drill_by_eye_instead")}`);
  }
}

function closeRoom(scope, log) {
  scope.dispose();
  log.flush();
}

function showEnd({ view, drill, plan, ended, note }) {
  const { moments, partScore } = plan.progress;
  const sits = moments.map(({ mastered }) => mastered);
  view.mark(null, sits);
  const rows = moments.map(({ label, last }, index) => ({ label, before: drill.moments[index].before, now: last }));
  rows.push({ label: word("drill_whole_part"), before: drill.part_before, now: partScore });
  const danced = rows.some(({ now }) => now !== null);
  view.end({ title: word(ended === "done" ? "drill_end_done" : "drill_end_stopped"), rows: danced ? rows : [], note });
}

function markOf(plan) {
  const step = plan.next();
  return step && step.moment !== null ? { moment: step.moment, rateAt: plan.rates.indexOf(step.rate) } : null;
}

function pausePlayer(root) {
  const play = root.querySelector('[data-player="play"]');
  if (play?.getAttribute("aria-label") === word("player_pause")) play.click();
}
