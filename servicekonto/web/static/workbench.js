/* Choosing all rows, and single keys for those who switch them on. Everything works without. */
const KEYS_ON = "servicekonto-tasten";

const boxes = [...document.querySelectorAll("[data-row] input[type=checkbox]")];
const all = document.querySelector("[data-choose-all]");
if (all && boxes.length > 1) {
  all.hidden = false;
  all.addEventListener("click", () => {
    const wanted = !boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = wanted;
  });
}

const links = [...document.querySelectorAll("[data-row] a")];

function moveBy(step) {
  const row = document.activeElement?.closest("[data-row]");
  const here = links.findIndex((link) => row?.contains(link));
  const next = here < 0 ? 0 : Math.min(Math.max(here + step, 0), links.length - 1);
  links[next]?.focus();
}

function follow(selector) {
  document.querySelector(selector)?.click();
}

const ACTS = {
  j: () => moveBy(1),
  k: () => moveBy(-1),
  o: () => document.activeElement?.closest("[data-row]")?.querySelector("a")?.click(),
  x: () => document.activeElement?.closest("[data-row]")?.querySelector("input[type=checkbox]")?.click(),
  n: () => follow("[data-key=n]"),
  p: () => follow("[data-key=p]"),
  u: () => follow("[data-key=u]"),
  "/": () => document.querySelector("input[type=search]")?.focus(),
};

function writes(element) {
  return element.matches("textarea, select, input:not([type=checkbox]):not([type=radio])") || element.isContentEditable;
}

document.addEventListener("keydown", (event) => {
  if (!isOn() || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (writes(event.target) || document.querySelector("dialog[open]")) return;
  const act = ACTS[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});

function isOn() {
  try {
    return localStorage.getItem(KEYS_ON) === "1";
  } catch {
    return false;
  }
}

const section = document.querySelector("[data-shortcuts]");
if (section) {
  const box = section.querySelector("[data-shortcuts-switch]");
  const list = section.querySelector("[data-shortcuts-list]");
  section.hidden = false;
  box.checked = isOn();
  list.hidden = !box.checked;
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(KEYS_ON, box.checked ? "1" : "0");
    } catch {
      box.checked = false;
    }
    list.hidden = !box.checked;
  });
}
