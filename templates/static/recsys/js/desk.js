// What every page needs: colours, the palette, copied links, broken pictures, progress.
import { startPalette } from "./palette.js";
import { startRuns } from "./runs.js";

const say = (words) => {
  const toast = Object.assign(document.createElement("p"), { className: "toast", textContent: words });
  toast.setAttribute("role", "status");
  document.body.append(toast);
  setTimeout(() => toast.remove(), 3000);
};

const chooseTheme = (choice) => {
  localStorage.setItem("recsys-theme", choice);
  dispatchEvent(new Event("recsys:theme"));
};

const copy = async (button) => {
  const text = button.dataset.copy || new URL(button.dataset.copyUrl ?? "", location.href).href;
  await navigator.clipboard.writeText(text);
  say("Copied.");
};

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-theme-choice]");
  if (choice) chooseTheme(choice.dataset.themeChoice);
  const copied = event.target.closest("[data-copy], [data-copy-url]");
  if (copied) copy(copied);
});

// A select or a date in a filter bar applies at once; the button stays for the keyboard.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-apply-on-change]")) event.target.form.requestSubmit();
});

// Errors of pictures do not bubble, hence the capture.
document.addEventListener("error", ({ target }) => {
  if (target instanceof HTMLImageElement && target.classList.contains("picture")) {
    target.removeAttribute("src");
  }
}, true);

startPalette();
startRuns();
