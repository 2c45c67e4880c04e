import { word } from "../lib/words.js";
import { meanScore, rememberTake } from "../live/aids.js";
import { EndView } from "../live/end-view.js";
import { LiveError } from "../live/error.js";
import { forget, keepDraft, keepTake } from "../live/keeper.js";
import { keepMeasured } from "../live/latency.js";
import { reportPractice } from "../live/report.js";
import { Room } from "../live/room.js";
import { SendError, sendTake } from "../live/sender.js";
import { SetupForm } from "../live/setup-form.js";

const LEAST_TAKE_S = 8;
const ASK_MS = 8000;
const LEAST_POSES_PER_S = 6; // with fewer, moves go unseen between them

/** The page of dancing live: choices, the room, and what becomes of the take. Data: the json_script that data-live-data names. */
export default function mount(root, scope) {
  new LivePage(root, scope);
}

class LivePage {
  #room = null;
  #take = null;
  #sending = null;

  constructor(root, scope) {
    Object.assign(this, { root, scope, slug: root.dataset.slug });
    this.payload = JSON.parse(document.getElementById(root.dataset.liveData).textContent);
    this.part = (name) => root.querySelector(`[data-live="${name}"]`);
    this.setup = new SetupForm({ root, payload: this.payload, slug: this.slug, scope });
    this.end = new EndView({ root, player: this.payload.player });
    scope.listen(this.setup.form, "submit", (event) => {
      event.preventDefault();
      this.#dance();
    });
    const presses = {
      retry: () => this.#dance(),
      again: () => this.#dance(),
      change: () => {
        this.#show("setup");
        this.part("go").focus();
      },
      send: () => this.#send(),
      drop: () => this.#drop(),
      calibrate: () => this.#measure(),
    };
    for (const [name, press] of Object.entries(presses)) scope.listen(this.part(name), "click", press);
    scope.listen(window, "beforeunload", (event) => this.#take && !this.#take.isKept && event.preventDefault());
    this.part("go").disabled = false; // pressed earlier, it would only load the page again
    root.dataset.ready = "true";
  }

  async #dance() {
    const choices = this.setup.choices;
    if (!(await this.#openRoom(choices))) return;
    try {
      do {
        if (!(await this.#room.ready())) return this.#leave();
      } while (await this.#danceOnce(choices));
    } finally {
      this.#closeRoom();
    }
  }

  /** Answers whether to go again. */
  async #danceOnce(choices) {
    const room = this.#room;
    const [fromS, toS] = this.setup.stretch(room.durationS);
    const { aids, rate, keepVideo } = choices;
    const take = this.#newTake();
    let draft = null;
    const onDraft = ({ recording, offsetS }) => (draft = keepDraft({ ...take, track: recording.toTrack(), offsetS }));
    const result = await room.dance({ fromS, toS, rate, aids, record: rate === 1, keepVideo, onDraft });
    await draft; // or it could overwrite the whole take
    if (!(await this.#keep(take, result, choices)) && draft) await forget(take.id);
    this.#report(result, choices);
    this.#showEnd(result, choices);
    if (this.#take && result.ended === "end") this.#send();
    return result.ended === "end" && (await room.askAgain(ASK_MS));
  }

  async #openRoom(choices) {
    this.#show("room");
    try {
      this.#room = await Room.open({ root: this.root.querySelector('[data-room="root"]'), payload: this.payload, scope: this.scope, choices });
    } catch (error) {
      if (!(error instanceof LiveError)) throw error;
      this.#failed(error);
      return false;
    }
    this.setup.listCameras();
    return true;
  }

  #closeRoom() {
    this.#room?.close();
    this.#room = null;
    if (this.root.dataset.page === "end") this.part("end-title").focus(); // out of reach while the room lay over it
    this.#goToResult();
  }

  // Stopped before the dance began.
  #leave() {
    const code = this.#room.lostCode;
    if (code) this.#failed(new LiveError(code));
    else this.#show("setup");
  }

  #failed(error) {
    if (error.code === "stopped") return this.#show("setup");
    this.#show("problem");
    this.part("problem-text").textContent = error.sentence;
    this.part("problem").focus();
  }

  #show(page) {
    this.root.dataset.page = page;
    this.part("problem").hidden = page !== "problem";
    this.setup.form.hidden = page !== "setup";
    if (page !== "end") this.end.hide();
    if (page === "setup") this.setup.show();
  }

  #newTake() {
    const { takes, clip } = this.payload.urls;
    const [id, danced_at] = [crypto.randomUUID(), new Date().toISOString()];
    return { id, takesUrl: takes, clipUrl: clip, slug: this.slug, title: this.root.dataset.title, danced_at };
  }

  /** Answers whether there is a take to keep. */
  async #keep(begun, { recording, clip, offsetS, dancedS }, { keepVideo }) {
    this.#take = null;
    if (!recording || dancedS < LEAST_TAKE_S) return false;
    const take = { ...begun, offsetS, kdt: await recording.toKdt(), clip: keepVideo ? clip : null };
    this.#take = { take, isKept: false, url: null };
    // Without storage the take lives as long as this page, which asks before it is left.
    this.#take.isKept = (await keepTake(take)).isKept;
    return true;
  }

  #report({ eights, dancedS }, { aids, rate }) {
    if (dancedS <= 0) return;
    const score = meanScore(eights);
    if (score !== null && rate === 1) rememberTake(this.slug, { aids, score });
    const id = this.#take?.take.id; // by which the server knows that the take is the same dance
    reportPractice({ url: this.payload.urls.report, slug: this.slug, kind: "live", dancedS, eights, rate, id });
  }

  #showEnd(result, { rate }) {
    this.#show("end");
    const title = word(result.ended === "end" ? "live_end_done" : "live_end_stopped");
    this.end.show({ eights: result.eights, title, lead: leadOf(result, rate) });
    this.end.showSending("");
    this.part("send").hidden = this.part("drop").hidden = !this.#take;
  }

  async #send() {
    const kept = this.#take;
    if (!kept || this.#sending === kept) return;
    this.#sending = kept;
    this.part("send").hidden = true;
    this.end.showSending(word("live_sending"), 0);
    try {
      const onProgress = (share) => this.#take === kept && this.end.showSending(word("live_sending"), share);
      kept.url = (await sendTake(kept.take, { onProgress, signal: this.scope.signal })).url;
      kept.isKept = true;
      await forget(kept.take.id);
      if (this.#take !== kept) return;
      this.part("drop").hidden = true;
      this.end.showSending(word("live_sent"), 1);
      this.#goToResult();
    } catch (error) {
      if (!(error instanceof SendError)) {
        if (this.scope.disposed) return;
        throw error;
      }
      if (this.#take === kept) this.#notSent(error);
    } finally {
      if (this.#sending === kept) this.#sending = null;
    }
  }

  #notSent({ code, sentence, isFinal }) {
    const where = word(this.#take.isKept ? "live_kept" : "live_not_kept");
    const isSaid = isFinal || (code === "offline" && this.#take.isKept); // that it is kept
    this.end.showSending(isSaid ? sentence : `${sentence} ${where}`);
    this.part("send").hidden = isFinal;
    this.part("drop").hidden = false;
  }

  // Whoever dances again is not taken away from it.
  #goToResult() {
    if (this.#take?.url && !this.#room && this.root.dataset.page === "end") location.assign(this.#take.url);
  }

  async #drop() {
    const { take } = this.#take;
    this.#take = null;
    await forget(take.id);
    this.end.showSending(word("live_dropped"));
    this.part("send").hidden = this.part("drop").hidden = true;
    this.part("again").focus();
  }

  async #measure() {
    if (!(await this.#openRoom({ ...this.setup.choices, voice: false, gestures: false }))) return;
    const measured = await this.#room.measureLatency();
    const lost = this.#room.lostCode;
    this.#room.close();
    this.#room = null;
    if (lost) return this.#failed(new LiveError(lost));
    this.#show("setup");
    if (!measured) return;
    if (measured.isGood) keepMeasured(measured);
    this.setup.show();
    this.part("latency").textContent = measured.isGood
      ? word("live_latency_found", { ms: measured.latencyMs, spread: measured.spreadMs })
      : word("live_latency_poor", { matched: measured.matched });
    this.part("calibrate").focus();
  }
}

function leadOf({ ended, why, dancedS, posesPerS, eights }, rate) {
  if (ended === "lost") return new LiveError(why).sentence;
  if (why === "hidden") return word("live_hidden_end");
  if (why === "blocked") return word("player_blocked");
  if (rate !== 1) return word("live_end_slow");
  if (dancedS < LEAST_TAKE_S) return word("live_end_short", { n: LEAST_TAKE_S });
  if (eights.some(({ verdict }) => verdict !== null)) return "";
  return posesPerS < LEAST_POSES_PER_S ? word("live_end_too_slow", { n: Math.round(posesPerS) }) : word("live_end_unseen");
}
