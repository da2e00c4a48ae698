/* Saves the page of a form while somebody types, and says so. The button still decides what comes next. */
"use strict";

const PAUSE = 3_000;
const MOST_WAIT = 60_000;

for (const note of document.querySelectorAll("[data-autosave]")) watch(note, note.closest("form"));

function watch(note, form) {
  let basis = note.dataset.basis;
  let dirty = false;
  let busy = false;
  let stopped = false;
  let wait = PAUSE;
  let timer = 0;

  const soon = (milliseconds) => {
    clearTimeout(timer);
    timer = setTimeout(save, milliseconds);
  };

  /* No screen reader wants to hear the same sentence every few seconds. */
  const tell = (sentence) => { if (note.textContent !== sentence) note.textContent = sentence; };

  const fail = () => {
    dirty = true;
    wait = Math.min(wait * 2, MOST_WAIT);
    tell(note.dataset.failed);
    soon(wait);
  };

  const stop = (sentence) => {
    stopped = true;
    clearTimeout(timer);
    if (sentence) tell(sentence);
  };

  async function save() {
    if (stopped || busy || !dirty || form.dataset.sent) return;
    busy = true;
    dirty = false;
    const body = new URLSearchParams(new FormData(form));
    body.set("basis", basis);
    try {
      const answer = await fetch(note.dataset.autosave, {
        method: "POST", body, keepalive: true, redirect: "manual", headers: { Accept: "application/json" },
      });
      if (answer.ok) {
        const state = await answer.json();
        basis = state.basis;
        wait = PAUSE;
        tell(note.dataset.saved.replace("{time}", state.saved_at));
        if (dirty) soon(PAUSE);
      } else if (answer.status === 401) {
        stop("");
        document.dispatchEvent(new CustomEvent("servicekonto:signed-out"));
      } else if (answer.status === 409) {
        stop(note.dataset.conflict);
      } else if (answer.status === 403 && answer.headers.get("Content-Type") === "application/json") {
        stop(note.dataset.refused);
      } else if (answer.status >= 500 || answer.status === 429) {
        fail();
      } else {
        stop(note.dataset.failed);
      }
    } catch {
      fail();
    }
    busy = false;
  }

  form.addEventListener("input", () => {
    dirty = true;
    if (!stopped) soon(PAUSE);
  });
  form.addEventListener("submit", () => { clearTimeout(timer); });
  window.addEventListener("pagehide", save);
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
}
