import { placeBox } from "../lib/geometry.js";

const LEAST_CONF = 0.08;
const SURE_CONF = 0.6;
const FAINTEST = 0.16;
const LABEL_GAP_PX = 14;
const TAG_ROOM_PX = 44;

/** How visible a joint of this confidence is: 0 not at all, 1 fully. */
export function visibility(conf) {
  if (!(conf >= LEAST_CONF)) return 0;
  return FAINTEST + (1 - FAINTEST) * Math.min(1, (conf - LEAST_CONF) / (SURE_CONF - LEAST_CONF));
}

/**
 * Draws one pose.
 * @param {object} look colourOf(bone), wrong (Set of limbs), joint, amber, shade: colours; width in stage px; glow; head: draw an oval
 */
export function drawSkeleton(ctx, skeleton, pose, place, look) {
  const at = (joint) => [place.a * pose.xyPx[joint * 2] + place.e, place.d * pose.xyPx[joint * 2 + 1] + place.f];
  ctx.lineCap = "round";
  ctx.lineJoin = "round";
  const bones = skeleton.bones
    .map((bone) => ({ ...bone, alpha: Math.min(visibility(pose.conf[bone.start]), visibility(pose.conf[bone.end])) }))
    .filter(({ alpha, start, end }) => alpha > 0 && !(look.head && skeleton.face[start] && skeleton.face[end]));
  for (const bone of bones) strokeBone(ctx, at(bone.start), at(bone.end), look.shade, boneWidth(bone, look) + 3, bone.alpha * 0.6);
  for (const bone of bones) {
    const wrong = look.wrong.has(bone.limb);
    if (wrong && look.glow) glowBone(ctx, at(bone.start), at(bone.end), look.amber, boneWidth(bone, look), bone.alpha);
    strokeBone(ctx, at(bone.start), at(bone.end), wrong ? look.amber : look.colourOf(bone), boneWidth(bone, look), bone.alpha);
  }
  if (look.head) drawHead(ctx, skeleton, pose, at, look);
  drawJoints(ctx, skeleton, pose, at, look);
}

// Without a picture the lines between eyes and ears do not look like a head: an oval between ears and neck does.
function drawHead(ctx, skeleton, pose, at, look) {
  const [left, right] = skeleton.ears;
  const alpha = Math.min(visibility(pose.conf[left]), visibility(pose.conf[right]), visibility(pose.conf[skeleton.neck]));
  if (alpha === 0) return;
  const [[leftX, leftY], [rightX, rightY], [neckX, neckY]] = [at(left), at(right), at(skeleton.neck)];
  const [x, y] = [(leftX + rightX) / 2, (leftY + rightY) / 2];
  const high = 0.6 * Math.hypot(x - neckX, y - neckY);
  ctx.globalAlpha = alpha;
  ctx.beginPath();
  ctx.ellipse(x, y, 0.78 * high, high, Math.atan2(x - neckX, neckY - y), 0, 2 * Math.PI);
  ctx.fillStyle = look.wrong.has("head") ? look.amber : look.colourOf({ part: "head" });
  ctx.fill();
  drawNose(ctx, at(skeleton.nose), look, alpha);
}

// A dark dot tells which way the dancer looks.
function drawNose(ctx, [x, y], look, alpha) {
  ctx.globalAlpha = alpha * 0.8;
  ctx.fillStyle = look.shade;
  ctx.beginPath();
  ctx.arc(x, y, look.width * 0.35, 0, 2 * Math.PI);
  ctx.fill();
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
    if (alpha === 0 || (look.head && skeleton.face[joint])) continue;
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

/** The dance line: the way of the hands over the last moments, a ribbon that is thin and faint at its old end. */
export function drawTrails(ctx, trails, place, colour, width) {
  ctx.fillStyle = colour;
  for (const trail of trails) {
    const edges = ribbonEdges(trail.map((point) => point && [place.a * point[0] + place.e, place.d * point[1] + place.f]), width);
    for (let i = 1; i < edges.length; i++) {
      if (!edges[i - 1] || !edges[i]) continue;
      ctx.globalAlpha = 0.55 * (i / (edges.length - 1)) ** 2;
      ctx.beginPath();
      for (const [x, y] of [edges[i - 1][0], edges[i][0], edges[i][1], edges[i - 1][1]]) ctx.lineTo(x, y);
      ctx.fill();
    }
  }
  ctx.globalAlpha = 1;
}

/** Both edges of a ribbon at each of its points: [[x, y], [x, y]] or null at a gap. */
export function ribbonEdges(points, width) {
  return points.map((point, i) => {
    const before = points[i - 1] ?? point;
    const after = points[i + 1] ?? point;
    if (!point) return null;
    const [dx, dy] = [after[0] - before[0], after[1] - before[1]];
    const length = Math.hypot(dx, dy) || 1;
    const half = (width * (0.15 + 0.85 * (i / (points.length - 1)))) / 2;
    const [nx, ny] = [(-dy / length) * half, (dx / length) * half];
    return [
      [point[0] + nx, point[1] + ny],
      [point[0] - nx, point[1] - ny],
    ];
  });
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

/** To be set beforehand where labels are drawn often: to set a font, a browser brings the whole page's styles up to date. */
export function labelFont(family) {
  return `600 14px ${family}`;
}

/** Names of the wrong limbs beside them, kept inside the panel and off each other. */
export function drawLabels(ctx, labels, panel, look) {
  if (labels.length === 0) return;
  const font = labelFont(look.font);
  if (ctx.font !== font) ctx.font = font;
  ctx.textBaseline = "middle";
  const taken = [];
  for (const { text, limb, towards } of labels) {
    const box = roomFor({ width: ctx.measureText(text).width + 20, height: 28, limb, towards }, panel, taken);
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

/**
 * A label's box: beside its limb, on the side away from the body (`towards` -1 left, 1 right). Where it has no room
 * there it hangs at the top of the panel, below the dancer's tag. It never covers a label that stands already.
 */
export function roomFor({ width, height, limb, towards }, panel, taken) {
  const beside = towards < 0 ? limb.x - width - LABEL_GAP_PX : limb.x + limb.width + LABEL_GAP_PX;
  const fits = beside >= panel.x + 4 && beside + width <= panel.x + panel.width - 4;
  const x = fits ? beside : panel.x + 8;
  const middle = limb.y + limb.height / 2 - height / 2;
  let y = fits ? Math.max(panel.y + 4, Math.min(middle, panel.y + panel.height - height - 4)) : panel.y + TAG_ROOM_PX;
  for (const other of [...taken].sort((a, b) => a.y - b.y)) {
    const meets = x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height;
    if (meets) y = other.y + other.height + 4;
  }
  return { x, y, width, height };
}

/** The box around a limb on the stage, or null when it is not in view. */
export function limbBox(skeleton, limb, pose, place) {
  const seen = (skeleton.limbs[limb] ?? []).filter((joint) => pose.conf[joint] >= LEAST_CONF);
  if (seen.length === 0) return null;
  const [xs, ys] = [0, 1].map((axis) => seen.map((joint) => pose.xyPx[joint * 2 + axis]));
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return placeBox(place, { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y });
}
