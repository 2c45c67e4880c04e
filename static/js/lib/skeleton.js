/** Reading the skeleton that the page sends (inference/pose/skeleton.py, as_payload). */

const FACE = new Set(["nose", "left_eye", "right_eye", "left_ear", "right_ear"]);

/** Adds what drawing needs: the limb of each bone and joints by role. */
export function readSkeleton(payload) {
  const index = new Map(payload.joints.map((joint, i) => [joint, i]));
  const pick = (...joints) => joints.map((joint) => index.get(joint));
  return {
    joints: payload.joints,
    derived: payload.derived,
    limbs: payload.limbs,
    bones: payload.bones.map(([start, end, part]) => ({ start, end, part, limb: limbOf(payload.limbs, start, end, part) })),
    face: payload.joints.map((joint) => FACE.has(joint)),
    trunk: { hips: pick("left_hip", "right_hip"), shoulders: pick("left_shoulder", "right_shoulder") },
    feet: pick("left_ankle", "right_ankle", "left_bigtoe", "right_bigtoe"),
    hands: [pick("left_wrist", "left_palm_thumb", "left_palm_pinky"), pick("right_wrist", "right_palm_thumb", "right_palm_pinky")],
    ears: pick("left_ear", "right_ear"),
    nose: index.get("nose"),
    neck: index.get("neck"),
  };
}

/** left_arm <-> right_arm; limbs on the midline stay. */
export function mirroredLimb(limb) {
  if (limb.startsWith("left_")) return limb.replace("left_", "right_");
  return limb.replace("right_", "left_");
}

function limbOf(limbs, start, end, part) {
  const sides = { arm: ["left_arm", "right_arm"], leg: ["left_leg", "right_leg"], torso: ["torso"], head: ["head"] }[part];
  return sides.find((limb) => limbs[limb].includes(end)) ?? part;
}
