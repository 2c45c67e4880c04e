/** How much a dancer is shown while dancing. Too much at once is too much: help fades as takes go well. */

/** bones: the whole own skeleton; wrong: limbs that are off; verdicts: after each eight, with streak and early or late. */
const LEVELS = Object.freeze({
  3: { bones: true, wrong: true, verdicts: true },
  2: { bones: false, wrong: true, verdicts: true },
  1: { bones: false, wrong: false, verdicts: true },
  0: { bones: false, wrong: false, verdicts: false },
});
const OFFERED = [3, 2, 0];
const WELL = 80;
const TAKES_IN_A_ROW = 2;
const REMEMBERED = 6;
const KEY = "kdance.live.went";

export function aidsOf(level) {
  return LEVELS[level] ?? LEVELS[3];
}

/** The mean of what the eights scored; null where too few were judged to say. */
export function meanScore(eights) {
  const scores = eights.map(({ score }) => score).filter((score) => score !== null);
  return scores.length * 2 >= eights.length && scores.length > 0 ? scores.reduce((sum, score) => sum + score, 0) / scores.length : null;
}

/** The level to suggest instead of `level` after these takes of one dance (oldest first), or null. */
export function suggestedLevel(went, level) {
  const lower = OFFERED[OFFERED.indexOf(level) + 1];
  const last = went.filter((take) => take.aids === level).slice(-TAKES_IN_A_ROW);
  return lower !== undefined && last.length === TAKES_IN_A_ROW && last.every(({ score }) => score >= WELL) ? lower : null;
}

/** How the last takes of a dance went on this device: [{aids, score}], oldest first. */
export function rememberedTakes(slug) {
  try {
    const takes = Object(JSON.parse(localStorage.getItem(KEY)))[slug];
    return Array.isArray(takes) ? takes.filter((take) => LEVELS[take?.aids] && Number.isFinite(take.score)) : [];
  } catch {
    return [];
  }
}

export function rememberTake(slug, take) {
  try {
    const all = Object(JSON.parse(localStorage.getItem(KEY)));
    localStorage.setItem(KEY, JSON.stringify({ ...all, [slug]: [...rememberedTakes(slug), take].slice(-REMEMBERED) }));
  } catch {
    /* then nothing is suggested */
  }
}
