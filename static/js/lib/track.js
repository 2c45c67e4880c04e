// Reads the .kdt format (docs/track-format.md) and samples tracks at any time.

const MAGIC = 0x5254444b; // "KDTR", little-endian
const VERSION = 1;
const PREFIX_BYTES = 12;
const MAX_HEADER_BYTES = 16384;
const MAX_FRAMES = 500000;
const TICKS_PER_S = 100000;
const STEPS_ON_LONG_SIDE = 15360;
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
 */

/** @param {ArrayBuffer} arrayBuffer @returns {Promise<Track>} rejects with a TrackError */
export async function decodeTrack(arrayBuffer) {
  const header = readHeader(arrayBuffer);
  const jointCount = header.joints.length;
  const cells = header.frames * jointCount;
  const body = await inflate(new Uint8Array(arrayBuffer, header.end), header.frames * 4 + cells * 5);
  const conf = unpackConfidences(body.subarray(header.frames * 4), header.frames, jointCount);
  return {
    tS: unpackTimes(body, header.frames),
    xyPx: unpackPositions(body.subarray(header.frames * 4 + cells), header, conf),
    conf,
    sizePx: header.size_px,
    model: header.model,
    joints: header.joints,
    derived: header.derived,
  };
}

/**
 * The pose at time `tS`, interpolated between the two frames around it. Up to 0.2 s may lie between them, and likewise
 * between `tS` and the first or last frame; otherwise, or with no dancer found there, nothing is in view.
 *
 * @param {Track} track
 * @param {number} tS
 * @param {{xyPx: Float32Array, conf: Float32Array}} [out] reused arrays (joints * 2, joints); made when left out
 * @returns {{xyPx: Float32Array, conf: Float32Array, found: boolean}} NaN and 0 where `found` is false
 */
export function sampleTrack(track, tS, out = newPose(track.joints.length)) {
  const after = firstFrameAfter(track.tS, tS);
  const before = seenFrame(track, after - 1, tS, -1);
  const next = seenFrame(track, after, tS, +1);
  if (before < 0 && next < 0) return nothing(out);
  if (before >= 0 && track.tS[before] === tS) return copyFrame(track, before, out);
  if (before < 0) return isEdge(track, next, tS) ? copyFrame(track, next, out) : nothing(out);
  if (next < 0) return isEdge(track, before, tS) ? copyFrame(track, before, out) : nothing(out);
  if (track.tS[next] - track.tS[before] > LONGEST_BRIDGED_GAP_S) return nothing(out);
  return blendFrames(track, before, next, (tS - track.tS[before]) / (track.tS[next] - track.tS[before]), out);
}

export function newPose(jointCount) {
  return { xyPx: new Float32Array(jointCount * 2), conf: new Float32Array(jointCount), found: false };
}

function readHeader(arrayBuffer) {
  if (arrayBuffer.byteLength < PREFIX_BYTES) throw new TrackError("not_a_track", "too short for a track");
  const view = new DataView(arrayBuffer);
  if (view.getUint32(0, true) !== MAGIC) throw new TrackError("not_a_track", "does not begin like a track");
  if (view.getUint16(4, true) !== VERSION || view.getUint16(6, true) !== 0) {
    throw new TrackError("unsupported_version", `version ${view.getUint16(4, true)} is not known here`);
  }
  const bytes = view.getUint32(8, true);
  if (bytes > MAX_HEADER_BYTES || PREFIX_BYTES + bytes > arrayBuffer.byteLength) {
    throw new TrackError("damaged", "the header is longer than it can be");
  }
  return { ...parseHeader(new Uint8Array(arrayBuffer, PREFIX_BYTES, bytes)), end: PREFIX_BYTES + bytes };
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

// Stops as soon as more comes out than was announced, so a bomb cannot fill the memory.
async function inflate(compressed, expected) {
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

function unpackPositions(planes, { frames, joints, size_px: size }, conf) {
  const cells = frames * joints.length;
  const stepPx = Math.max(...size) / STEPS_ON_LONG_SIDE;
  const xyPx = new Float32Array(cells * 2);
  for (const axis of [0, 1]) {
    const low = planes.subarray(axis * 2 * cells, (axis * 2 + 1) * cells);
    const high = planes.subarray((axis * 2 + 1) * cells, (axis * 2 + 2) * cells);
    for (let joint = 0; joint < joints.length; joint += 1) {
      let steps = 0;
      for (let frame = 0; frame < frames; frame += 1) {
        const zigzag = low[joint * frames + frame] | (high[joint * frames + frame] << 8);
        steps = ((steps + ((zigzag >>> 1) ^ -(zigzag & 1))) << 16) >> 16;
        xyPx[(frame * joints.length + joint) * 2 + axis] = steps * stepPx;
      }
    }
  }
  blankUnseen(xyPx, conf, frames, joints.length);
  return xyPx;
}

function blankUnseen(xyPx, conf, frames, jointCount) {
  for (let frame = 0; frame < frames; frame += 1) {
    if (!isSeen(conf, frame, jointCount)) xyPx.fill(NaN, frame * jointCount * 2, (frame + 1) * jointCount * 2);
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

// The nearest frame with a dancer from `frame` on in `direction`, or -1 if the bridgeable gap is passed first.
function seenFrame(track, frame, tS, direction) {
  for (let index = frame; index >= 0 && index < track.tS.length; index += direction) {
    if (Math.abs(track.tS[index] - tS) > LONGEST_BRIDGED_GAP_S) return -1;
    if (isSeen(track.conf, index, track.joints.length)) return index;
  }
  return -1;
}

// True where the clip itself begins or ends between the frame and tS: no other frame lies there.
function isEdge(track, frame, tS) {
  return (frame === 0 && tS < track.tS[0]) || (frame === track.tS.length - 1 && tS > track.tS[frame]);
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
