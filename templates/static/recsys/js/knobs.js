// Knobs in forms: sliders beside numbers, what is set, and finding one among eighty.

for (const slider of document.querySelectorAll("input[data-slides]")) {
  const number = document.getElementsByName(slider.dataset.slides)[0];
  slider.addEventListener("input", () => {
    number.value = within(number, slider.value);
    keepInOrder(number);
    number.dispatchEvent(new Event("input", { bubbles: true }));
  });
  number.addEventListener("input", () => follow(slider, number));
  follow(slider, number);
}

// Steps of a slider may begin below what the knob takes.
function within(number, value) {
  const low = number.min === "" ? value : Math.max(value, number.min);
  return String(number.max === "" ? low : Math.min(low, number.max));
}

function follow(slider, number) {
  const text = number.value.trim();
  const unit = slider.dataset.unit ? ` ${slider.dataset.unit}` : "";
  if (text !== "" && Number.isFinite(Number(text))) {
    slider.max = Math.max(slider.max, text);
    slider.min = Math.min(slider.min, text);
    slider.value = text;
    slider.setAttribute("aria-valuetext", text + unit);
  } else if (text === "" && number.placeholder) {
    slider.value = number.placeholder;
    slider.setAttribute("aria-valuetext", `not set, default ${number.placeholder}${unit}`);
  } else {
    slider.setAttribute("aria-valuetext", text || "not set");
  }
}

// The two ends of a range that slide do not cross.
function keepInOrder(number) {
  const [end, knob] = number.name.split(/-(.*)/);
  if (end !== "low" && end !== "high") return;
  const other = document.getElementsByName(`${end === "low" ? "high" : "low"}-${knob}`)[0];
  const [low, high] = end === "low" ? [number, other] : [other, number];
  if (other.value === "" || Number(low.value) <= Number(high.value)) return;
  other.value = number.value;
  follow(sliderOf(other), other);
}

function sliderOf(number) {
  return document.querySelector(`[data-slides="${CSS.escape(number.name)}"]`);
}

// A knob with a value can be reset; its row says that it is set, and from what changed.
document.addEventListener("input", ({ target }) => {
  const row = target.closest(".knob");
  if (!row || target.matches("[data-slides]")) return;
  const { value } = target;
  const isSet = value !== "";
  row.classList.toggle("set", isSet);
  row.querySelector("[data-clear]").hidden = !isSet;
  const fallback = row.dataset.default;
  const isSame = value === fallback || (fallback !== "" && Number(value) === Number(fallback));
  row.querySelector("[data-changed]").hidden = !isSet || isSame;
});

const groups = [...document.querySelectorAll(".knob-group")];
const rows = groups.flatMap((group) => [...group.querySelectorAll("[data-knob]")]);
const search = document.querySelector("[data-finds-knobs]");
const found = document.querySelector("[data-knobs-found]");
const wordsOf = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
let openBefore = null;

function find() {
  const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  openBefore ??= new Map(groups.map((group) => [group, group.open]));
  for (const row of rows) row.hidden = !asked.every((word) => wordsOf.get(row).includes(word));
  for (const group of groups) {
    const some = group.querySelector("[data-knob]:not([hidden])") !== null;
    group.hidden = !some;
    group.open = asked.length ? some : openBefore.get(group);
  }
  if (!asked.length) openBefore = null;
  const count = rows.filter((row) => !row.hidden).length;
  found.textContent = asked.length ? `${count} of ${rows.length} knobs` : "";
}

search.addEventListener("input", find);
search.addEventListener("keydown", (event) => {
  // Enter would send the form.
  if (event.key === "Enter") event.preventDefault();
});

document.querySelector("[data-open-groups]").addEventListener("click", ({ currentTarget }) => {
  const open = groups.some((group) => !group.open);
  for (const group of groups) group.open = open;
  currentTarget.textContent = open ? "Close all" : "Open all";
});

// A link to a group opens it.
for (const link of document.querySelectorAll(".jump a")) {
  link.addEventListener("click", () => {
    const group = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (group) group.open = true;
  });
}

// How many knobs of a group are chosen, and what is chosen at all.
function countChosen() {
  for (const group of groups) {
    const count = group.querySelector("[data-chosen]");
    if (!count) continue;
    const chosen = group.querySelectorAll("input[name^='tune-']:checked").length;
    count.textContent = chosen ? `${chosen} of ${count.dataset.chosen} chosen` : count.dataset.chosen;
  }
  const told = document.querySelector("[data-chosen-names]");
  if (!told) return;
  const names = [...document.querySelectorAll("input[name^='tune-']:checked")];
  told.textContent = names.length
    ? `${names.length} chosen: ${names.map((each) => each.name.slice(5)).join(", ")}`
    : "None chosen yet.";
}

document.addEventListener("change", ({ target }) => {
  if (target.name?.startsWith("tune-")) countChosen();
});
countChosen();
