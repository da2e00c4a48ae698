/* The way back to a website that wants its answer in a form. Without a script there is the button. */
"use strict";

document.querySelector("form[data-at-once]").requestSubmit();
