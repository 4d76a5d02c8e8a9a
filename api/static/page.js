// Starts the DKFDS components of the page (menu, alerts), and lets its buttons copy. Loaded on every
// page, after dkfds.min.js.
window.DKFDS.init();

// What does not fit into the menu stands behind a button whose word DKFDS has in Danish only.
const rest = document.querySelector(".nav[data-more] .more-button span");
if (rest) rest.textContent = rest.closest(".nav").dataset.more;

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

// A field that looks something up suggests what the server finds for the text in it.
const PAUSE_MS = 150;
for (const field of document.querySelectorAll("input[data-look-up]")) {
  let turn = 0;
  field.addEventListener("input", async () => {
    const mine = ++turn;
    const text = field.value.trim();
    await new Promise((done) => setTimeout(done, PAUSE_MS));
    if (!text || mine !== turn) return;
    try {
      const answer = await fetch(`${field.dataset.lookUp}?q=${encodeURIComponent(text)}`);
      if (!answer.ok || mine !== turn) return;
      const found = await answer.json();
      field.list.replaceChildren(...found.map(({ name, note }) => new Option(note, name)));
    } catch {
      // Without suggestions the whole name can still be typed.
    }
  });
}
