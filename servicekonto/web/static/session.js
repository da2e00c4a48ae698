/* Warns before the session ends, extends it on request, and says when it is over. */
"use strict";

const WARN_BEFORE = 5 * 60;
const LOOK_EVERY = 5_000;

const dialog = document.getElementById("sitzung");
const say = dialog.dataset;
const text = document.getElementById("sitzung-text");
const extend = dialog.querySelector("[data-extend]");
const signIn = dialog.querySelector("[data-sign-in]");
const close = dialog.querySelector("[data-close]");
const signOut = dialog.querySelector("form");
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("servicekonto-session") : null;

/* The wall clock: a computer that slept does not count the seconds. */
let endsAt = 0;
let warnBefore = WARN_BEFORE;
let isOver = false;
let dismissed = false;
let asking = false;
let focusBefore = null;

function runsFor(seconds) {
  endsAt = Date.now() + seconds * 1000;
}

function left() {
  return Math.ceil((endsAt - Date.now()) / 1000);
}

function open() {
  if (dialog.open) return;
  focusBefore = document.activeElement;
  dialog.showModal();
}

function shut() {
  if (!dialog.open) return;
  dialog.close();
  if (focusBefore?.isConnected) focusBefore.focus();
}

dialog.addEventListener("cancel", () => { dismissed = true; });
dialog.addEventListener("close", () => { if (focusBefore?.isConnected) focusBefore.focus(); });

function words(seconds) {
  const minutes = Math.ceil(seconds / 60);
  return minutes > 1 ? say.minutes.replace("{number}", minutes) : say.minute;
}

function tell(sentence) {
  if (text.textContent !== sentence) text.textContent = sentence;
}

function warn(canExtend) {
  extend.hidden = !canExtend;
  close.hidden = canExtend;
  tell(canExtend ? words(left()) : `${words(left())} ${say.last}`);
  open();
}

function over() {
  if (isOver) return;
  isOver = true;
  document.getElementById("sitzung-titel").textContent = say.endedTitle;
  const form = document.querySelector("form:has([data-autosave])");
  tell(form ? say.endedForm : say.ended);
  extend.hidden = signOut.hidden = true;
  close.hidden = signIn.hidden = false;
  open();
  signIn.focus();
}

/* The server leads to the sign-in page and keeps what the form holds; other pages are simply opened again. */
signIn.addEventListener("click", () => {
  const form = document.querySelector("form:has([data-autosave])");
  shut();
  if (form) form.requestSubmit(form.querySelector("button[value=next]"));
  else location.reload();
});
close.addEventListener("click", () => { dismissed = true; shut(); });

async function ask(method) {
  const headers = { Accept: "application/json" };
  if (method === "POST") headers["X-CSRFToken"] = signOut.elements.csrf_token.value;
  const answer = await fetch(say.url, { method, headers, redirect: "manual" });
  if (answer.status === 401) return { seconds: 0, can_extend: false };
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

extend.addEventListener("click", async () => {
  extend.setAttribute("aria-busy", "true");
  try {
    const state = await ask("POST");
    runsFor(state.seconds);
    tabs?.postMessage(endsAt);
    if (state.seconds <= 0) over();
    else if (left() > warnBefore) shut();
    else warn(state.can_extend);
  } catch {
    tell(say.failed);
  }
  extend.removeAttribute("aria-busy");
});

/* Another tab may have been used meanwhile: only the server knows. */
async function look() {
  if (isOver || asking || left() > warnBefore) return;
  if (document.hidden && left() > 0) return;
  asking = true;
  try {
    const state = await ask("GET");
    runsFor(state.seconds);
    if (state.seconds <= 0) over();
    else if (left() > warnBefore) shut();
    else if (!dismissed) warn(state.can_extend);
  } catch {
    if (left() <= 0) over();
  }
  asking = false;
}

if (tabs) {
  tabs.addEventListener("message", (event) => {
    if (isOver || typeof event.data !== "number" || event.data <= endsAt) return;
    endsAt = event.data;
    dismissed = false;
    if (left() > warnBefore) shut();
  });
}

runsFor(Number(say.seconds));
warnBefore = Math.min(WARN_BEFORE, Number(say.seconds) / 3);
tabs?.postMessage(endsAt);
document.addEventListener("servicekonto:signed-out", over);
document.addEventListener("visibilitychange", look);
window.addEventListener("focus", look);
window.addEventListener("pageshow", look);
setInterval(look, LOOK_EVERY);
