// What can be done with one item: the menu of its card, dialogs, search, "Why here?".
const WAIT_MS = 200;

export function startMenu(page) {
  const { part } = page;
  const menu = part("card-menu");
  let opener = null;

  const entries = ({ item, slot, pinned, lifted, blocked }) => [
    ...(page.mayEdit
      ? [
          slot && pinned === undefined && ["lock", "Pin here", () => page.edit({ do: "pin", item, position: Number(slot) })],
          pinned !== undefined && ["lock", "Unpin", () => page.edit({ do: "unpin", item }, "Unpinned.")],
          ["lock", "Pin to…", (tile) => pinTo(tile)],
          ["up", "Boost…", (tile) => strengthen(tile, "boost")],
          ["down", "Bury…", (tile) => strengthen(tile, "bury")],
          lifted !== undefined && ["close", "No boost, no bury", () => page.edit({ do: "clear", item }, "Set free.")],
          blocked === undefined
            ? ["block", "Block", () => page.edit({ do: "block", item }, "Blocked.")]
            : ["block", "Unblock", () => page.edit({ do: "clear", item }, "Unblocked.")],
        ]
      : []),
    ["eye", "Why here?", (tile) => why(tile)],
    ["search", "Where else is it ruled?", (tile) => elsewhere(tile)],
  ].filter(Boolean);

  const open = (button) => {
    const tile = button.closest(".tile");
    opener = { button, tile };
    menu.replaceChildren(
      ...entries(tile.dataset).map(([icon, words, act]) => {
        const entry = Object.assign(document.createElement("button"), { type: "button" });
        entry.setAttribute("role", "menuitem");
        entry.tabIndex = -1;
        const picture = part("menu-icons").content.querySelector(`[data-icon=${icon}] svg`);
        entry.append(picture.cloneNode(true), words);
        entry.addEventListener("click", () => {
          menu.hidePopover();
          act(tile);
        });
        return entry;
      }),
    );
    menu.showPopover();
    place(button.getBoundingClientRect());
    menu.firstElementChild.focus();
  };

  const place = (at) => {
    const left = Math.min(at.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8);
    const top = Math.min(at.bottom + 4, innerHeight - menu.offsetHeight - 8);
    menu.style.left = `${Math.max(left, 8)}px`;
    menu.style.top = `${Math.max(top, 8)}px`;
  };

  const confirmed = (dialog, words) =>
    new Promise((answer) => {
      const about = dialog.querySelector("[data-about]");
      if (about && words) about.textContent = words;
      dialog.returnValue = "";
      dialog.addEventListener("close", () => answer(dialog.returnValue === "do"), { once: true });
      dialog.showModal();
    });
  page.confirmed = confirmed;

  const pinTo = async ({ dataset }) => {
    const dialog = part("to-position");
    const input = dialog.querySelector("input");
    input.max = Math.max(page.total(), 1);
    input.value = dataset.slot ?? "";
    const waits = confirmed(dialog, dataset.title);
    input.select();
    if (await waits) page.edit({ do: "pin", item: dataset.item, position: Number(input.value) });
  };
  page.pinTo = pinTo;

  const strengthen = async ({ dataset }, kind) => {
    const dialog = part("strength");
    part("strength-title").textContent = kind === "boost" ? "Boost: how strong?" : "Bury: how strong?";
    if (!(await confirmed(dialog, dataset.title))) return;
    const value = Number(dialog.querySelector("[name=step]:checked").value);
    page.edit({ do: kind, item: dataset.item, value }, kind === "boost" ? "Boosted." : "Buried.");
  };

  const tell = (text) => {
    part("told-words").innerHTML = text;
    if (!part("told").open) part("told").showModal();
  };
  page.tell = tell;

  const why = async (tile) => {
    const shown = tile.closest(".shop")?.dataset.page ?? "draft";
    const asked = await page.ask(page.desk.dataset.why, { item: tile.dataset.item, page: shown });
    if (asked?.answer.ok) tell(asked.text);
  };

  const elsewhere = async ({ dataset }) => {
    const answer = await fetch(`${page.desk.dataset.elsewhere}?item=${encodeURIComponent(dataset.item)}`);
    if (answer.ok) tell(await answer.text());
    else page.trouble(`The server could not answer (${answer.status}). Try again.`);
  };

  document.addEventListener("click", ({ target }) => {
    const dots = target.closest(".tile .dots");
    if (dots) open(dots);
    const found = target.closest("[data-found]");
    if (!found) return;
    const row = found.closest(".found-item");
    part("find-item").close();
    if (found.dataset.found === "pin") pinTo(row);
    else if (found.dataset.found === "boost") strengthen(row, "boost");
    else why(row);
  });

  menu.addEventListener("keydown", (event) => {
    const all = [...menu.children];
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      event.preventDefault();
      all.at((all.indexOf(document.activeElement) + steps[event.key]) % all.length).focus();
    } else if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      all.at(event.key === "Home" ? 0 : -1).focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      menu.hidePopover();
      opener?.button.focus();
    }
  });
  page.openMenu = open;

  startSearch(page);
}

function startSearch(page) {
  const words = page.part("find-words");
  const found = page.part("found");
  let timer;
  let turn = 0;
  const search = async () => {
    const mine = ++turn;
    const asked = await page.ask(page.desk.dataset.search, { q: words.value });
    if (asked?.answer.ok && mine === turn) found.innerHTML = asked.text;
  };
  words.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, WAIT_MS);
  });
}
