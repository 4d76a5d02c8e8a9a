// Keeps a part of a page current: fetches the page again, or the one that the part names (data-from),
// and swaps the part in. Nothing is fetched while the page is hidden; when the server cannot be
// reached, the page says so. The page that keeps itself current is nobody's use of it: each request
// says so, and the session of who left ends as if there were none.

const PAUSE_MS = 5000;
const failed = document.getElementById("live-failed");

async function refresh() {
  if (document.hidden) return;
  try {
    const shown = document.getElementById("live");
    const address = shown.dataset.from ?? location.href;
    const answer = await fetch(address, {
      headers: { Accept: "text/html", "X-Flaade-Unattended": "1" },
    });
    if (answer.redirected) return location.reload(); // the session has ended
    if (!answer.ok) throw new Error(answer.statusText);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const unfolded = [...shown.querySelectorAll("details[open]")].map((one) => one.id);
    const focused = shown.contains(document.activeElement) ? document.activeElement.id : "";
    shown.replaceWith(fresh.getElementById("live"));
    for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    failed.hidden = true;
  } catch {
    failed.hidden = false;
  }
}

async function keepCurrent() {
  await refresh();
  setTimeout(keepCurrent, PAUSE_MS);
}

document.addEventListener("visibilitychange", refresh);
setTimeout(keepCurrent, PAUSE_MS);
