import { csrfHeaders } from "../lib/csrf.js";

/**
 * Tells the server what was practised, once: each report has an id of its own, and one whose answer was lost is sent again
 * under the same id, with the next report.
 */

const KEPT = "kdance.practice";
const MOST_KEPT = 20;
const MOST_EIGHTS = 200;

/**
 * @param {object} practice
 * @param {string} practice.url  LivePayload.urls.report
 * @param {string} practice.slug
 * @param {"watch"|"live"|"drill"} practice.kind
 * @param {number} practice.dancedS
 * @param {{eight: number, score: number|null, limb: string|null, rate?: number}[]} [practice.eights]
 * @param {number} [practice.rate]  of the eights that do not say their own
 * @param {string} [practice.id]  where the caller has one, such as a live take's
 * @returns {Promise<boolean>} whether the server has it now; never rejects
 */
export async function reportPractice({ url, ...practice }, tools = {}) {
  const { storage = globalThis.sessionStorage, send = sendReport, dancer = dancerOf() } = tools;
  const report = reportOf(practice);
  if (!(report.danced_s > 0)) return false;
  // Kept before it is sent: the page may not live to hear the answer.
  const entries = [...keptReports(storage), { url, report, dancer }];
  keep(storage, entries);
  let isTold = false;
  for (const entry of entries) {
    if (entry.dancer !== dancer) continue; // somebody else's, who was signed in here before
    const answer = await send(entry.url, entry.report);
    if (answer !== "later") keep(storage, keptReports(storage).filter((other) => other.report.id !== entry.report.id));
    if (entry.report.id === report.id) isTold = answer === "told";
  }
  return isTold;
}

/** What the server is told, within its limits. Exported for tests. */
export function reportOf({ slug, kind, dancedS, eights = [], rate = 1, id = crypto.randomUUID(), day = localDay(new Date()) }) {
  return {
    id,
    slug,
    kind,
    day,
    danced_s: Math.round(dancedS * 10) / 10,
    eights: eights.slice(-MOST_EIGHTS).map((eight) => ({
      eight: eight.eight,
      score: eight.score === null || eight.score === undefined ? null : Math.round(eight.score * 10) / 10,
      limb: eight.limb ?? null,
      rate: eight.rate ?? rate,
    })),
  };
}

/** The day by the dancer's own clock and time zone, "2026-03-01". */
export function localDay(date) {
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** @returns {Promise<"told"|"refused"|"later">} */
async function sendReport(url, report) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...csrfHeaders() },
      body: JSON.stringify(report),
      keepalive: true, // the page may be left right after the dance
    });
    if (response.ok) return "told";
    return response.status >= 500 || response.status === 429 ? "later" : "refused";
  } catch {
    return "later";
  }
}

function dancerOf() {
  return globalThis.document?.querySelector("[data-dancer]")?.dataset.dancer ?? "";
}

// For this tab alone: on a shared device the next person must not be told of as having danced.
function keptReports(storage) {
  try {
    const kept = JSON.parse(storage.getItem(KEPT) ?? "[]");
    return Array.isArray(kept) ? kept.filter((entry) => entry?.url && entry.report) : [];
  } catch {
    return [];
  }
}

function keep(storage, reports) {
  try {
    if (reports.length) storage.setItem(KEPT, JSON.stringify(reports.slice(-MOST_KEPT)));
    else storage.removeItem(KEPT);
  } catch {
    // A browser that keeps nothing: then a lost report is lost.
  }
}
