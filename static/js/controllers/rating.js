/** A slider beside a number field: each moves the other. An empty field stays empty until one of them is touched. */
export default function mount(root, scope) {
  const slider = root.querySelector('[data-rating="slider"]');
  const number = root.querySelector('[data-rating="number"]');
  const follow = () => {
    slider.toggleAttribute("data-empty", number.value === "");
    if (number.value !== "") slider.value = number.value;
    slider.setAttribute("aria-valuetext", number.value || "–");
  };
  const lead = () => {
    number.value = slider.value;
    follow();
  };
  // A press on the very middle of an empty slider changes nothing by itself, so it says no "input".
  for (const type of ["input", "pointerup"]) scope.listen(slider, type, lead);
  scope.listen(number, "input", follow);
  slider.hidden = false;
  follow();
}
