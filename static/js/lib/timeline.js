/** Reading a comparison's timeline: errors in degrees over guide time, null where nothing was judged. */

export const WRONG_DEG = 30;

/** The index of the step that holds a moment; -1 outside. Steps may leave gaps. */
export function stepAt(timeline, tS) {
  const { t_s: starts, step_s: step } = timeline;
  let low = 0;
  let high = starts.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (starts[middle] > tS + 1e-9) high = middle - 1;
    else low = middle + 1;
  }
  return high >= 0 && tS < starts[high] + step ? high : -1;
}

/** The limbs that are wrong at a moment, worst first: [{limb, errorDeg}]. */
export function limbsWrongAt(timeline, tS, thresholdDeg = WRONG_DEG) {
  const step = stepAt(timeline, tS);
  if (step < 0) return [];
  return Object.entries(timeline.limb_error_deg)
    .map(([limb, errors]) => ({ limb, errorDeg: errors[step] ?? null }))
    .filter(({ errorDeg }) => errorDeg !== null && errorDeg > thresholdDeg)
    .sort((a, b) => b.errorDeg - a.errorDeg);
}

/** The limbs that are wrong at a moment: those of its findings; by their errors where an earlier version found none. */
export function limbsWrongNow({ findings, timeline }, tS) {
  if (!findings) return limbsWrongAt(timeline, tS).map(({ limb }) => limb);
  const now = findings.filter(({ start_s: startS, end_s: endS }) => startS - 1e-6 <= tS && tS < endS).map(({ limb }) => limb);
  return now.includes("all") ? Object.keys(timeline.limb_error_deg) : [...new Set(now)];
}

/** Errors as `columns` equal slices of [0, durationS): the mean of the steps that touch a slice, or null. */
export function columnsOf(timeline, errors, durationS, columns) {
  const sums = new Float64Array(columns);
  const weights = new Float64Array(columns);
  const perS = columns / durationS;
  timeline.t_s.forEach((startS, step) => {
    const error = errors[step];
    if (error === null || error === undefined) return;
    const from = startS * perS;
    const to = (startS + timeline.step_s) * perS;
    for (let column = Math.max(0, Math.floor(from)); column < Math.min(columns, Math.ceil(to)); column++) {
      const weight = Math.min(to, column + 1) - Math.max(from, column);
      sums[column] += error * weight;
      weights[column] += weight;
    }
  });
  return Array.from(sums, (sum, column) => (weights[column] > 1e-9 ? sum / weights[column] : null));
}

/** The section around a moment, or null. */
export function sectionAt(sections, tS) {
  return sections.find((section) => tS >= section.start_s - 1e-6 && tS < section.end_s) ?? null;
}

/** How much moves when: the mean speed of the joints (torso lengths a second) in equal slices, smoothed; 0..1 of its peak. */
export function energyOf(speeds, columns) {
  if (speeds.length === 0) return new Array(columns).fill(0);
  const eased = speeds.map((_, i) => meanAround(speeds, i, 3));
  const peak = Math.max(...eased, 1e-9);
  return Array.from({ length: columns }, (_, column) => {
    const place = ((column + 0.5) / columns) * eased.length - 0.5;
    const left = Math.min(Math.max(Math.floor(place), 0), eased.length - 1);
    const right = Math.min(left + 1, eased.length - 1);
    const share = Math.min(Math.max(place - left, 0), 1);
    return (eased[left] * (1 - share) + eased[right] * share) / peak;
  });
}

// Near neighbours weigh more, so that the middle of a stretch of errors is its peak.
function meanAround(values, at, reach) {
  let sum = 0;
  let weights = 0;
  for (let i = Math.max(0, at - reach); i <= Math.min(values.length - 1, at + reach); i++) {
    if (values[i] === null || Number.isNaN(values[i])) continue;
    const weight = reach + 1 - Math.abs(i - at);
    sum += values[i] * weight;
    weights += weight;
  }
  return weights ? sum / weights : 0;
}
