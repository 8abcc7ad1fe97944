// What every page needs: colours, the palette, copied links, broken pictures, progress.
import { startPalette } from "./palette.js";
import { startPreview } from "./preview.js";
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

const reset = (button) => {
  const field = document.getElementById(button.dataset.clear);
  field.value = "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
};

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-theme-choice]");
  if (choice) chooseTheme(choice.dataset.themeChoice);
  const copied = event.target.closest("[data-copy], [data-copy-url]");
  if (copied) copy(copied);
  const clear = event.target.closest("[data-clear]");
  if (clear) reset(clear);
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

// What scrolls sideways must be reachable by the keyboard, and only then.
const letKeysScroll = () => {
  for (const box of document.querySelectorAll(".table-scroll, .strip, .tabs, .json, .found")) {
    const overflows = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    box.toggleAttribute("tabindex", false);
    if (overflows) box.tabIndex = 0;
  }
};
addEventListener("resize", letKeysScroll);
document.addEventListener("htmx:afterSettle", letKeysScroll);
letKeysScroll();

startPalette();
startPreview();
startRuns(letKeysScroll);
