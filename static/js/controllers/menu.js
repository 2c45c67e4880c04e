/** A <details> menu that closes on Escape, on a click elsewhere and when the focus leaves it. */
export default function mount(details, scope) {
  const close = () => (details.open = false);
  scope.listen(document, "pointerdown", (event) => details.contains(event.target) || close());
  scope.listen(details, "focusout", (event) => event.relatedTarget && !details.contains(event.relatedTarget) && close());
  scope.listen(details, "keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    close();
    details.querySelector("summary").focus();
  });
}
