/** The choice of rows: a tag that is taken away, or picked from the list, is asked for at once. The button does it without scripts. */
export default function mount(form, scope) {
  scope.listen(form, "change", (event) => {
    if (event.target.matches("[type=checkbox], [type=radio]")) form.requestSubmit();
  });
  const field = form.querySelector("input[list]");
  if (!field) return;
  const known = new Set([...field.list.options].map((option) => option.value));
  // Picking from the list comes as an input event that no key made.
  scope.listen(field, "input", (event) => {
    if ((!event.inputType || event.inputType === "insertReplacementText") && known.has(field.value)) form.requestSubmit();
  });
}
