/** Whether something is kept on this device, as a mark that every page can read without opening a database. */
const MARK = "kdance.takes";

/** Yes also where nobody can tell. */
export function mayHaveTakes({ marks = () => globalThis.localStorage } = {}) {
  try {
    return marks().getItem(MARK) === "1";
  } catch {
    return true;
  }
}

export function mark(hasSome, { marks = () => globalThis.localStorage } = {}) {
  try {
    if (hasSome) marks().setItem(MARK, "1");
    else marks().removeItem(MARK);
  } catch {
    // Then every page looks into the database.
  }
}
