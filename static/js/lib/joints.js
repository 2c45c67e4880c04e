/** The 29 joints in array order: inference/pose/skeleton.py is the source, a test holds the two together. */
const SIDES = ["left", "right"];
const sided = (...names) => SIDES.flatMap((side) => names.map((name) => `${side}_${name}`));

export const JOINTS = Object.freeze([
  "center_hip",
  ...sided("hip", "knee", "ankle", "bigtoe", "littletoe"),
  "navel",
  "chest",
  "neck",
  ...sided("shoulder", "elbow", "wrist", "palm_thumb", "palm_pinky"),
  "nose",
  "left_eye",
  "right_eye",
  "left_ear",
  "right_ear",
]);
