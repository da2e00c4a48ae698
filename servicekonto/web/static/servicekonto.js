/* Only adds to pages that work without it. */
"use strict";

/* A second click must not send the form twice. The server would notice; the reader should see it at once. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented || "stays" in form.dataset) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  const button = event.submitter;
  if (button) button.setAttribute("aria-busy", "true");
});

/* Coming back with the browser's button shows the form as it was left: let it be sent again. */
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
});

document.querySelector("[data-focus]")?.focus();

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      const label = button.querySelector(".kern-label");
      const before = label.textContent;
      label.setAttribute("role", "status");
      label.textContent = button.dataset.copied;
      setTimeout(() => { label.textContent = before; }, 2000);
    });
  }
}

/* The menu of the small screen is closed by the window growing. */
const menu = document.getElementById("menue");
if (menu?.hidePopover) {
  matchMedia("(min-width: 62rem)").addEventListener("change", () => {
    if (menu.matches(":popover-open")) menu.hidePopover();
  });
}
