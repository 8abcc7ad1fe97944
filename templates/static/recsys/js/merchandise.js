// The Merchandise page: edits are values in a list, the server turns them into pages.
import { startMenu } from "./merchandise_menu.js";
import { startMoving } from "./merchandise_move.js";
import { startSaving } from "./merchandise_save.js";

const KEEP_DAYS = 28;
const desk = document.getElementById("desk");
const field = (name) => desk.elements.namedItem(name);
const part = (id) => document.getElementById(id);

const inDays = (days) => {
  const day = new Date(Date.now() + days * 86_400_000);
  const two = (number) => String(number).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}T00:00`;
};
const fresh = () => ({ edits: [], undone: [], off: [], starts: "", ends: inDays(KEEP_DAYS) });

export const page = {
  desk,
  field,
  part,
  mayEdit: "mayEdit" in desk.dataset,
  state: fresh(),
  focusItem: null,
  told: null,

  key: () => `recsys-merchandise:${desk.dataset.namespace}:${field("draft").value || "new"}`,
  total: () => Number(document.querySelector(".shop[data-page=draft]")?.dataset.total ?? 0),
  scope: () => {
    const [kind, ...name] = field("as_who").value.split(":");
    return { surface: field("as_surface").value, segment: kind === "segment" ? name.join(":") : null };
  },
  say: (strong, words = "") => {
    const told = Object.assign(document.createElement("b"), { textContent: strong });
    part("say").replaceChildren(told, words ? ` ${words}` : "");
  },
  trouble: (words) => {
    const told = Object.assign(document.createElement("p"), { className: "message error", textContent: words });
    part("trouble").replaceChildren(...(words ? [told] : []));
  },

  // Do something: remember it, so that it can be taken back, and ask for the page again.
  edit(what, words) {
    if (!page.mayEdit) return;
    page.state.edits.push({ scope: page.scope(), ...what });
    page.state.undone = [];
    page.focusItem = what.item;
    page.told = words ?? null;
    page.again();
  },
  undo() {
    const last = page.state.edits.pop();
    if (!last) return;
    page.state.undone.push(last);
    page.told = "Undone.";
    page.again();
  },
  redo() {
    const next = page.state.undone.pop();
    if (!next) return;
    page.state.edits.push(next);
    page.told = "Done again.";
    page.again();
  },
  discard() {
    page.state.undone.push(...page.state.edits.reverse());
    page.state.edits = [];
    page.told = "Discarded. Redo brings it back.";
    page.again();
  },
  forget() {
    sessionStorage.removeItem(page.key());
    page.state = fresh();
  },
  again() {
    const { edits, off, starts, ends } = page.state;
    field("edits").value = JSON.stringify(edits);
    field("off").value = off.join(",");
    field("starts").value = starts;
    field("ends").value = ends;
    const isKept = edits.length || page.state.undone.length || off.length;
    if (isKept) sessionStorage.setItem(page.key(), JSON.stringify(page.state));
    else sessionStorage.removeItem(page.key());
    showButtons();
    desk.requestSubmit();
  },

  // Ask the server for a part, with all that the page knows.
  async ask(url, more = {}) {
    const body = new FormData(desk);
    for (const [name, value] of Object.entries(more)) body.set(name, value);
    try {
      const answer = await fetch(url, { method: "POST", body });
      const text = await answer.text();
      if (!answer.ok && answer.status !== 409) page.trouble(inWords(answer.status, answer.headers.get("Content-Type"), text));
      return { answer, text };
    } catch {
      page.trouble("The server cannot be reached. What you did is kept here; try again.");
      return null;
    }
  },
};

const inWords = (status, type, text) =>
  type?.startsWith("text/plain") && text
    ? text
    : `The server could not answer (${status}). What you did is kept here; try again.`;

const disable = (selector, isOff) => document.querySelector(selector)?.setAttribute("aria-disabled", String(isOff));

const showButtons = () => {
  const { edits, undone } = page.state;
  disable("[data-undo]", !edits.length);
  disable("[data-redo]", !undone.length);
  disable("[data-discard]", !edits.length);
  disable("[data-save-draft]", !edits.length);
};

const restore = () => {
  try {
    Object.assign(page.state, JSON.parse(sessionStorage.getItem(page.key())) ?? {});
  } catch {
    sessionStorage.removeItem(page.key());
  }
};

const choose = (button) => {
  field(button.dataset.choose).value = button.value;
  for (const other of button.parentElement.children) other.setAttribute("aria-pressed", String(other === button));
  page.again();
};

const commands = {
  "[data-choose]": choose,
  "[data-undo]": page.undo,
  "[data-redo]": page.redo,
  "[data-discard]": page.discard,
  "[data-now]": () => {
    field("as_when").value = "";
    page.again();
  },
  "[data-open]": (button) => part(button.dataset.open).showModal(),
  "[data-close]": (button) => button.closest("dialog").close(),
  "[data-strength]": ({ dataset }) => page.edit({ do: dataset.do, item: dataset.item, value: Number(dataset.strength) }, "Strength changed."),
};

document.addEventListener("click", ({ target }) => {
  for (const [selector, act] of Object.entries(commands)) {
    const button = target.closest(selector);
    if (button && button.getAttribute("aria-disabled") !== "true") act(button);
  }
});

document.addEventListener("keydown", (event) => {
  const isText = event.target.closest("input, textarea, select, dialog");
  if (isText || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  event.preventDefault();
  if (event.shiftKey) page.redo();
  else page.undo();
});

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-again]")) {
    const isUser = field("as_who").value === "user:";
    document.querySelector("[data-user]").hidden = !isUser;
    document.querySelector("[data-now]").hidden = !field("as_when").value;
    if (!(target === field("as_who") && isUser && !field("as_user").value)) page.again();
    else field("as_user").focus();
  } else if (target.matches("[data-off]")) {
    const { off } = page.state;
    page.state.off = target.checked ? [...off, target.dataset.off] : off.filter((id) => id !== target.dataset.off);
    page.again();
  } else if (target.matches("[data-draft]")) {
    location.assign(`?as_surface=${encodeURIComponent(field("as_surface").value)}&draft=${target.value}`);
  }
});

// What the grid says after a step: where the engine really put the item.
const tellPlace = () => {
  const words = page.told;
  page.told = null;
  if (page.focusItem === null) {
    if (words) page.say(words);
    return;
  }
  const tile = [...document.querySelectorAll(".shop[data-page=draft] .tile")].find((each) => each.dataset.item === page.focusItem);
  page.focusItem = null;
  if (!tile) return page.say(words ?? "Done.", "It is not on this page.");
  const slot = tile.querySelector("button.slot");
  (slot ?? tile.querySelector(".dots")).focus();
  const moved = tile.dataset.slot ? `Moved to position ${tile.dataset.slot} of ${page.total()}.` : "Not on the page.";
  page.say(words ?? moved, tile.dataset.title);
};

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id === "panes") {
    target.setAttribute("aria-busy", "false");
    page.trouble("");
    tellPlace();
  } else if (target.id === "presence") {
    const stamp = target.querySelector("[data-stamp]")?.dataset.stamp;
    if (stamp && stamp !== field("seen").value) page.trouble("Somebody else saved this draft. When you save you see both versions side by side.");
  }
});
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (target === desk) part("panes").setAttribute("aria-busy", "true");
});
document.addEventListener("htmx:responseError", ({ target, detail }) => {
  if (target === desk) page.trouble(inWords(detail.xhr.status, detail.xhr.getResponseHeader("Content-Type"), detail.xhr.responseText));
});
document.addEventListener("htmx:sendError", ({ target }) => {
  if (target === desk) page.trouble("The server cannot be reached. What you did is kept here; try again.");
});

document.addEventListener("DOMContentLoaded", () => {
  restore();
  startMenu(page);
  startMoving(page);
  startSaving(page);
  page.again();
});
