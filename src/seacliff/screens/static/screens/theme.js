// Runs before the first paint (not a module, not deferred), so that a chosen theme never flashes.
try {
  const theme = localStorage.getItem("seacliff-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch { /* storage is off: the system's theme it is */ }
