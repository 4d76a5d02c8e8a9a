// Starts the DKFDS components of the page (menu, alerts), and lets its buttons copy. Loaded on every
// page, after dkfds.min.js.
window.DKFDS.init();

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy);
    getSelection().selectAllChildren(text);
    // Without TLS there is no clipboard, and a browser copies only what is selected.
    if (navigator.clipboard) await navigator.clipboard.writeText(text.textContent);
    else document.execCommand("copy");
    button.textContent = button.dataset.copied;
  });
}

// A page that shows a secret is the answer to a form that made it. Loading it again leads to the page of
// the form (data-shown-once), and does not make another secret.
const shown = document.querySelector("[data-shown-once]");
if (shown) history.replaceState(null, "", shown.dataset.shownOnce);
