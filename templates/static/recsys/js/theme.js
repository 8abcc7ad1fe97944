// Runs before the first paint, so that a dark page never flashes white.
(() => {
  const asSystem = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const choice = localStorage.getItem("recsys-theme") ?? "auto";
    const isDark = choice === "dark" || (choice === "auto" && asSystem.matches);
    document.documentElement.classList.toggle("dark", isDark);
  };
  asSystem.addEventListener("change", apply);
  addEventListener("recsys:theme", apply);
  apply();
})();
