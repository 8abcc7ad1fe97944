// A slider and its number field say the same; a range's two ends do not cross.

for (const slider of document.querySelectorAll("input[data-slides]")) {
  const number = document.getElementsByName(slider.dataset.slides)[0];
  slider.addEventListener("input", () => {
    number.value = slider.value;
    keepInOrder(number);
  });
  number.addEventListener("input", () => {
    slider.max = Math.max(slider.max, number.value);
    slider.value = number.value;
  });
}

function keepInOrder(number) {
  const isLow = number.name.startsWith("low-");
  const knob = number.name.replace(/^(low|high)-/, "");
  const other = document.getElementsByName((isLow ? "high-" : "low-") + knob)[0];
  const crossed = isLow
    ? Number(number.value) > Number(other.value)
    : Number(number.value) < Number(other.value);
  if (!crossed) return;
  other.value = number.value;
  document.querySelector(`[data-slides="${other.name}"]`).value = number.value;
}
