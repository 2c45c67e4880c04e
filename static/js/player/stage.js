import { readTokens } from "../lib/colours.js";
import { asMatrix, compose, contain, insetsOf, leanOf, mirrorInside, moved, overlapOf, panelsOf, placeBox, torsoFit } from "../lib/geometry.js";
import { REDUCED_MOTION } from "../lib/scope.js";
import { mirroredLimb } from "../lib/skeleton.js";
import { limbsWrongNow } from "../lib/timeline.js";
import { word } from "../lib/words.js";
import { drawFloor, drawLabels, drawSkeleton, drawTrails, labelFont, limbBox } from "./draw.js";

const FIT_STEP_S = 0.1;
const MOST_LABELS = 2;
const MOST_DOTS = 3;
const OUTSIDE_OPACITY = 0.3;
const CONTROLS_PX = 76;
const NO_LIMBS = new Set();
const written = new WeakMap();

/** The picture: videos below, one canvas with the skeletons above, both placed by the same numbers. */
export class Stage {
  /** The track's time that was last drawn for each side, null where nothing was. */
  drawn = {};
  /** The dancers stand in the 3D view: what is left here is their videos, small. */
  inset = false;
  #size = { width: 1, height: 1 };
  #still = false;
  #fit = null;
  #shownView = "";
  #besideTag = [0, 0];
  #tagWidth = 0;
  #dots = 0;
  #drawnS = null;
  #isPreview = false;

  /** @param {{elements: object, sides: Side[], comparison: object|undefined, options: Options, scope: Scope}} setup */
  constructor({ elements, sides, comparison, options, scope }) {
    this.elements = elements;
    this.sides = sides;
    this.comparison = comparison;
    this.options = options;
    this.ctx = elements.canvas.getContext("2d");
    scope.media(REDUCED_MOTION, (still) => (this.#still = still));
    scope.media("(prefers-color-scheme: dark)", () => (this.tokens = readTokens(elements.stage)));
    scope.observe(new ResizeObserver(() => this.#resize()), elements.stage);
    this.font = getComputedStyle(elements.stage).fontFamily;
    this.#resize();
  }

  /** The sides have loaded: show their videos and fit the attempt to the guide. */
  open() {
    for (const side of this.sides) {
      if (!side.hasVideo) continue;
      side.medium.element.className = `player__video player__video--${side.name}`;
      side.medium.element.tabIndex = -1;
      side.medium.element.setAttribute("aria-hidden", "true");
      this.elements.media.append(side.medium.element);
    }
    this.#fit = this.#fitSides();
  }

  /** The attempt was moved against the guide. As a preview, what was wrong at which moment does not hold. */
  shifted(overlapS, isPreview) {
    this.#isPreview = isPreview;
    this.#fit = this.#fitSides(overlapS);
  }

  /** Whether the take is shown where nobody has judged it. */
  get isPreview() {
    return this.#isPreview;
  }

  draw(tS) {
    const { view } = this.options;
    this.#drawnS = tS;
    if (devicePixelRatio !== this.#dots) this.#resize();
    const sides = this.#placed(tS);
    this.#showView(view);
    // Some browsers go on showing what was cleared as long as nothing new is drawn.
    setStyle(this.elements.canvas.style, "visibility", this.inset && !sides.some(({ side }) => this.#showsVideo(side)) ? "hidden" : "");
    this.ctx.clearRect(0, 0, this.#size.width, this.#size.height);
    for (const shown of sides) this.#drawSide(shown, tS);
    // Last: text on a canvas has the browser bring all styles up to date, once more if any was changed before.
    this.#placeVideos(sides, tS);
  }

  /** Each side with its panel and the place of its picture. */
  #placed(tS) {
    const { view, mirror } = this.options;
    const shown = this.sides.filter((side) => side.track || side.hasVideo);
    const wholes = shown.map((side) => this.#content(side, side.box));
    const contents = shown.map((side) => this.#content(side, side.track && side.boxAt(tS + side.offsetS)));
    const panels = this.inset ? insetsOf(this.#size, wholes) : panelsOf(this.#size, wholes, view);
    const placed = shown.map((side, i) => {
      const video = this.#showsVideo(side);
      const place = contain(contents[i], video ? panels[i] : aboveControls(panels[i], this.#size), video && !this.inset ? leanOf(panels, i) : undefined);
      const flipped = mirror !== (side.name === "me" && Boolean(this.comparison?.mirrored));
      return { side, panel: panels[i], place: flipped ? mirrorInside(place, contents[i]) : place };
    });
    return this.#fitted(placed, tS);
  }

  // Over each other, and as bare skeletons, the attempt takes the guide's size and place.
  #fitted(placed, tS) {
    const [guide, me] = placed;
    if (!me || !this.#fit || this.options.view === "side" || this.inset) return placed;
    const onGuide = moved(guide.place, me.panel.x - guide.panel.x, me.panel.y - guide.panel.y);
    // Of the picture on screen, which a cut may have come to a frame earlier or later than the clock.
    const ownS = me.side.ownTime(tS, this.#showsVideo(me.side));
    const fit = this.#fit(ownS - me.side.offsetS, this.#shotsAt(ownS - me.side.offsetS));
    return [guide, { ...me, place: compose(onGuide, fit) }];
  }

  /** Between two values of this lies a cut, in the guide or in the take. */
  #shotsAt(tS) {
    return this.sides.map((side) => side.shotAt(tS + side.offsetS)).join();
  }

  #content(side, box) {
    return this.#showsVideo(side) || !box ? side.picture : box;
  }

  #showsVideo(side) {
    return side.hasVideo && this.options.video && (this.options.view !== "bones" || this.inset);
  }

  #placeVideos(placed, tS) {
    for (const { side, place, panel } of placed) {
      if (!side.hasVideo) continue;
      const { style } = side.medium.element;
      const shows = this.#showsVideo(side);
      const over = this.options.view === "over" && !this.inset && side.name === "me" && this.sides.some((other) => other !== side && this.#showsVideo(other));
      const dimmed = side.shows(tS) ? 1 : OUTSIDE_OPACITY;
      setStyle(style, "opacity", shows ? String((over ? 0.5 : 1) * dimmed) : "0");
      if (!shows) continue;
      const { width, height } = side.picture;
      setStyle(style, "width", `${width}px`);
      setStyle(style, "height", `${height}px`);
      setStyle(style, "transform", `matrix(${asMatrix(place).map((value) => value.toFixed(4)).join(",")})`);
      setStyle(style, "clipPath", clipTo(panel, place, side.picture));
    }
  }

  #showView(view) {
    const shown = `${view} ${this.sides.length}`;
    if (shown === this.#shownView) return;
    this.#shownView = shown;
    this.#tagWidth = 0;
    this.elements.stage.dataset.view = view;
  }

  #drawSide({ side, panel, place }, tS) {
    const { ctx, options } = this;
    const scale = place.d;
    const bare = !this.#showsVideo(side);
    if (bare && this.inset) return this.#withoutInset(side);
    ctx.save();
    ctx.beginPath();
    ctx.rect(panel.x, panel.y, panel.width, panel.height);
    ctx.clip();
    const box = side.track && side.boxAt(tS + side.offsetS);
    if (bare && box?.floorY && !(options.view === "over" && side.name === "me")) {
      drawFloor(ctx, place.d * (box.floorY + 0.01 * box.height) + place.f, panel, this.tokens.line);
    }
    const shown = bare ? panel : overlapOf(panel, placeBox(place, side.picture));
    const pose = options.bones || bare ? side.poseAt(tS, !bare) : null;
    this.drawn[side.name] = pose ? this.#toldTime(side, tS, bare) : null;
    if (pose) this.#drawDancer({ side, panel: shown, place, pose, bare, width: lineWidth(box?.height ?? side.picture.height, scale) * (bare ? 1.6 : 1) }, tS);
    ctx.restore();
    this.#placeTag(side, shown);
  }

  #withoutInset(side) {
    this.drawn[side.name] = null;
    this.#placeTag(side, this.#size);
  }

  #toldTime({ medium, offsetS }, tS, bare) {
    return bare ? tS + offsetS : medium.pictureS;
  }

  #drawDancer({ side, panel, place, pose, bare, width }, tS) {
    const { ctx, tokens, comparison } = this;
    const colour = tokens[side.name];
    if (bare && this.sides.length === 1 && !this.#still) drawTrails(ctx, side.trailsAt(tS), place, colour, width);
    const wrong = this.#wrongLimbs(side, tS);
    const classic = this.options.view === "bones" && comparison !== undefined;
    drawSkeleton(ctx, side.skeleton, pose, place, {
      colourOf: classic ? (bone) => tokens.classic[bone.part] : () => colour,
      joint: tokens.paper,
      shade: tokens.night,
      amber: tokens.wrong,
      glow: !this.#still,
      head: bare,
      wrong: wrong.length ? new Set(wrong) : NO_LIMBS,
      width,
    });
    if (this.inset) return;
    drawLabels(ctx, this.#labels(side, wrong, pose, place), panel, { font: this.font, shade: tokens.night, amber: tokens.wrong });
  }

  // The timeline names the guide's limbs; a dancer who danced the mirror image used the other one.
  #wrongLimbs(side, tS) {
    if (side.name !== "me" || !this.comparison || this.#isPreview) return [];
    const limbs = limbsWrongNow(this.comparison, tS);
    return this.comparison.mirrored ? limbs.map(mirroredLimb) : limbs;
  }

  #labels(side, wrong, pose, place) {
    if (wrong.length === 0) return wrong;
    const trunk = limbBox(side.skeleton, "torso", pose, place);
    return wrong
      .slice(0, MOST_LABELS)
      .map((limb) => ({ text: word(`limb_${limb}`), limb: limbBox(side.skeleton, limb, pose, place) }))
      .filter(({ limb }) => limb !== null)
      .map((label) => ({ ...label, towards: trunk && label.limb.x + label.limb.width / 2 < trunk.x + trunk.width / 2 ? -1 : 1 }));
  }

  #placeTag(side, shown) {
    const tag = this.elements.tags[side.name];
    const beside = (this.options.view === "over" || this.inset) && side.name === "me";
    const [x, y] = beside ? this.#besideTag : this.inset ? [0, 0] : [shown.x, shown.y];
    if (side.name === "guide") this.#besideTag = [x + this.#widthOf(tag) + 4, y];
    setStyle(tag.style, "transform", `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`);
  }

  // Read once: asking for a width in every frame would have the page laid out in every frame.
  #widthOf(tag) {
    if (!this.#tagWidth) this.#tagWidth = tag.offsetWidth;
    return this.#tagWidth;
  }

  #fitSides([fromS, toS] = this.comparison?.overlap_s ?? []) {
    const [guide, me] = this.sides;
    if (!me?.track || !guide.track || !this.comparison) return null;
    const samples = [];
    for (let tS = fromS; tS <= toS; tS += FIT_STEP_S) {
      samples.push({ tS, shot: this.#shotsAt(tS), guide: guide.torsoAt(tS), attempt: me.torsoAt(tS) });
    }
    return torsoFit(samples, this.comparison.mirrored ? me.picture.width : null);
  }

  redraw() {
    if (this.#drawnS !== null) this.draw(this.#drawnS);
  }

  #resize() {
    const { canvas, stage } = this.elements;
    const { clientWidth: width, clientHeight: height } = stage;
    if (width === this.#size.width && height === this.#size.height && devicePixelRatio === this.#dots) return;
    this.#dots = devicePixelRatio;
    this.#tagWidth = 0;
    const dots = Math.min(this.#dots || 1, MOST_DOTS);
    this.#size = { width, height };
    canvas.width = Math.round(width * dots);
    canvas.height = Math.round(height * dots);
    this.ctx.setTransform(dots, 0, 0, dots, 0, 0);
    this.ctx.font = labelFont(this.font);
    // A canvas of a new size is empty: waiting for the next frame would flash.
    this.redraw();
  }
}

// A bare skeleton stands above the floating controls; a video may lie below them.
function aboveControls(panel, stage) {
  const room = panel.y + panel.height >= stage.height ? CONTROLS_PX : 0;
  return { ...panel, height: Math.max(panel.height - room, panel.height / 2) };
}

// Lines as thick as a limb is long, so that a small dancer is not a knot and a large one no wire.
function lineWidth(tall, scale) {
  return Math.min(Math.max(tall * scale * 0.0105, 2.2), 8);
}

function clipTo(panel, place, picture) {
  const box = placeBox(place, picture);
  const cut = [panel.y - box.y, box.x + box.width - panel.x - panel.width, box.y + box.height - panel.y - panel.height, panel.x - box.x];
  const [top, right, bottom, left] = cut.map((px) => Math.max(0, px / place.d));
  const sides = place.a < 0 ? [top, left, bottom, right] : [top, right, bottom, left];
  return cut.some((px) => px > 0.5) ? `inset(${sides.map((px) => `${px.toFixed(1)}px`).join(" ")})` : "none";
}

// What was written is remembered: a browser gives it back in other words, and asking it costs as well.
function setStyle(style, name, value) {
  if (!written.has(style)) written.set(style, {});
  const before = written.get(style);
  if (before[name] === value) return;
  before[name] = value;
  style[name] = value;
}
