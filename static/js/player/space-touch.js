const RAD_PER_WIDTH = 1.3 * Math.PI;
const TAP_PX = 8;
const TAP_MS = 350;
const SECOND_TAP_MS = 260;
const WHEEL_SHARE = 0.0015;

/**
 * Turns and zooms by fingers, mouse, wheel and keys on the view's surface. A page still scrolls under a finger that moves up
 * or down (touch-action in css/space.css), and under the wheel until somebody has pressed the view.
 *
 * @param {{surface: HTMLElement, orbit: Orbit, scope: Scope, onMoved: () => void, onTap: () => void}} setup
 */
export function bindTouch({ surface, orbit, scope, onMoved, onTap }) {
  const pointers = new Map();
  let tap = null;
  let cancelTap = null;

  scope.listen(surface, "pointerdown", (event) => {
    if (event.button > 0) return;
    pointers.set(event.pointerId, at(event));
    tap = pointers.size === 1 ? { ...at(event), ms: event.timeStamp } : null;
    surface.setPointerCapture(event.pointerId);
    surface.focus({ preventScroll: true });
    event.preventDefault();
  });

  scope.listen(surface, "pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const others = [...pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    const now = at(event);
    pointers.set(event.pointerId, now);
    if (tap && Math.hypot(now.x - tap.x, now.y - tap.y) > TAP_PX) tap = null;
    if (tap) return;
    if (others.length) orbit.pinch(apart(now, others[0]) / apart(before, others[0]));
    else orbit.drag(((before.x - now.x) / surface.clientWidth) * RAD_PER_WIDTH, ((now.y - before.y) / surface.clientWidth) * RAD_PER_WIDTH);
    onMoved();
  });

  const leave = (event) => {
    pointers.delete(event.pointerId);
    const tapped = tap && event.type === "pointerup" && event.timeStamp - tap.ms < TAP_MS;
    tap = null;
    if (tapped) tappedOnce();
  };
  for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) scope.listen(surface, type, leave);

  // The first tap waits whether a second one comes: that one means something else.
  function tappedOnce() {
    if (cancelTap) {
      cancelTap();
      cancelTap = null;
      orbit.reset();
      onMoved();
      return;
    }
    cancelTap = scope.timeout(() => {
      cancelTap = null;
      onTap();
    }, SECOND_TAP_MS);
  }

  scope.listen(
    surface,
    "wheel",
    (event) => {
      if (!event.ctrlKey && document.activeElement !== surface) return;
      event.preventDefault();
      orbit.pinch(Math.exp(-event.deltaY * WHEEL_SHARE * (event.ctrlKey ? 5 : 1)));
      onMoved();
    },
    { passive: false },
  );

  scope.listen(surface, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "0") orbit.reset();
    else if (!orbit.press(event.key)) return;
    event.preventDefault();
    onMoved();
  });
}

function at(event) {
  return { x: event.clientX, y: event.clientY };
}

function apart(a, b) {
  return Math.max(Math.hypot(a.x - b.x, a.y - b.y), 1);
}
