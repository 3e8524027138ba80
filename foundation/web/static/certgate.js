// Small comforts. Every page works without this file.
"use strict";

// Show or hide what was typed into a password field.
for (const button of document.querySelectorAll("button[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.textContent = shown ? button.dataset.show : button.dataset.hide;
    button.setAttribute("aria-pressed", String(!shown));
  });
  // A password manager must see a password field when the form is sent.
  field.form?.addEventListener("submit", () => { field.type = "password"; });
}

// Print the page.
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// Lead keyboard and screen reader to what went wrong.
document.querySelector(".error-summary")?.focus();
