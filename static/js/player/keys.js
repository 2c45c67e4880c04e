const FIELDS = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]";
const PRESSED_BY_SPACE = "button, a, summary, input:not([type=radio]:checked), [role=button]";

/** Keys to actions of the player, wherever the focus is, unless somebody is writing. */
export function bindKeys(scope, actions) {
  const table = {
    " ": () => actions.togglePlay(),
    ",": () => actions.stepFrame(-1),
    ".": () => actions.stepFrame(1),
    m: () => actions.toggle("mirror"),
    v: () => actions.nextView(),
    l: () => actions.toggleLoop(),
    c: () => actions.toggle("bigCount"),
    s: () => actions.toggle("sound"),
    b: () => actions.toggle("clicks"),
    f: () => actions.toggle("full"),
    w: () => actions.toggle("self"),
    "-": () => actions.changeSpeed(-1),
    "+": () => actions.changeSpeed(1),
    "=": () => actions.changeSpeed(1), // the plus of many keyboards, without Shift
    Home: () => actions.seek(0),
    "[": () => actions.markLoop(0),
    "]": () => actions.markLoop(1),
  };
  scope.listen(document, "keydown", (event) => {
    if (isForSomebodyElse(event)) return;
    if (event.key === " " && event.target.closest?.(PRESSED_BY_SPACE)) return;
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (direction && event.target.closest?.("[role=radiogroup], input")) return;
    if (event.key === "Home" && !event.target.closest?.("[role=slider]")) return;
    const action = direction ? () => actions.step(direction, event.shiftKey) : table[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/** Whether a key is a browser's shortcut, is written into a field, or has done its work already. */
export function isForSomebodyElse(event) {
  return event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || Boolean(event.target.closest?.(FIELDS));
}
