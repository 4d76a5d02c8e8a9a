// Starts the DKFDS components of the page (menu, alerts). Loaded on every page, after dkfds.min.js.
window.DKFDS.init();
