// Reads the .kdt format (docs/track-format.md) and samples tracks at any time.

const MAGIC = 0x5254444b; // "KDTR", little-endian
const PREFIX_BYTES = 12;
const MAX_HEADER_BYTES = 16384;
const MAX_FRAMES = 500000;
const TICKS_PER_S = 100000;
const STEPS_ON_LONG_SIDE = 15360;
const WORLD_STEP_M = 0.004;
const MOST_INFLATED_PER_BYTE = 1032; // what the deflate format can say at most
const INTERPOLATED = 1;
const BEGINS_SHOT = 2;
const IN_SPACE = 4;
const MAX_SIZE_PX = 65535;
const LONGEST_BRIDGED_GAP_S = 0.2;

export class TrackError extends Error {
  constructor(code, message) {
    super(message);
    this.name = "TrackError";
    this.code = code;
  }
}

/**
 * @typedef {object} Track
 * @property {Float64Array} tS     (T) seconds from the clip's first picture, strictly increasing
 * @property {Float32Array} xyPx   (T * joints * 2) pixels of the upright picture; NaN in frames without a dancer
 * @property {Float32Array} conf   (T * joints) 0..1; all 0 in frames without a dancer
 * @property {[number, number]} sizePx  width and height of the picture
 * @property {string} model
 * @property {string[]} joints
 * @property {boolean[]} derived   true for joints computed from others
 * @property {Uint8Array} interpolated  (T) 1 for frames that lie between those that were looked at
 * @property {Uint8Array} beginsShot    (T) 1 for frames with a cut before them
 * @property {boolean} hasWorld    whether there are metres, without unpacking them
 * @property {() => Promise<Float32Array|null>} world  (T * joints * 3) metres from the middle of the hips: x to the
 *   right, y down, z away from the camera; NaN in frames without; null for a track without. Unpacked when first asked.
 */

/** @param {ArrayBuffer} arrayBuffer @returns {Promise<Track>} rejects with a TrackError */
export async function decodeTrack(arrayBuffer) {
  const header = readHeader(arrayBuffer);
  const { frames, joints, version } = header;
  const cells = frames * joints.length;
  const flagBytes = version > 1 ? frames : 0;
  const body = await inflate(arrayBuffer, header.end, header.body_bytes, frames * 4 + flagBytes + cells * 5);
  const flags = readFlags(body.subarray(frames * 4, frames * 4 + flagBytes), header);
  const rest = body.subarray(frames * 4 + flagBytes);
  const conf = unpackConfidences(rest, frames, joints.length);
  const { size_px: sizePx, model, derived } = header;
  return {
    tS: unpackTimes(body, frames),
    xyPx: unpackXy(rest.subarray(cells), header, conf),
    conf,
    sizePx,
    model,
    joints,
    derived,
    interpolated: flags.map((flag) => flag & INTERPOLATED),
    beginsShot: flags.map((flag) => (flag & BEGINS_SHOT ? 1 : 0)),
    hasWorld: header.world_bytes > 0,
    world: unpackWorldOnce(arrayBuffer, header, flags),
  };
}

/**
 * The pose at time `tS`, interpolated between the two frames around it. Up to 0.2 s may lie between them, and likewise
 * between `tS` and the first or last frame; otherwise, or with no dancer found there, nothing is in view. Up to a cut
 * the last frame before it stays; nothing is interpolated across.
 *
 * @param {Track} track
 * @param {number} tS
 * @param {{xyPx: Float32Array, conf: Float32Array}} [out] reused arrays (joints * 2, joints); made when left out
 * @returns {{xyPx: Float32Array, conf: Float32Array, found: boolean}} NaN and 0 where `found` is false
 */
export function sampleTrack(track, tS, out = newPose(track.joints.length)) {
  const around = framesAround(track, tS);
  if (!around) return nothing(out);
  if (around.from === around.to) return copyFrame(track, around.from, out);
  return blendFrames(track, around.from, around.to, around.share, out);
}

/**
 * The frames with a dancer between which a moment lies, `share` of the way from one to the other, or null: see sampleTrack.
 *
 * @param {Track} track
 * @param {number} tS
 * @returns {{from: number, to: number, share: number}|null} the same frame twice where one stands for the moment
 */
export function framesAround(track, tS) {
  const after = firstFrameAfter(track.tS, tS);
  const before = seenFrame(track, after - 1, tS, -1);
  const next = seenFrame(track, after, tS, +1);
  if (before < 0 && next < 0) return null;
  if (before >= 0 && track.tS[before] === tS) return single(before);
  if (before < 0) return isEdge(track, next, tS) ? single(next) : null;
  if (next < 0) return isEdge(track, before, tS) ? single(before) : null;
  const apartS = track.tS[next] - track.tS[before];
  return apartS > LONGEST_BRIDGED_GAP_S ? null : { from: before, to: next, share: (tS - track.tS[before]) / apartS };
}

/** True if no cut lies between two moments, the later one included. */
export function isOneShot(track, fromS, toS) {
  for (let frame = firstFrameAfter(track.tS, toS) - 1; frame >= 0 && track.tS[frame] > fromS; frame -= 1) {
    if (track.beginsShot[frame]) return false;
  }
  return true;
}

/** The time of the frame at `tS`, where one lies within `withinS` of it; otherwise `tS` itself. */
export function frameTimeAt(track, tS, withinS) {
  const after = firstFrameAfter(track.tS, tS);
  const near = [after - 1, after].map((frame) => track.tS[frame]).filter((frameS) => Math.abs(frameS - tS) <= withinS);
  return near.reduce((best, frameS) => (Math.abs(frameS - tS) < Math.abs(best - tS) ? frameS : best), near[0] ?? tS);
}

export function newPose(jointCount) {
  return { xyPx: new Float32Array(jointCount * 2), conf: new Float32Array(jointCount), found: false };
}

function readHeader(arrayBuffer) {
  if (arrayBuffer.byteLength < PREFIX_BYTES) throw new TrackError("not_a_track", "too short for a track");
  const view = new DataView(arrayBuffer);
  if (view.getUint32(0, true) !== MAGIC) throw new TrackError("not_a_track", "does not begin like a track");
  const version = view.getUint16(4, true);
  if (version < 1 || version > 2 || view.getUint16(6, true) !== 0) {
    throw new TrackError("unsupported_version", `version ${version} is not known here`);
  }
  const bytes = view.getUint32(8, true);
  if (bytes > MAX_HEADER_BYTES || PREFIX_BYTES + bytes > arrayBuffer.byteLength) {
    throw new TrackError("damaged", "the header is longer than it can be");
  }
  const header = parseHeader(new Uint8Array(arrayBuffer, PREFIX_BYTES, bytes));
  return withLayout({ ...header, version, end: PREFIX_BYTES + bytes }, arrayBuffer.byteLength);
}

// Version 1 is one stream and takes no joint as the difference to another.
function withLayout(header, fileBytes) {
  const left = fileBytes - header.end;
  if (header.version === 1) return { ...header, body_bytes: left, world_bytes: 0, parents: header.joints.map(() => -1) };
  const { body_bytes: body, world_bytes: world, parents } = header;
  if (!isWhole(body, 0, 2 ** 31) || !isWhole(world, 0, 2 ** 31)) {
    throw new TrackError("bad_values", "the lengths of the streams are not usable");
  }
  if (!Array.isArray(parents) || parents.length !== header.joints.length) {
    throw new TrackError("bad_values", "the joints' parents are missing");
  }
  if (!parents.every((parent, joint) => isWhole(parent, -1, joint - 1))) {
    throw new TrackError("bad_values", "the joints' parents are not earlier joints");
  }
  if (body + world !== left) throw new TrackError("damaged", "the streams are shorter or longer than announced");
  return header;
}

function parseHeader(bytes) {
  let header;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new TrackError("damaged", "the header is not JSON");
  }
  if (!isWhole(header?.frames, 0, MAX_FRAMES)) throw new TrackError("too_large", "the number of frames is not usable");
  const { size_px: size, joints, derived } = header;
  if (!Array.isArray(size) || size.length !== 2 || !size.every((side) => isWhole(side, 1, MAX_SIZE_PX))) {
    throw new TrackError("bad_values", "the size of the picture is not usable");
  }
  if (!Array.isArray(joints) || joints.length !== 29 || !joints.every((joint) => typeof joint === "string")) {
    throw new TrackError("other_joints", "not the 29 joints of KDance");
  }
  if (!Array.isArray(derived) || derived.length !== joints.length || typeof header.model !== "string") {
    throw new TrackError("bad_values", "the header is incomplete");
  }
  return header;
}

function isWhole(value, least, most) {
  return Number.isInteger(value) && value >= least && value <= most;
}

// Takes no memory for an impossible length and stops as soon as more comes out than was announced, so a bomb cannot
// fill the memory.
async function inflate(arrayBuffer, start, bytes, expected) {
  if (expected > bytes * MOST_INFLATED_PER_BYTE) throw new TrackError("damaged", "the compressed part is too short");
  const compressed = new Uint8Array(arrayBuffer, start, bytes);
  const body = new Uint8Array(expected);
  let filled = 0;
  const reader = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (filled + part.value.length > expected) throw new RangeError("too long");
      body.set(part.value, filled);
      filled += part.value.length;
    }
  } catch {
    await reader.cancel().catch(() => {});
    throw new TrackError("damaged", "the compressed part is damaged or too long");
  }
  if (filled !== expected) throw new TrackError("damaged", "the compressed part is too short");
  return body;
}

// Version 1 has no flags.
function readFlags(flags, { frames, version, world_bytes: worldBytes }) {
  const known = INTERPOLATED | BEGINS_SHOT | (worldBytes > 0 ? IN_SPACE : 0);
  if (flags.some((flag) => flag & ~known)) throw new TrackError("bad_values", "the flags of a frame are not usable");
  return version > 1 ? flags : new Uint8Array(frames);
}

function unpackTimes(body, frames) {
  const view = new DataView(body.buffer, body.byteOffset);
  const tS = new Float64Array(frames);
  let ticks = 0;
  for (let frame = 0; frame < frames; frame += 1) {
    const step = view.getInt32(frame * 4, true);
    if (frame > 0 && step <= 0) throw new TrackError("bad_values", "times do not increase");
    ticks += step;
    tS[frame] = ticks / TICKS_PER_S;
  }
  return tS;
}

function unpackConfidences(plane, frames, jointCount) {
  const conf = new Float32Array(frames * jointCount);
  for (let joint = 0; joint < jointCount; joint += 1) {
    let level = 0;
    for (let frame = 0; frame < frames; frame += 1) {
      level = (level + plane[joint * frames + frame]) & 0xff;
      conf[frame * jointCount + joint] = level / 255;
    }
  }
  return conf;
}

function unpackXy(planes, header, conf) {
  const { frames, joints, size_px: size } = header;
  const xyPx = unpackPositions(planes, header, 2, Math.max(...size) / STEPS_ON_LONG_SIDE);
  blank(xyPx, frames, joints.length * 2, (frame) => isSeen(conf, frame, joints.length));
  return xyPx;
}

// Most pages never look from another side: nothing is unpacked, nor memory taken, until one does.
function unpackWorldOnce(arrayBuffer, header, flags) {
  let unpacked = null;
  return () => (unpacked ??= unpackWorld(arrayBuffer, header, flags));
}

async function unpackWorld(arrayBuffer, header, flags) {
  const { frames, joints, end, body_bytes: bodyBytes, world_bytes: worldBytes } = header;
  if (worldBytes === 0) return null;
  const planes = await inflate(arrayBuffer, end + bodyBytes, worldBytes, frames * joints.length * 6);
  const xyzM = unpackPositions(planes, header, 3, WORLD_STEP_M);
  blank(xyzM, frames, joints.length * 3, (frame) => flags[frame] & IN_SPACE);
  return xyzM;
}

/**
 * Positions (T * joints * axes) from low and high bytes in rows, a row being one axis of one joint over time: each the
 * difference to the joint's parent and then to the frame before, modulo 65,536, in zigzag form.
 */
function unpackPositions(planes, { frames, joints, parents, version }, axes, step) {
  const width = joints.length * axes;
  const toHigh = (version > 1 ? width : joints.length) * frames;
  const lows = Int32Array.from({ length: width }, (_, row) => lowRow(row, axes, joints.length, version) * frames);
  const parentRows = Int16Array.from({ length: width }, (_, row) => parentRow(row, axes, parents));
  const relative = new Int16Array(width);
  const steps = new Int16Array(width);
  const positions = new Float32Array(frames * width);
  for (let frame = 0; frame < frames; frame += 1) {
    for (let row = 0; row < width; row += 1) {
      const low = lows[row] + frame;
      const zigzag = planes[low] | (planes[low + toHigh] << 8);
      relative[row] += (zigzag >>> 1) ^ -(zigzag & 1);
      steps[row] = parentRows[row] < 0 ? relative[row] : relative[row] + steps[parentRows[row]];
      positions[frame * width + row] = steps[row] * step;
    }
  }
  return positions;
}

// Version 1 holds the low and high bytes of x before those of y.
function lowRow(row, axes, jointCount, version) {
  return version > 1 ? row : (row % axes) * 2 * jointCount + Math.floor(row / axes);
}

function parentRow(row, axes, parents) {
  const parent = parents[Math.floor(row / axes)];
  return parent < 0 ? -1 : parent * axes + (row % axes);
}

function blank(values, frames, width, isKnown) {
  for (let frame = 0; frame < frames; frame += 1) {
    if (!isKnown(frame)) values.fill(NaN, frame * width, (frame + 1) * width);
  }
}

function isSeen(conf, frame, jointCount) {
  for (let cell = frame * jointCount; cell < (frame + 1) * jointCount; cell += 1) if (conf[cell] > 0) return true;
  return false;
}

function firstFrameAfter(times, tS) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= tS) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The nearest frame with a dancer from `frame` on in `direction`, or -1 if a cut or the bridgeable gap is passed first.
function seenFrame(track, frame, tS, direction) {
  for (let index = frame; index >= 0 && index < track.tS.length; index += direction) {
    if (Math.abs(track.tS[index] - tS) > LONGEST_BRIDGED_GAP_S) return -1;
    if (direction > 0 && index > 0 && track.beginsShot[index]) return -1;
    if (isSeen(track.conf, index, track.joints.length)) return index;
    if (direction < 0 && track.beginsShot[index]) return -1;
  }
  return -1;
}

function single(frame) {
  return { from: frame, to: frame, share: 0 };
}

// True where the clip begins or the shot ends between the frame and tS: no other frame of the shot lies there.
function isEdge(track, frame, tS) {
  const endsShot = frame === track.tS.length - 1 || track.beginsShot[frame + 1] === 1;
  return (frame === 0 && tS < track.tS[0]) || (endsShot && tS > track.tS[frame]);
}

function nothing(out) {
  out.xyPx.fill(NaN);
  out.conf.fill(0);
  out.found = false;
  return out;
}

function copyFrame(track, frame, out) {
  const jointCount = track.joints.length;
  out.xyPx.set(track.xyPx.subarray(frame * jointCount * 2, (frame + 1) * jointCount * 2));
  out.conf.set(track.conf.subarray(frame * jointCount, (frame + 1) * jointCount));
  out.found = true;
  return out;
}

function blendFrames(track, before, next, share, out) {
  const jointCount = track.joints.length;
  const blend = (values, first, second) => values[first] + (values[second] - values[first]) * share;
  for (let cell = 0; cell < jointCount * 2; cell += 1) {
    out.xyPx[cell] = blend(track.xyPx, before * jointCount * 2 + cell, next * jointCount * 2 + cell);
  }
  for (let joint = 0; joint < jointCount; joint += 1) {
    out.conf[joint] = blend(track.conf, before * jointCount + joint, next * jointCount + joint);
  }
  out.found = true;
  return out;
}
