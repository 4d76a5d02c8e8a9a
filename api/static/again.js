// Loads a page anew that waits for a result. A page that nobody looks at waits until somebody does.

const AGAIN_MS = 2000;

function again() {
  if (document.hidden) document.addEventListener("visibilitychange", again, { once: true });
  else location.reload();
}

setTimeout(again, AGAIN_MS);
