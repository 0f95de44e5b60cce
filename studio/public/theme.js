// Sets the theme before the first paint, so that a dark studio never flashes white.
// A file of its own rather than an inline script: the server's policy allows no inline scripts.
(() => {
  let choice = "system";
  try {
    choice = localStorage.getItem("trunkline.theme") || "system";
  } catch {
    // Storage may be forbidden; the system's theme is a good answer then.
  }
  const dark =
    choice === "dark" || (choice === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
