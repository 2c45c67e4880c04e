const MOVES = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

/** The correlation matrix: one stop for Tab, the arrow keys inside, and a line that says the cell in words. */
export default function mount(root, scope) {
  const rows = [...root.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("[data-detail]")]).filter((cells) => cells.length);
  const line = root.querySelector("[data-matrix-line]");
  if (!rows.length || !line) return;
  root.querySelector("table").setAttribute("role", "grid");
  let at = [0, 0];
  const cell = () => rows[at[0]][at[1]];
  for (const each of rows.flat()) each.tabIndex = -1;
  cell().tabIndex = 0;

  const choose = (next) => {
    cell().tabIndex = -1;
    cell().removeAttribute("data-chosen");
    at = next;
    cell().tabIndex = 0;
    cell().setAttribute("data-chosen", "");
    line.textContent = cell().dataset.detail;
  };
  const placeOf = (target) => {
    for (const [row, cells] of rows.entries()) if (cells.includes(target)) return [row, cells.indexOf(target)];
    return null;
  };
  for (const type of ["focusin", "pointerover", "click"]) {
    scope.listen(root, type, (event) => {
      const place = placeOf(event.target.closest("[data-detail]"));
      if (place) choose(place);
    });
  }
  scope.listen(root, "keydown", (event) => {
    if (!placeOf(event.target)) return;
    const next = placeAfter(event, at, rows);
    if (!next) return;
    event.preventDefault();
    choose(next);
    cell().focus();
  });
}

function placeAfter({ key, ctrlKey, metaKey }, [row, column], rows) {
  if (key === "Home") return ctrlKey || metaKey ? [0, 0] : [row, 0];
  if (key === "End") return ctrlKey || metaKey ? [rows.length - 1, rows.at(-1).length - 1] : [row, rows[row].length - 1];
  if (!(key in MOVES) || ctrlKey || metaKey) return null;
  const [down, right] = MOVES[key];
  const nextRow = Math.min(Math.max(row + down, 0), rows.length - 1);
  return [nextRow, Math.min(Math.max(column + right, 0), rows[nextRow].length - 1)];
}
