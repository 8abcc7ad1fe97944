// Moving an item, by mouse with a numbered placeholder or by keyboard with spoken places.
export function startMoving(page) {
  if (!page.mayEdit) return;
  let held = null;

  const shop = () => document.querySelector(".shop[data-page=draft]");
  const places = () => [...shop().querySelectorAll(":scope > .tile[data-slot]")];
  const renumber = () => places().forEach((tile, index) => (tile.querySelector(".slot").textContent = index + 1));
  const perRow = () => {
    const [first, ...rest] = places();
    const next = rest.findIndex((tile) => tile.offsetTop > first.offsetTop + 4);
    return next < 0 ? rest.length + 1 : next + 1;
  };

  const pickUp = (handle) => {
    const tile = handle.closest(".tile");
    held = { tile, handle, order: [...shop().children], from: places().indexOf(tile) };
    handle.setAttribute("aria-pressed", "true");
    page.say("Picked up.", `${tile.dataset.title}, position ${held.from + 1} of ${page.total()}. Arrows move it.`);
  };

  const putBack = () => {
    if (!held) return;
    shop().replaceChildren(...held.order);
    held.handle.setAttribute("aria-pressed", "false");
    renumber();
    held.handle.focus();
    page.say("Cancelled.", `${held.tile.dataset.title} is back at position ${held.from + 1}.`);
    held = null;
  };

  const putDown = () => {
    const { tile, handle, from } = held;
    const at = places().indexOf(tile);
    handle.setAttribute("aria-pressed", "false");
    held = null;
    if (at === from) page.say("Put down where it was.", tile.dataset.title);
    else page.edit({ do: "pin", item: tile.dataset.item, position: at + 1 });
  };

  const move = (steps) => {
    const all = places();
    const at = all.indexOf(held.tile);
    const to = Math.min(Math.max(at + steps, 0), all.length - 1);
    if (to > at) all[to].after(held.tile);
    else if (to < at) all[to].before(held.tile);
    renumber();
    held.handle.focus();
    page.say(`Moved to position ${to + 1} of ${page.total()}.`, held.tile.dataset.title);
  };

  const walk = (handle, steps) => {
    const all = places();
    all[all.indexOf(handle.closest(".tile")) + steps]?.querySelector(".slot").focus();
  };

  const stepOf = (key) =>
    ({ ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perRow(), ArrowDown: perRow(), Home: -1000, End: 1000 })[key];

  document.addEventListener("keydown", (event) => {
    const handle = event.target.closest?.("button.slot");
    if (!handle || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = stepOf(event.key);
    if (step !== undefined) {
      event.preventDefault();
      if (held) move(step);
      else walk(handle, step);
    } else if (event.key === "Escape" && held) {
      event.preventDefault();
      putBack();
    } else if (event.key === "Tab" && held) {
      putBack();
    } else if (event.key === "Enter" && !held) {
      event.preventDefault();
      page.openMenu(handle);
    } else if (event.key.toLowerCase() === "m" && !held) {
      event.preventDefault();
      page.pinTo(handle.closest(".tile"));
    }
  });

  document.addEventListener("click", ({ target }) => {
    const handle = target.closest("button.slot");
    if (!handle) return;
    if (!held) pickUp(handle);
    else if (held.handle === handle) putDown();
    else putBack();
  });

  startDragging(page, { shop, places, isBusy: () => held !== null });
}

function startDragging(page, { shop, places, isBusy }) {
  const place = document.createElement("li");
  place.className = "tile place";
  let dragged = null;

  document.addEventListener("dragstart", (event) => {
    const tile = event.target.closest?.(".shop[data-page=draft] > .tile[data-slot]");
    if (!tile || isBusy()) return;
    dragged = tile;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", tile.dataset.item);
    event.dataTransfer.setDragImage(tile, 40, 40);
    setTimeout(() => dragged?.classList.add("dragged"));
  });

  document.addEventListener("dragover", (event) => {
    if (!dragged || event.target.closest?.(".shop") !== shop()) return;
    event.preventDefault();
    const over = event.target.closest(".tile[data-slot]");
    if (!over || over === place) return;
    const box = over.getBoundingClientRect();
    if (event.clientX > box.left + box.width / 2) over.after(place);
    else over.before(place);
    place.textContent = numberOf();
  });

  // The place that the item would get: one for each other item before the placeholder.
  const numberOf = () => {
    const before = places().filter((tile) => tile !== dragged && tile.compareDocumentPosition(place) & Node.DOCUMENT_POSITION_FOLLOWING);
    return before.length + 1;
  };

  document.addEventListener("drop", (event) => {
    if (!dragged || !place.isConnected) return;
    event.preventDefault();
    const position = numberOf();
    const { item, slot } = dragged.dataset;
    end();
    if (position === Number(slot)) page.say("Dropped where it was.");
    else page.edit({ do: "pin", item, position });
  });

  const end = () => {
    dragged?.classList.remove("dragged");
    dragged = null;
    place.remove();
  };
  document.addEventListener("dragend", end);
}
