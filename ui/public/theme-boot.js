// Runs before the first paint, so that a page never flashes in the wrong theme.
(function () {
  try {
    var look = JSON.parse(localStorage.getItem('reconexus.look') || '{}');
    var root = document.documentElement;
    if (look.theme === 'light' || look.theme === 'dark') root.dataset.theme = look.theme;
    if (look.contrast === 'high' || look.contrast === 'standard') root.dataset.contrast = look.contrast;
    if (/^[a-z]{2,3}$/.test(look.language)) root.lang = look.language;
  } catch (e) {
    // Storage is off or holds nonsense: the system's own look is used.
  }
})();
