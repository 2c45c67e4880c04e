const LONG_PRESS_MS = 450;
const SLOP_PX = 8;

/**
 * One finger or the mouse on the plot: it goes there. With Shift, after a long press, or while a loop is picked, it draws
 * a stretch instead, and a mere tap is one end of it.
 *
 * @param {{slider: Element, scope: Scope, timeAt: (event: PointerEvent) => number, perS: () => number, player: Player}} setup
 */
export function bindPlot({ slider, scope, timeAt, perS, player }) {
  let hold = null;
  let cancelPress = () => {};

  function press(event) {
    if (event.button !== 0 || !event.isPrimary) return;
    slider.setPointerCapture(event.pointerId);
    hold = { x: event.clientX, tS: timeAt(event), draws: event.shiftKey || player.loops.picking, moved: false };
    if (hold.draws) return;
    player.seek(hold.tS);
    if (event.pointerType !== "mouse") cancelPress = scope.timeout(() => drawFromNow(), LONG_PRESS_MS);
  }

  function drawFromNow() {
    if (!hold || hold.moved) return;
    hold.draws = true;
    player.loops.tap(hold.tS, perS());
    hold.told = true;
    globalThis.navigator?.vibrate?.(12);
  }

  function move(event) {
    if (!hold) return;
    hold.moved ||= Math.abs(event.clientX - hold.x) > SLOP_PX;
    if (hold.moved) cancelPress();
    if (!hold.draws) player.seek(timeAt(event));
    else if (hold.moved) player.loops.draw(hold.tS, timeAt(event), perS());
  }

  function release() {
    cancelPress();
    const { draws, moved, told, tS } = hold ?? {};
    hold = null;
    if (!draws) return;
    if (moved) player.loops.drawn();
    else if (!told) player.loops.tap(tS, perS());
  }

  function cancel() {
    cancelPress();
    hold = null;
  }

  scope.listen(slider, "pointerdown", press);
  scope.listen(slider, "pointermove", move);
  scope.listen(slider, "pointerup", release);
  scope.listen(slider, "pointercancel", cancel);
  // A long press is ours; the browser's menu would take the finger away.
  scope.listen(slider, "contextmenu", (event) => hold && event.preventDefault());
}
