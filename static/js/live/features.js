/** What this browser can do for the pose engine. */

// A module with one function that splats an integer over a vector: valid where there is SIMD.
const SIMD_MODULE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
); // prettier-ignore
const DRAWN_BY_THE_PROCESSOR = /swiftshader|llvmpipe|softpipe|software|basic render/i;

export function hasWasm() {
  return typeof WebAssembly === "object" && typeof WebAssembly.instantiate === "function";
}

export function hasSimd() {
  return WebAssembly.validate(SIMD_MODULE);
}

/** A graphics card that is more than the processor in disguise: with that one, everything takes longer. */
export function hasGpu() {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (!gl) return false;
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !DRAWN_BY_THE_PROCESSOR.test(renderer);
}
