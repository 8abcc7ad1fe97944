// Who is previewed goes along: every link and filter of the admin keeps it.
const NAMES = ["as_surface", "as_who", "as_when"];

const said = () => {
  const here = new URLSearchParams(location.search);
  // "user:" stands for the id in a field of its own, until the server has read both.
  if (here.get("as_who") === "user:") here.set("as_who", `user:${here.get("as_user") ?? ""}`);
  return NAMES.map((name) => [name, here.get(name)]).filter(([, value]) => value);
};

const carryInLink = (link, kept) => {
  const url = new URL(link.href, location.href);
  const isOurs = url.origin === location.origin && url.pathname.startsWith("/admin/");
  if (!isOurs || link.getAttribute("href").startsWith("#")) return;
  for (const [name, value] of kept) {
    if (!url.searchParams.has(name)) url.searchParams.set(name, value);
  }
  link.setAttribute("href", url.pathname + url.search + url.hash);
};

const carryInCopy = (button, kept) => {
  const url = new URL(button.dataset.copyUrl, location.href);
  for (const [name, value] of kept) url.searchParams.set(name, value);
  button.dataset.copyUrl = url.search;
};

const carryInForm = (form, kept) => {
  for (const [name, value] of kept) {
    if (form.elements.namedItem(name)) continue;
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
};

export function startPreview() {
  const kept = said();
  if (!kept.length) return;
  const carry = (root) => {
    root.querySelectorAll("a[href]:not([data-no-preview])").forEach((link) => carryInLink(link, kept));
    root.querySelectorAll("[data-copy-url]").forEach((button) => carryInCopy(button, kept));
    root.querySelectorAll("form[method=get]").forEach((form) => carryInForm(form, kept));
  };
  carry(document);
  document.addEventListener("htmx:afterSettle", ({ target }) => carry(target));
}
