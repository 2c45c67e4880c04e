/** Asks before a button does what cannot be undone. */
export default function mount(button, scope) {
  scope.listen(button, "click", (event) => {
    if (!window.confirm(button.dataset.confirm)) event.preventDefault();
  });
}
