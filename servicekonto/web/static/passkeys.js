/* Passkeys: asks the browser and puts its answer into a form, which is then sent as any other. */
"use strict";

const possible = typeof PublicKeyCredential === "function" && PublicKeyCredential.parseRequestOptionsFromJSON;
let waiting = null;

async function options(element, form) {
  const answer = await fetch(element.dataset.options, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value },
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/* Only one question may be open at a time: the autofill of the sign-in page makes room for the button. */
function only() {
  waiting?.abort();
  waiting = new AbortController();
  return waiting.signal;
}

async function use(element, form, mediation) {
  const signal = only();
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await options(element, form));
  const found = await navigator.credentials.get({ publicKey, mediation, signal });
  form.elements.assertion.value = JSON.stringify(found.toJSON());
  form.submit();
}

async function create(form) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await options(form, form));
  const made = await navigator.credentials.create({ publicKey, signal: only() });
  form.elements.answer.value = JSON.stringify(made.toJSON());
  form.submit();
}

function watch(element, form, status, act) {
  element.hidden = false;
  const start = async (event) => {
    event.preventDefault();
    status.textContent = "";
    try {
      await act();
    } catch {
      status.textContent = element.dataset.failed;
    }
  };
  if (element === form) form.addEventListener("submit", start);
  else element.addEventListener("click", start);
}

async function offerInTheAddressField(form) {
  if (!await PublicKeyCredential.isConditionalMediationAvailable?.()) return;
  try {
    await use(form, form, "conditional");
  } catch { /* the button is still there */ }
}

if (possible) {
  for (const form of document.querySelectorAll("form[data-passkey=use]")) {
    watch(form, form, form.querySelector("[role=status]"), () => use(form, form));
    if ("autofill" in form.dataset) offerInTheAddressField(form);
  }
  for (const form of document.querySelectorAll("form[data-passkey=create]")) {
    watch(form, form, form.querySelector("[role=status]"), () => create(form));
  }
  for (const button of document.querySelectorAll("button[data-passkey=add]")) {
    watch(button, button.form, document.querySelector("[data-passkey-status]"), () => use(button, button.form));
  }
}
