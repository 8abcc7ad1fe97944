// Saving, checking and submitting. Nothing that was done or typed is lost on the way.
export function startSaving(page) {
  const { desk, field, part } = page;
  const dock = part("dock");

  const saved = ({ draft, title, seen, words }) => {
    page.forget();
    field("draft").value = draft;
    field("seen").value = seen;
    const drafts = document.querySelector("[data-draft]");
    if (![...drafts.options].some((option) => option.value === draft)) drafts.append(new Option(title, draft));
    drafts.value = draft;
    page.told = words;
    page.again();
  };

  const submitted = ({ words, url }) => {
    page.forget();
    field("draft").value = "";
    field("seen").value = "";
    document.querySelector("[data-draft]").value = "";
    closeDock();
    page.told = words;
    const told = Object.assign(document.createElement("p"), { className: "message success" });
    told.append(words, " ");
    if (url) told.append(Object.assign(document.createElement("a"), { href: url, textContent: "Open the change set", className: "link" }));
    part("presence").replaceChildren(told);
    page.again();
  };

  const handle = async (url, more) => {
    const asked = await page.ask(url, more);
    if (!asked) return;
    if (asked.answer.status === 409) page.tell(asked.text);
    const event = JSON.parse(asked.answer.headers.get("HX-Trigger") ?? "{}");
    if (event["merchandise:saved"]) saved(event["merchandise:saved"]);
    if (event["merchandise:submitted"]) submitted(event["merchandise:submitted"]);
  };

  const save = async () => {
    if (field("draft").value) return handle(desk.dataset.save);
    const dialog = part("save-as");
    const form = dialog.querySelector("form");
    const surface = field("as_surface").value;
    form.elements.title.value ||= `${surface[0].toUpperCase()}${surface.slice(1)}: ${part("unsaved-words").textContent.trim()}`;
    form.elements.starts.value = page.state.starts;
    form.elements.ends.value = page.state.ends;
    if (!(await page.confirmed(dialog))) return;
    page.state.starts = field("starts").value = form.elements.starts.value;
    page.state.ends = field("ends").value = form.elements.ends.value;
    await handle(desk.dataset.save, { title: form.elements.title.value, reason: form.elements.reason.value });
  };

  const check = async () => {
    const typed = part("submit-form")?.elements.reason?.value ?? "";
    const asked = await page.ask(desk.dataset.check);
    if (!asked?.answer.ok) return;
    dock.innerHTML = asked.text;
    dock.hidden = false;
    htmx.process(dock);
    const reason = part("submit-form")?.elements.reason;
    if (reason) reason.value = typed;
    dock.focus();
  };

  const closeDock = () => {
    dock.hidden = true;
    dock.replaceChildren();
    document.querySelector("[data-check-draft]").focus();
  };

  const choices = {
    apart: (button) => handle(desk.dataset.save, { keep: "apart", title: button.dataset.title, reason: `Kept apart from “${button.dataset.title}”.` }),
    onto: (button) => {
      field("seen").value = button.dataset.seen;
      return handle(desk.dataset.save);
    },
    theirs: (button) => {
      field("seen").value = button.dataset.seen;
      page.discard();
    },
  };

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-save-draft], [data-check-draft], [data-close-dock], [data-keep]");
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    if (button.matches("[data-save-draft]")) save();
    else if (button.matches("[data-check-draft]")) check();
    else if (button.matches("[data-close-dock]")) closeDock();
    else {
      part("told").close();
      choices[button.dataset.keep](button);
    }
  });

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "submit-form") return;
    event.preventDefault();
    handle(desk.dataset.submit, Object.fromEntries(new FormData(event.target)));
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !dock.hidden && dock.contains(event.target)) closeDock();
  });
}
