/** Where you and the guide stand in the room: one fills it, the other has a corner. Boxes are {x, y, width, height}. */
import { contain, mirrorInside } from "../lib/geometry.js";

const EDGE_PX = 12;
const SMALL_SHARE = { upright: 0.34, wide: 0.28 };
const SMALL_LEAST_PX = 104;
const SMALL_MOST_PX = 300;
const SMALL_TALL_SHARE = { upright: 0.34, wide: 0.52 };
/** A camera's picture may lose this much at its edges to fill the room: feet and hands stay in sight. */
const MOST_CROP = 1.25;

/**
 * @param {{stage, me: box, guide: box, guideIsPicture: boolean, swapped: boolean, mirrorGuide: boolean, inset: {x, y}}} room
 *   `me` and `guide` are what is shown of each, in their own pixels
 * @returns {{me: {place, panel}, guide: {place, panel}, small: box}}
 */
export function layoutOf({ stage, me, guide, guideIsPicture, swapped, mirrorGuide, inset = { x: 0, y: 0 } }) {
  const whole = { x: 0, y: 0, width: stage.width, height: stage.height };
  const small = smallBox(stage, swapped ? me : guide, inset);
  const mine = place(me, swapped ? small : whole, swapped ? 1 : MOST_CROP);
  const its = place(guide, swapped ? whole : small, swapped && guideIsPicture ? MOST_CROP : 1);
  return {
    me: { place: mirrorInside(mine, me), panel: swapped ? small : whole },
    guide: { place: mirrorGuide ? mirrorInside(its, guide) : its, panel: swapped ? whole : small },
    small,
  };
}

function smallBox(stage, content, inset) {
  const held = stage.width < stage.height ? "upright" : "wide";
  const tall = stage.height * SMALL_TALL_SHARE[held];
  const wide = Math.min(Math.max(stage.width * SMALL_SHARE[held], SMALL_LEAST_PX), SMALL_MOST_PX);
  const scale = Math.min(wide / content.width, tall / content.height);
  return { x: EDGE_PX + inset.x, y: EDGE_PX + inset.y, width: content.width * scale, height: content.height * scale };
}

// As large as it fits, and then larger while no more than a little is cut off.
function place(content, panel, mostCrop) {
  const fit = contain(content, panel);
  const cover = Math.max(panel.width / content.width, panel.height / content.height);
  const scale = Math.min(cover, fit.d * mostCrop);
  return {
    a: scale,
    d: scale,
    e: panel.x + (panel.width - content.width * scale) / 2 - content.x * scale,
    f: panel.y + (panel.height - content.height * scale) / 2 - content.y * scale,
  };
}
