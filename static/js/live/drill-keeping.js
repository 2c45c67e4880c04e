/** How far a drill is, kept for this tab: after a reload or a lost camera it goes on where it was. */
import { DrillPlan } from "./drill-plan.js";

const KEY = "kdance.drill";

/** @param {object} drill  DrillPlan's @returns {DrillPlan} as far as it was left in this tab, if it was this drill */
export function planFor(drill, { storage = () => globalThis.sessionStorage } = {}) {
  const fresh = new DrillPlan(drill);
  try {
    const kept = JSON.parse(storage().getItem(KEY));
    if (placesOf(kept.drill) !== placesOf(fresh)) return fresh;
    return DrillPlan.from({ ...kept, drill: fresh.state().drill }) ?? fresh;
  } catch {
    return fresh; // nothing is kept, or nothing of ours
  }
}

export function keepPlan(plan, { storage = () => globalThis.sessionStorage } = {}) {
  try {
    storage().setItem(KEY, JSON.stringify(plan.state()));
  } catch {
    // A browser that keeps nothing begins anew.
  }
}

export function forgetPlan({ storage = () => globalThis.sessionStorage } = {}) {
  try {
    storage().removeItem(KEY);
  } catch {
    // Then there is nothing to forget.
  }
}

// Words and earlier scores may have changed since.
function placesOf({ moments, part, rates }) {
  return JSON.stringify([moments.map(({ startS, endS, eights }) => [startS, endS, eights]), part, rates]);
}
