// Tabs by the pattern of WAI-ARIA: one is shown, arrow keys move between them.

export function wireTabs(root) {
  const tabs = [...root.querySelectorAll("[role=tab]")];
  const select = (tab) => {
    for (const other of tabs) {
      const own = other === tab;
      other.setAttribute("aria-selected", String(own));
      other.tabIndex = own ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = !own;
    }
  };
  for (const [k, tab] of tabs.entries()) {
    tab.addEventListener("click", () => select(tab));
    tab.addEventListener("keydown", ({ key }) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (!by) return;
      const next = tabs[(k + by + tabs.length) % tabs.length];
      select(next);
      next.focus();
    });
  }
}
