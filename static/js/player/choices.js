import { CORNERS } from "./self-view.js";

export const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25];

/** What a person can choose in the player, and what holds until they do. */
export const DEFAULTS = {
  view: "side",
  space: false,
  show: "both",
  mirror: false,
  rate: 1,
  sound: true,
  loopKind: "section",
  bigCount: false,
  clicks: false,
  countIn: "off",
  countRounds: false,
  corner: "top-right",
};

/** The values that make sense where not all do. */
export const ALLOWED = {
  view: ["side", "over", "bones"],
  show: ["video", "skeleton", "both"],
  rate: SPEEDS,
  loopKind: ["section", "eight"],
  countIn: ["off", "clicks", "voice"],
  corner: CORNERS,
};
