// Writes the .kdt format, version 2 (docs/track-format.md): the twin of inference/pose/codec.py's `encode`.
import { JOINTS } from "./joints.js";

const MAGIC = "KDTR";
const VERSION = 2;
const PREFIX_BYTES = 12;
const MAX_FRAMES = 500000;
const TICKS_PER_S = 100000;
const STEPS_ON_LONG_SIDE = 15360;
const WORLD_STEP_M = 0.004;
const INTERPOLATED = 1;
const BEGINS_SHOT = 2;
const IN_SPACE = 4;
const INT16 = [-32768, 32767];

const BONE_STARTS = {
  hip: "center_hip",
  knee: "hip",
  ankle: "knee",
  bigtoe: "ankle",
  littletoe: "ankle",
  navel: "center_hip",
  chest: "navel",
  neck: "chest",
  shoulder: "neck",
  elbow: "shoulder",
  wrist: "elbow",
  palm_thumb: "wrist",
  palm_pinky: "wrist",
  nose: "neck",
  eye: "nose",
  ear: "eye",
};
const DERIVED = new Set(["center_hip", "navel", "chest", "neck", "left_littletoe", "right_littletoe"]);
const PARENTS = JOINTS.map(parentOf);

/**
 * @param {object} track  as decodeTrack gives it, with `xyzM` in place of `world`
 * @param {ArrayLike<number>} track.tS  (T) strictly increasing
 * @param {Float32Array} track.xyPx  (T * 58)
 * @param {Float32Array} track.conf  (T * 29)
 * @param {Float32Array|null} [track.xyzM]  (T * 87) NaN in frames without
 * @param {[number, number]} track.sizePx
 * @param {string} track.model
 * @param {ArrayLike<number>} [track.interpolated]  (T)
 * @param {ArrayLike<number>} [track.beginsShot]  (T)
 * @returns {Promise<ArrayBuffer>} RangeError for what the format cannot hold
 */
export async function encodeTrack(track) {
  const frames = track.tS.length;
  if (frames > MAX_FRAMES) throw new RangeError(`${frames} frames are too many`);
  const found = Uint8Array.from({ length: frames }, (_, frame) => isAny(track.conf, frame, (value) => value > 0));
  const inSpace = found.map((seen, frame) => (seen && track.xyzM && isAll(track.xyzM, frame, Number.isFinite) ? 1 : 0));
  const stepPx = Math.max(...track.sizePx) / STEPS_ON_LONG_SIDE;
  const body = await deflated([
    packTimes(track.tS),
    packFlags(track, inSpace),
    packConfidences(track.conf, frames),
    packPositions(track.xyPx, found, 2, stepPx),
  ]);
  const world = inSpace.includes(1) ? await deflated([packPositions(track.xyzM, inSpace, 3, WORLD_STEP_M)]) : new Uint8Array(0);
  const header = headerOf(track, frames, body.length, world.length);
  return new Blob([prefix(header.length), header, body, world]).arrayBuffer();
}

function prefix(headerBytes) {
  const bytes = new Uint8Array(PREFIX_BYTES);
  bytes.set(new TextEncoder().encode(MAGIC));
  const view = new DataView(bytes.buffer);
  view.setUint16(4, VERSION, true);
  view.setUint32(8, headerBytes, true);
  return bytes;
}

function headerOf({ sizePx, model }, frames, bodyBytes, worldBytes) {
  const fields = {
    frames,
    size_px: [...sizePx],
    model,
    body_bytes: bodyBytes,
    world_bytes: worldBytes,
    joints: JOINTS,
    derived: JOINTS.map((joint) => DERIVED.has(joint)),
    parents: PARENTS,
  };
  return new TextEncoder().encode(JSON.stringify(fields));
}

function packTimes(tS) {
  const view = new DataView(new ArrayBuffer(tS.length * 4));
  let before = 0;
  for (let frame = 0; frame < tS.length; frame += 1) {
    const ticks = roundEven(tS[frame] * TICKS_PER_S);
    if (frame > 0 && ticks <= before) throw new RangeError("two frames fall on one tick of 10 microseconds");
    view.setInt32(frame * 4, ticks - before, true);
    before = ticks;
  }
  return view.buffer;
}

function packFlags({ tS, interpolated = [], beginsShot = [] }, inSpace) {
  return Uint8Array.from(tS, (_, frame) => {
    return (interpolated[frame] ? INTERPOLATED : 0) | (beginsShot[frame] ? BEGINS_SHOT : 0) | (inSpace[frame] ? IN_SPACE : 0);
  });
}

function packConfidences(conf, frames) {
  const plane = new Uint8Array(frames * JOINTS.length);
  for (let joint = 0; joint < JOINTS.length; joint += 1) {
    let before = 0;
    for (let frame = 0; frame < frames; frame += 1) {
      const value = conf[frame * JOINTS.length + joint];
      const level = value > 0 ? Math.max(1, roundEven(Math.fround(value) * 255)) : 0;
      plane[joint * frames + frame] = level - before;
      before = level;
    }
  }
  return plane;
}

/** Low, then high bytes of rows: a row is one axis of one joint, less its parent's, less the frame before, in zigzag form. */
function packPositions(positions, known, axes, step) {
  const width = JOINTS.length * axes;
  const steps = stepsOf(positions, known, width, step);
  const cells = known.length * width;
  const planes = new Uint8Array(cells * 2);
  for (let row = 0; row < width; row += 1) {
    const parent = PARENTS[Math.floor(row / axes)];
    const parentRow = parent * axes + (row % axes);
    let before = 0;
    for (let frame = 0; frame < known.length; frame += 1) {
      const relative = steps[frame * width + row] - (parent < 0 ? 0 : steps[frame * width + parentRow]);
      const delta = ((relative - before) << 16) >> 16;
      const zigzag = (delta << 1) ^ (delta >> 15);
      planes[row * known.length + frame] = zigzag & 0xff;
      planes[cells + row * known.length + frame] = (zigzag >> 8) & 0xff;
      before = relative;
    }
  }
  return planes;
}

// A frame in which nothing is known repeats the last one with: it costs no bytes.
function stepsOf(positions, known, width, step) {
  const steps = new Int16Array(known.length * width);
  for (let frame = 0; frame < known.length; frame += 1) {
    for (let cell = 0; cell < width; cell += 1) {
      const at = frame * width + cell;
      if (known[frame]) steps[at] = Math.min(INT16[1], Math.max(INT16[0], roundEven(positions[at] / step)));
      else if (frame > 0) steps[at] = steps[at - width];
    }
  }
  return steps;
}

async function deflated(parts) {
  const stream = new Blob(parts).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function isAny(values, frame, test) {
  return values.subarray(frame * JOINTS.length, (frame + 1) * JOINTS.length).some(test) ? 1 : 0;
}

function isAll(xyzM, frame, test) {
  return xyzM.subarray(frame * JOINTS.length * 3, (frame + 1) * JOINTS.length * 3).every(test);
}

// Halves go to the even neighbour, as they do in numpy.
function roundEven(value) {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 ? rounded - 1 : rounded;
}

function parentOf(joint) {
  const [, side, name] = /^(?:(left|right)_)?(\w+)$/.exec(joint);
  const start = BONE_STARTS[name];
  if (start === undefined) return -1;
  const own = JOINTS.indexOf(`${side}_${start}`);
  return own >= 0 ? own : JOINTS.indexOf(start);
}
