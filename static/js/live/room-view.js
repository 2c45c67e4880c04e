import { readTokens } from "../lib/colours.js";
import { asMatrix, placeBox } from "../lib/geometry.js";
import { REDUCED_MOTION } from "../lib/scope.js";
import { word } from "../lib/words.js";
import { drawLabels, drawSkeleton, limbBox } from "../player/draw.js";
import { layoutOf } from "./layout.js";
import { drawShape, lagWords, streakAfter, verdictWord } from "./verdicts.js";

const MOST_DOTS = 2; // of the screen's: a skeleton over a moving picture needs no more
const STALE_MS = 400;
const MOST_LABELS = 2;
const VERDICT_MS = 2600;
const NEWS_MS = 2000;
const TALL_SHARE = 0.0105;
const NO_LIMBS = new Set();

/** What is seen in the room: two pictures with their skeletons on one canvas, and a few large words above them. */
export class RoomView {
  swapped = false;
  mirrorGuide = true;
  #size = { width: 1, height: 1 };
  #still = false;
  #streak = 0;
  #told = null;
  #toldMs = -Infinity;
  #untell = () => {};

  /** @param {{root: HTMLElement, skeleton: object, scope: Scope}} setup root: templates/partials/room.html */
  constructor({ root, skeleton, scope }) {
    this.root = root;
    this.skeleton = skeleton;
    this.scope = scope;
    const parts = Object.fromEntries([...root.querySelectorAll("[data-room]")].map((part) => [part.dataset.room, part]));
    this.part = (name) => parts[name];
    this.canvas = this.part("canvas");
    this.ctx = this.canvas.getContext("2d");
    this.tokens = readTokens(root);
    this.font = getComputedStyle(root).fontFamily;
    scope.media(REDUCED_MOTION, (still) => (this.#still = still));
    scope.observe(new ResizeObserver(() => this.#resize()), root);
    scope.listen(this.part("swap"), "click", () => (this.swapped = !this.swapped));
    this.#resize();
  }

  /** Shows both: the camera's picture, and the guide's where it has one. */
  open({ camera, guide }) {
    this.camera = camera;
    this.guide = guide;
    const media = this.part("media");
    media.append(camera.video);
    camera.video.className = "room__video";
    if (guide.hasVideo) {
      guide.medium.element.className = "room__video room__video--guide";
      media.append(guide.medium.element);
    }
    for (const video of media.children) {
      video.tabIndex = -1;
      video.setAttribute("aria-hidden", "true");
    }
    this.part("swap").hidden = false;
    this.scope.add(() => media.replaceChildren());
  }

  /** What the room is doing: "loading", "gate", "counting", "dancing", "clapping", "asking". Styles follow it. */
  enter(state) {
    this.root.dataset.state = state;
    this.part("gate").hidden = state !== "gate";
    this.part("waiting").hidden = state !== "loading";
    if (state !== "counting" && state !== "dancing") this.showCount(null);
    if (state !== "dancing") this.part("verdict").hidden = true;
    if (state === "counting") this.#streak = 0;
  }

  showWaiting(sentence, share = null) {
    const bar = this.part("waiting-bar");
    this.part("waiting-say").textContent = sentence;
    if (share === null) bar.removeAttribute("value");
    else bar.value = Math.round(share * 100);
  }

  /** @param {{state: string, missing: string[], share: number}} look the gate's answer */
  showGate({ state, missing, share }) {
    const key = state === "missing" ? `live_gate_${missing[0]}` : `live_gate_${state}`;
    const sentence = word(key);
    const say = this.part("gate-say");
    if (say.textContent !== sentence) {
      say.textContent = sentence;
      this.tell(sentence);
    }
    this.part("hold").value = Math.round(share * 100);
    for (const part of this.part("figure").children) part.classList.toggle("is-missing", state === "nobody" || missing.includes(part.dataset.part));
    this.part("tick").toggleAttribute("hidden", state !== "ready");
  }

  showCount(count) {
    const element = this.part("count");
    const text = count === null ? "" : String(count);
    if (element.textContent !== text) element.textContent = text;
    element.hidden = count === null;
  }

  /** @param {string} sentence a line for the moment, or "" */
  showNote(sentence) {
    this.part("note").textContent = sentence;
    this.part("note").hidden = sentence === "";
  }

  showVerdict(eight) {
    this.#streak = streakAfter(this.#streak, eight.verdict);
    const box = this.part("verdict");
    box.dataset.verdict = eight.verdict ?? "none";
    drawShape(this.part("shape"), eight.verdict);
    this.part("word").textContent = verdictWord(eight.verdict);
    this.#line("streak", this.#streak > 1 ? word("live_streak", { n: this.#streak }) : "");
    this.#line("lag", lagWords(eight.lagMs));
    box.hidden = false;
    this.#untell();
    this.#untell = this.scope.timeout(() => (box.hidden = true), VERDICT_MS);
    this.tell([verdictWord(eight.verdict), lagWords(eight.lagMs)].filter(Boolean).join(", "));
  }

  /** For screen readers, politely: at most every two seconds, and then the newest. */
  tell(sentence) {
    this.#told?.();
    const waitMs = Math.max(0, this.#toldMs + NEWS_MS - performance.now());
    this.#told = this.scope.timeout(() => {
      this.#toldMs = performance.now();
      this.part("news").textContent = sentence;
    }, waitMs);
  }

  flash() {
    this.root.classList.add("is-flashing");
    this.scope.timeout(() => this.root.classList.remove("is-flashing"), 120);
  }

  /**
   * @param {{guideS: number, seen: {pose: object, ms: number}|null, wrong: string[], aids: object, nowMs: number}} now
   */
  draw({ guideS, seen, wrong, aids, nowMs }) {
    if (this.#isAlone) this.swapped = false;
    const layout = this.#layout();
    this.#placeVideos(layout, guideS);
    const { ctx } = this;
    ctx.clearRect(0, 0, this.#size.width, this.#size.height);
    const drawMe = () => this.#drawMe(layout.me, seen && nowMs - seen.ms < STALE_MS ? seen.pose : null, wrong, aids);
    const drawGuide = () => this.#drawGuide(layout.guide, guideS);
    const [large, small] = this.swapped ? [drawGuide, drawMe] : [drawMe, drawGuide];
    large();
    if (this.#isAlone) return;
    this.#openCorner(layout.small);
    small();
  }

  #layout() {
    const [width, height] = this.camera.sizePx;
    const { guide } = this;
    const style = getComputedStyle(this.root);
    const layout = layoutOf({
      stage: this.#size,
      me: { x: 0, y: 0, width, height },
      guide: guide.hasVideo || !guide.box ? guide.picture : guide.box,
      guideIsPicture: guide.hasVideo,
      swapped: this.swapped,
      mirrorGuide: this.mirrorGuide,
      inset: { x: parseFloat(style.paddingLeft) || 0, y: parseFloat(style.paddingTop) || 0 },
    });
    this.#placeSwap(layout.small);
    return layout;
  }

  #placeSwap({ x, y, width, height }) {
    const { style } = this.part("swap");
    setStyle(style, "transform", `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`);
    setStyle(style, "width", `${width.toFixed(1)}px`);
    setStyle(style, "height", `${height.toFixed(1)}px`);
    const tag = this.part("swap-tag");
    const name = word(this.swapped ? "live_you" : "live_guide");
    if (tag.textContent === name) return;
    tag.textContent = name;
    tag.classList.toggle("room__tag--me", this.swapped);
    tag.classList.toggle("room__tag--guide", !this.swapped);
  }

  #placeVideos(layout, guideS) {
    const [width, height] = this.camera.sizePx;
    placeVideo(this.camera.video, { width, height }, layout.me, this.swapped ? 1 : 0);
    if (!this.guide.hasVideo) return;
    placeVideo(this.guide.medium.element, this.guide.picture, layout.guide, this.swapped ? 0 : 1);
    setStyle(this.guide.medium.element.style, "opacity", this.#isAlone ? "0" : this.guide.shows(guideS) ? "1" : "0.3");
  }

  // Before it begins, whoever steps back looks at nothing but the own picture.
  get #isAlone() {
    const { state } = this.root.dataset;
    return state !== "counting" && state !== "dancing";
  }

  // The corner's own ground, so that the large skeleton does not run through the small picture.
  #openCorner({ x, y, width, height }) {
    const { ctx } = this;
    ctx.clearRect(x, y, width, height);
    if (this.swapped || this.guide.hasVideo) return;
    ctx.globalAlpha = 0.78;
    ctx.fillStyle = this.tokens.stage;
    ctx.fillRect(x, y, width, height);
    ctx.globalAlpha = 1;
  }

  #drawGuide({ place, panel }, guideS) {
    const pose = this.guide.poseAt(guideS, this.guide.hasVideo);
    if (!pose) return;
    this.#clipped(panel, () =>
      drawSkeleton(this.ctx, this.skeleton, pose, place, {
        ...this.#look(lineWidth(this.guide.box?.height, place.d)),
        colourOf: () => this.tokens.guide,
        head: !this.guide.hasVideo,
        wrong: NO_LIMBS,
      }),
    );
  }

  #drawMe({ place, panel }, pose, wrong, aids) {
    if (!pose || !(aids.bones || (aids.wrong && wrong.length))) return;
    const limbs = aids.wrong ? wrong : [];
    const shown = aids.bones ? pose : onlyLimbs(this.skeleton, pose, limbs);
    this.#clipped(panel, () => {
      drawSkeleton(this.ctx, this.skeleton, shown, place, {
        ...this.#look(lineWidth(tallOf(this.skeleton, pose), place.d)),
        colourOf: () => this.tokens.me,
        head: false,
        wrong: new Set(limbs),
      });
      drawLabels(this.ctx, this.#labels(limbs, pose, place), panel, { font: this.font, shade: this.tokens.night, amber: this.tokens.wrong });
    });
  }

  #look(width) {
    return { joint: this.tokens.paper, shade: this.tokens.night, amber: this.tokens.wrong, glow: !this.#still, width };
  }

  #clipped(panel, draw) {
    const { ctx } = this;
    ctx.save();
    ctx.beginPath();
    ctx.rect(panel.x, panel.y, panel.width, panel.height);
    ctx.clip();
    draw();
    ctx.restore();
  }

  #labels(limbs, pose, place) {
    const trunk = limbBox(this.skeleton, "torso", pose, place);
    return limbs
      .slice(0, MOST_LABELS)
      .map((limb) => ({ text: word(`limb_${limb}`), limb: limbBox(this.skeleton, limb, pose, place) }))
      .filter(({ limb }) => limb !== null)
      .map((label) => ({ ...label, towards: trunk && label.limb.x + label.limb.width / 2 < trunk.x + trunk.width / 2 ? -1 : 1 }));
  }

  #line(name, text) {
    this.part(name).textContent = text;
    this.part(name).hidden = text === "";
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.root;
    if (width === 0 || height === 0) return;
    const dots = Math.min(devicePixelRatio || 1, MOST_DOTS);
    this.#size = { width, height };
    this.canvas.width = Math.round(width * dots);
    this.canvas.height = Math.round(height * dots);
    this.ctx.setTransform(dots, 0, 0, dots, 0, 0);
  }
}

/** The pose with only the joints of some limbs left to draw. */
function onlyLimbs(skeleton, pose, limbs) {
  const kept = new Set(skeleton.bones.filter((bone) => limbs.includes(bone.limb)).flatMap(({ start, end }) => [start, end]));
  return { ...pose, conf: pose.conf.map((conf, joint) => (kept.has(joint) ? conf : 0)) };
}

function tallOf(skeleton, pose) {
  const ys = skeleton.joints.map((_, joint) => (pose.conf[joint] > 0.3 ? pose.xyPx[joint * 2 + 1] : NaN)).filter((y) => !Number.isNaN(y));
  return ys.length ? Math.max(...ys) - Math.min(...ys) : 400;
}

// Lines as thick as a limb is long, so that a small dancer is not a knot and a large one no wire.
function lineWidth(tallPx, scale) {
  return Math.min(Math.max((tallPx ?? 400) * 1.2 * scale * TALL_SHARE, 1.6), 9);
}

function placeVideo(video, { width, height }, { place, panel }, layer) {
  const { style } = video;
  setStyle(style, "width", `${width}px`);
  setStyle(style, "height", `${height}px`);
  setStyle(style, "zIndex", String(layer));
  setStyle(style, "transform", `matrix(${asMatrix(place).map((value) => value.toFixed(4)).join(",")})`);
  setStyle(style, "clipPath", clipTo(panel, place, { x: 0, y: 0, width, height }));
}

function clipTo(panel, place, picture) {
  const box = placeBox(place, picture);
  const cut = [panel.y - box.y, box.x + box.width - panel.x - panel.width, box.y + box.height - panel.y - panel.height, panel.x - box.x];
  const [top, right, bottom, left] = cut.map((px) => Math.max(0, px / place.d));
  const sides = place.a < 0 ? [top, left, bottom, right] : [top, right, bottom, left];
  return cut.some((px) => px > 0.5) ? `inset(${sides.map((px) => `${px.toFixed(1)}px`).join(" ")})` : "none";
}

function setStyle(style, name, value) {
  if (style[name] !== value) style[name] = value;
}
