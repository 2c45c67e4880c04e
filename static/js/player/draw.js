import { placeBox } from "../lib/geometry.js";

const LEAST_CONF = 0.08;
const SURE_CONF = 0.6;
const FAINTEST = 0.16;

/** How visible a joint of this confidence is: 0 not at all, 1 fully. */
export function visibility(conf) {
  if (!(conf >= LEAST_CONF)) return 0;
  return FAINTEST + (1 - FAINTEST) * Math.min(1, (conf - LEAST_CONF) / (SURE_CONF - LEAST_CONF));
}

/**
 * Draws one pose.
 * @param {object} look colourOf(bone), wrong (Set of limbs), amber, shade, width (stage px), glow (boolean)
 */
export function drawSkeleton(ctx, skeleton, pose, place, look) {
  const at = (joint) => [place.a * pose.xyPx[joint * 2] + place.e, place.d * pose.xyPx[joint * 2 + 1] + place.f];
  ctx.lineCap = "round";
  ctx.lineJoin = "round";
  const bones = skeleton.bones
    .map((bone) => ({ ...bone, alpha: Math.min(visibility(pose.conf[bone.start]), visibility(pose.conf[bone.end])) }))
    .filter(({ alpha }) => alpha > 0);
  for (const bone of bones) strokeBone(ctx, at(bone.start), at(bone.end), look.shade, boneWidth(bone, look) + 3, bone.alpha * 0.6);
  for (const bone of bones) {
    const wrong = look.wrong.has(bone.limb);
    if (wrong && look.glow) glowBone(ctx, at(bone.start), at(bone.end), look.amber, boneWidth(bone, look), bone.alpha);
    strokeBone(ctx, at(bone.start), at(bone.end), wrong ? look.amber : look.colourOf(bone), boneWidth(bone, look), bone.alpha);
  }
  drawJoints(ctx, skeleton, pose, at, look);
}

function boneWidth(bone, look) {
  if (bone.part === "head") return look.width * 0.5;
  return look.wrong.has(bone.limb) ? look.width * 1.7 : look.width;
}

function glowBone(ctx, from, to, amber, width, alpha) {
  strokeBone(ctx, from, to, amber, width * 3.6, alpha * 0.13);
  strokeBone(ctx, from, to, amber, width * 2.2, alpha * 0.22);
}

function strokeBone(ctx, from, to, colour, width, alpha) {
  ctx.globalAlpha = alpha;
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.beginPath();
  ctx.moveTo(from[0], from[1]);
  ctx.lineTo(to[0], to[1]);
  ctx.stroke();
}

function drawJoints(ctx, skeleton, pose, at, look) {
  ctx.fillStyle = look.joint;
  for (let joint = 0; joint < skeleton.joints.length; joint++) {
    const alpha = visibility(pose.conf[joint]);
    if (alpha === 0) continue;
    ctx.globalAlpha = alpha * (skeleton.derived[joint] ? 0.7 : 1);
    ctx.beginPath();
    const [x, y] = at(joint);
    ctx.arc(x, y, look.width * jointSize(skeleton, joint), 0, 2 * Math.PI);
    ctx.fill();
  }
  ctx.globalAlpha = 1;
}

function jointSize(skeleton, joint) {
  if (skeleton.face[joint]) return 0.3;
  return skeleton.derived[joint] ? 0.32 : 0.55;
}

/** The dance line: the way of the hands over the last moments, thin at its old end. */
export function drawTrails(ctx, trails, place, colour, width) {
  ctx.strokeStyle = colour;
  ctx.lineCap = "round";
  for (const trail of trails) {
    for (let i = 1; i < trail.length; i++) {
      if (!trail[i - 1] || !trail[i]) continue;
      const share = i / (trail.length - 1);
      ctx.globalAlpha = 0.4 * share * share;
      ctx.lineWidth = width * (0.3 + 1.5 * share);
      ctx.beginPath();
      ctx.moveTo(place.a * trail[i - 1][0] + place.e, place.d * trail[i - 1][1] + place.f);
      ctx.lineTo(place.a * trail[i][0] + place.e, place.d * trail[i][1] + place.f);
      ctx.stroke();
    }
  }
  ctx.globalAlpha = 1;
}

/** The floor of a side that has no picture: a line that fades out to both ends. */
export function drawFloor(ctx, y, panel, colour) {
  const line = ctx.createLinearGradient(panel.x, 0, panel.x + panel.width, 0);
  line.addColorStop(0, "transparent");
  line.addColorStop(0.25, colour);
  line.addColorStop(0.75, colour);
  line.addColorStop(1, "transparent");
  ctx.fillStyle = line;
  ctx.fillRect(panel.x, Math.round(y), panel.width, 1.5);
}

/** Names of the wrong limbs beside them, kept inside the panel and off each other. */
export function drawLabels(ctx, labels, panel, look) {
  ctx.font = `600 14px ${look.font}`;
  ctx.textBaseline = "middle";
  const taken = [];
  for (const { text, x, y } of labels) {
    const box = roomFor({ width: ctx.measureText(text).width + 20, height: 28, x, y }, panel, taken);
    taken.push(box);
    ctx.fillStyle = look.shade;
    ctx.strokeStyle = look.amber;
    ctx.lineWidth = 1.5;
    ctx.beginPath();
    ctx.roundRect(box.x, box.y, box.width, box.height, 14);
    ctx.globalAlpha = 0.88;
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.stroke();
    ctx.fillStyle = look.amber;
    ctx.fillText(text, box.x + 10, box.y + box.height / 2 + 1);
  }
}

/** A label's box: beside its point, away from the panel's middle, inside the panel, under labels that stand there already. */
export function roomFor({ width, height, x, y }, panel, taken) {
  const outward = x < panel.x + panel.width / 2 ? -1 : 1;
  const wish = outward < 0 ? x - width - 14 : x + 14;
  const left = Math.max(panel.x + 4, Math.min(wish, panel.x + panel.width - width - 4));
  let top = Math.max(panel.y + 4, Math.min(y - height / 2, panel.y + panel.height - height - 4));
  for (const other of [...taken].sort((a, b) => a.y - b.y)) {
    const meets = left < other.x + other.width && other.x < left + width && top < other.y + other.height && other.y < top + height;
    if (meets) top = other.y + other.height + 4;
  }
  return { x: left, y: top, width, height };
}

/** The middle of a limb on the stage, or null when it is not in view. */
export function limbCentre(skeleton, limb, pose, place) {
  const seen = (skeleton.limbs[limb] ?? []).filter((joint) => pose.conf[joint] >= LEAST_CONF);
  if (seen.length === 0) return null;
  const mean = (axis) => seen.reduce((sum, joint) => sum + pose.xyPx[joint * 2 + axis], 0) / seen.length;
  const { x, y } = placeBox(place, { x: mean(0), y: mean(1), width: 0, height: 0 });
  return { x, y };
}
