/* Asks now and then whether something is new, only while the page is looked at. Asking does not extend the session. */
"use strict";

const EVERY = 15_000;
const MOST_PAUSE = 120_000;

const region = document.querySelector("[data-live]");
let pause = EVERY;
let timer = 0;
let etag = "";
let known = region?.dataset.seen ?? null;
let unread = null;

function next() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(look, pause);
}

async function look() {
  if (document.hidden) return;
  try {
    const headers = { Accept: "application/json" };
    if (etag) headers["If-None-Match"] = etag;
    const answer = await fetch(region.dataset.live, { headers, redirect: "manual" });
    if (answer.status === 401) return;
    if (answer.status === 200) {
      etag = answer.headers.get("ETag") ?? "";
      show(await answer.json());
    }
    pause = answer.status === 200 ? EVERY : Math.min(pause * 1.5, MOST_PAUSE);
  } catch {
    pause = Math.min(pause * 2, MOST_PAUSE);
  }
  next();
}

function show(state) {
  const isFirst = unread === null;
  const isNew = (known !== null && state.changed !== known) || (!isFirst && state.unread > unread);
  known = state.changed;
  unread = state.unread;
  if (isNew) say();
  count(state.unread);
}

function say() {
  if (region.childElementCount) return;
  const link = document.createElement("a");
  link.className = "kern-link";
  link.href = location.href.split("#")[0];
  link.textContent = region.dataset.reload;
  region.append(document.createTextNode(`${region.dataset.news} `), link);
}

/* The number beside "Postfach", as the next page would show it. */
function count(number) {
  const link = document.querySelector(`.sk-nav__link[href="${region.dataset.postbox}"]`);
  const shown = link?.querySelector(".sk-count");
  if (number < 1) shown?.remove();
  else if (shown) shown.firstChild.data = String(number);
  else link?.append(" ", badge(number));
}

function badge(number) {
  const spoken = Object.assign(document.createElement("span"), { className: "kern-sr-only" });
  spoken.textContent = ` ${region.dataset.unread}`;
  const shown = Object.assign(document.createElement("span"), { className: "sk-count" });
  shown.append(String(number), spoken);
  return shown;
}

if (region) {
  document.addEventListener("visibilitychange", () => {
    pause = EVERY;
    clearTimeout(timer);
    if (!document.hidden) look();
  });
  look();
}
