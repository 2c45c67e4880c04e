import { html } from "../lib/dom.js";
import { lengthOf } from "../lib/format.js";
import { word } from "../lib/words.js";
import { rememberedTakes, suggestedLevel } from "./aids.js";
import { ClipRecorder } from "./clip-recorder.js";
import { ASSUMED_MS, measured } from "./latency.js";
import { keepSettings, settings } from "./settings.js";
import { VoiceCommands } from "./voice-commands.js";

const LEVEL_WORDS = { 2: "live_try_some", 0: "live_try_none" };

/** The choices before a dance: shown as they were left, kept as they are changed. */
export class SetupForm {
  constructor({ root, payload, slug, scope }) {
    Object.assign(this, { payload, slug });
    this.part = (name) => root.querySelector(`[data-live="${name}"]`);
    this.form = this.part("setup");
    this.#fill(settings());
    scope.listen(this.form, "change", () => {
      keepSettings(this.choices);
      this.show();
    });
    this.part("voice-row").hidden = !VoiceCommands.offered;
    if (!ClipRecorder.offered) this.form.elements.keep[1].closest("label").hidden = true;
    this.listCameras();
    this.show();
  }

  get choices() {
    const { elements: of } = this.form;
    return {
      aids: Number(of.aids.value),
      rate: Number(of.rate.value),
      mirror: of.mirror.checked,
      camera: of.camera.value,
      clicks: of.clicks.checked,
      cue: of.cue.checked,
      gestures: of.gestures.checked,
      voice: of.voice.checked && VoiceCommands.offered,
      keepVideo: of.keep.value === "video",
      mic: of.keep.value === "video" && of.mic.checked,
    };
  }

  /** The stretch to dance as [from, to] in seconds of the guide; `endS` stands for its end, which only the track knows. */
  stretch(endS) {
    const section = this.payload.player.sections[this.form.elements.part.value];
    return section ? [section.start_s, Math.min(section.end_s, endS)] : [0, endS];
  }

  show() {
    const { keepVideo, rate, aids } = this.choices;
    this.part("mic-row").hidden = !keepVideo;
    this.part("slow-note").hidden = rate === 1;
    const [fromS, toS] = this.stretch(Infinity);
    this.part("length").textContent = Number.isFinite(toS) ? lengthOf((toS - fromS) / rate) : "";
    const lower = suggestedLevel(rememberedTakes(this.slug), aids);
    this.part("suggestion").hidden = lower === null;
    this.part("suggestion").textContent = lower === null ? "" : word(LEVEL_WORDS[lower]);
    this.#showLatency();
  }

  /** Cameras have names only once one of them was allowed. */
  async listCameras() {
    const devices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    const cameras = devices.filter(({ kind, label, deviceId }) => kind === "videoinput" && label && deviceId);
    const select = this.part("camera");
    const chosen = select.value || settings().camera;
    select.replaceChildren(select.options[0], ...cameras.map(({ deviceId, label }) => html("option", { value: deviceId }, label)));
    select.value = cameras.some(({ deviceId }) => deviceId === chosen) ? chosen : "";
    this.part("camera-row").hidden = cameras.length < 2;
  }

  #fill(kept) {
    const { elements: of } = this.form;
    of.aids.value = String(kept.aids);
    of.rate.value = String(kept.rate);
    for (const name of ["mirror", "clicks", "cue", "gestures", "voice"]) of[name].checked = kept[name];
  }

  #showLatency() {
    const known = measured();
    const date = known && new Date(known.date).toLocaleDateString(document.documentElement.lang);
    this.part("latency").textContent = known
      ? word("live_latency_known", { ms: known.latencyMs, date })
      : word("live_latency_assumed", { ms: ASSUMED_MS });
  }
}
