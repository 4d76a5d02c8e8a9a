// Says below a form what the server is doing with it, from the moment that it is sent until the
// answer is there: reading a file takes its time. The button that was pressed has the words
// (data-working); none can be pressed again meanwhile.

function show(form, words) {
  form.querySelector("[role=status]").textContent = words;
  for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = words !== "";
}

for (const form of document.querySelectorAll("form:has(button[data-working])")) {
  form.addEventListener("submit", (event) => show(form, event.submitter.dataset.working));
  // A page that a visitor comes back to is as it was left.
  window.addEventListener("pageshow", (event) => event.persisted && show(form, ""));
  show(form, "");
}
