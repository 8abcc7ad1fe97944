// The rules list: how many are chosen, all of a page at once, and what a row holds back.
const boxes = () => [...document.querySelectorAll("[name=rule]")];
const all = document.querySelector("[data-pick-all]");
const told = document.querySelector("[data-picked]");

const count = () => {
  const picked = boxes().filter((box) => box.checked).length;
  if (told) told.textContent = picked;
  if (all) {
    all.checked = picked > 0 && picked === boxes().length;
    all.indeterminate = picked > 0 && !all.checked;
  }
};

document.addEventListener("change", ({ target }) => {
  if (target === all) boxes().forEach((box) => { box.checked = all.checked; });
  if (target === all || target.name === "rule") count();
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-more]");
  if (!button) return;
  const row = document.getElementById(button.getAttribute("aria-controls"));
  row.hidden = !row.hidden;
  button.setAttribute("aria-expanded", String(!row.hidden));
});
count();
