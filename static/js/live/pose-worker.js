/**
 * The pose engine's own thread: a module worker around MediaPipe's PoseLandmarker. It is told "open" once and then shown
 * one picture at a time; each message gets one answer with the same id. All addresses come from the page, and lie on it.
 */
import { Continuity } from "./continuity.js";
import { nobody, toPose } from "./mapping.js";

const CODES = [
  [/out of memory|allocate memory|allocation failed|enlarge memory|\bOOM\b/i, "out_of_memory"],
  [/disallowed by embedder|code generation/i, "no_wasm"],
  [/fetch|import|HTTP|BufferSource|magic word|MIME|zip archive/i, "model_missing"],
];

let landmarker = null;
let continuity = new Continuity();
let lastMs = -Infinity;

const handlers = { open, find, believe };

self.addEventListener("message", async ({ data: { id, type, ...message } }) => {
  try {
    const answer = await handlers[type](message);
    self.postMessage({ id, answer }, answer?.pose ? buffersOf(answer.pose) : []);
  } catch (error) {
    self.postMessage({ id, failure: { code: codeOf(error), message: String(error?.stack ?? error) } });
  }
});

async function open({ assets, model, delegate, simd, everything }) {
  const { loader, binary } = assets.wasm[simd ? "simd" : "plain"];
  const [vision, { default: factory }, graphs] = await Promise.all([import(assets.bundle), import(loader), download(assets.models[model])]);
  // The bundle takes both from there, and would load a script by itself otherwise. What it tells of itself is no error.
  self.ModuleFactory = factory;
  self.Module = { print: (line) => console.debug(line), printErr: (line) => console.debug(line) };
  landmarker = await vision.PoseLandmarker.createFromOptions(
    { wasmBinaryPath: binary },
    { baseOptions: { modelAssetBuffer: graphs, delegate }, runningMode: "VIDEO", numPoses: 1, ...trust(everything) },
  );
  return {};
}

// While it is measured, the engine takes whatever it sees for a dancer: only then does it do all of its work.
function trust(everything) {
  return everything
    ? { minPoseDetectionConfidence: 0.01, minPosePresenceConfidence: 0, minTrackingConfidence: 0 }
    : { minPoseDetectionConfidence: 0.5, minPosePresenceConfidence: 0.5, minTrackingConfidence: 0.5 };
}

async function believe({ everything }) {
  await landmarker.setOptions(trust(everything));
  continuity = new Continuity();
  return {};
}

function find({ picture, tMs }) {
  const sizePx = [picture.displayWidth ?? picture.width, picture.displayHeight ?? picture.height];
  const startedMs = performance.now();
  lastMs = Math.max(tMs, lastMs + 1); // the engine refuses a time that does not increase
  let pose = nobody();
  try {
    landmarker.detectForVideo(picture, lastMs, ({ landmarks: [landmarks], worldLandmarks: [world] }) => {
      if (landmarks) pose = toPose(landmarks, world, sizePx);
    });
  } finally {
    picture.close();
  }
  if (pose.found && !continuity.admits(pose, sizePx, lastMs)) pose = nobody();
  return { pose, tookMs: performance.now() - startedMs };
}

async function download(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`fetching ${url}: HTTP ${answer.status}`);
  const total = Number(answer.headers.get("Content-Length"));
  const parts = [];
  let bytes = 0;
  for await (const part of piecesOf(answer.body)) {
    parts.push(part);
    bytes += part.length;
    if (total) self.postMessage({ loading: Math.min(1, bytes / total) });
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

// Not every browser lets one loop over a stream itself.
async function* piecesOf(stream) {
  const reader = stream.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
}

function codeOf(error) {
  const text = `${error?.name} ${error?.message ?? error}`;
  return CODES.find(([pattern]) => pattern.test(text))?.[1] ?? "engine_failed";
}

function buffersOf({ xyPx, conf, xyzM }) {
  return [xyPx.buffer, conf.buffer, ...(xyzM ? [xyzM.buffer] : [])];
}
