// Ctrl-K: find things of the namespace by name or id. The server decides what is found.
const WAIT_MS = 150;

export function startPalette() {
  const palette = document.getElementById("palette");
  if (!palette) return;
  const input = palette.querySelector("input");
  const found = palette.querySelector("[role=listbox]");
  const status = palette.querySelector("[data-palette-status]");
  let timer;
  let asked = 0;

  const options = () => [...found.querySelectorAll("[role=option]")];
  const chosen = () => found.querySelector("[aria-selected=true]");

  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option?.id ?? "");
  };

  const move = (step) => {
    const all = options();
    if (all.length) choose(all.at((all.indexOf(chosen()) + step) % all.length));
  };

  const search = async () => {
    const words = input.value.trim();
    const turn = ++asked;
    const answer = await fetch(`${palette.dataset.searchUrl}?s=${encodeURIComponent(words)}`);
    if (turn !== asked || !answer.ok) return;
    found.innerHTML = await answer.text();
    input.setAttribute("aria-expanded", String(options().length > 0));
    status.textContent = words.length < 2 ? "type at least two characters" : `${options().length} found`;
    choose(options()[0]);
  };

  const open = () => {
    if (palette.open) return;
    palette.showModal();
    input.select();
    search();
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      event.preventDefault();
      move(steps[event.key]);
    } else if (event.key === "Enter" && chosen()) {
      event.preventDefault();
      location.assign(chosen().dataset.url);
    }
  });
  found.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.url);
  });
  palette.addEventListener("click", (event) => {
    if (event.target === palette) palette.close();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-palette]")) open();
  });
}
