// A score's formula: a native popover, which the button opens by itself; here it also opens on hover and focus, beside it.
const near = (button, formula) => {
  const at = button.getBoundingClientRect();
  formula.showPopover();
  const size = formula.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, innerWidth - size.width - 8));
  const below = at.bottom + 4;
  formula.style.left = `${left}px`;
  formula.style.top = `${below + size.height > innerHeight ? Math.max(8, at.top - size.height - 4) : below}px`;
};

for (const button of document.querySelectorAll(".score")) {
  const formula = document.getElementById(button.getAttribute("popovertarget"));
  let closing;
  const open = () => { clearTimeout(closing); if (!formula.matches(":popover-open")) near(button, formula); };
  const close = () => { closing = setTimeout(() => formula.hidePopover(), 150); };
  for (const part of [button, formula]) {
    part.addEventListener("mouseenter", open);
    part.addEventListener("mouseleave", close);
  }
  button.addEventListener("focus", open);
  button.addEventListener("blur", close);
  button.addEventListener("click", (event) => { event.preventDefault(); open(); });
}
