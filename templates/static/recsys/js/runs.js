// Progress of long work: asks every two seconds while the page is looked at.
const EVERY_MS = 2000;

export function startRuns(settled) {
  const refresh = async (widget) => {
    if (document.hidden) return;
    const part = await htmlOf(widget.dataset.progressUrl);
    if (!part || !widget.isConnected) return;
    const isOver = part.querySelector("[data-progress-url]") === null;
    // When the work has ended, more of the page than its progress is another.
    const page = isOver ? await htmlOf(location.href) : null;
    const [before, after] = page
      ? [document.getElementById("main"), page.getElementById("main")]
      : [widget, part.body.firstElementChild];
    exchange(before, document.adoptNode(after));
    settled();
  };
  setInterval(() => {
    document.querySelectorAll("[data-progress-url]").forEach(refresh);
  }, EVERY_MS);
}

async function htmlOf(url) {
  const answer = await fetch(url, { headers: { Accept: "text/html" } });
  return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

// What a reader has ticked, focused or scrolled to stays.
function exchange(before, after) {
  const boxes = new Map([...after.querySelectorAll("input[type='checkbox']")].map((box) => [keyOf(box), box]));
  for (const box of before.querySelectorAll("input[type='checkbox']")) {
    const same = boxes.get(keyOf(box));
    if (same && box.checked !== box.defaultChecked) same.checked = box.checked;
  }
  const focused = before.contains(document.activeElement) ? document.activeElement : null;
  const scrolled = [...before.querySelectorAll(".table-scroll")].map((box) => box.scrollLeft);
  before.replaceWith(after);
  [...after.querySelectorAll(".table-scroll")].forEach((box, n) => {
    box.scrollLeft = scrolled[n] ?? 0;
  });
  if (focused) counterpart(focused, after)?.focus({ preventScroll: true });
}

function keyOf(box) {
  return `${box.name}=${box.value}`;
}

function counterpart(focused, after) {
  if (focused.matches("input")) {
    return [...after.querySelectorAll("input")].find((each) => keyOf(each) === keyOf(focused));
  }
  const same = [...after.querySelectorAll(focused.localName)].find(
    (each) => each.getAttribute("href") === focused.getAttribute("href") && each.textContent === focused.textContent,
  );
  return same ?? document.getElementById("main");
}
