// Progress of long work: asks every two seconds while the page is looked at.
const EVERY_MS = 2000;

export function startRuns() {
  const refresh = async (widget) => {
    if (document.hidden) return;
    const answer = await fetch(widget.dataset.progressUrl, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const page = document.createElement("template");
    page.innerHTML = await answer.text();
    widget.replaceWith(page.content);
  };
  setInterval(() => {
    document.querySelectorAll("[data-progress-url]").forEach(refresh);
  }, EVERY_MS);
}
