// Keeps what somebody typed into a form whose session had ended when they sent it. It waits in this tab
// until they are signed in again and stand before the form, which is then filled. Nothing of it goes to
// the server, and it is forgotten when somebody else signs in, when the form was taken, and with time.

const KEPT = "draft";
const KEPT_FOR_MS = 30 * 60 * 1000;
const CHARS_MAX = 200000;
const TYPED = "input:not([type=hidden], [type=password], [type=file], [type=submit], [type=button]), textarea, select";

const { person, restored } = document.body.dataset;

function fieldsOf(form) {
  return [...form.querySelectorAll(TYPED)].filter((field) => field.name && !/password|one-time/.test(field.autocomplete));
}

// A form by what it is on its page: forms of a list may have the same address.
function placeOf(form) {
  const action = form.getAttribute("action");
  const same = [...document.forms].filter((one) => one.getAttribute("action") === action);
  return { action, place: same.indexOf(form) };
}

function typedIn(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked;
  return field.value;
}

function keep(form) {
  const fields = fieldsOf(form).map((field) => [field.name, typedIn(field)]);
  const draft = JSON.stringify({ person, ...placeOf(form), fields, at: Date.now() });
  if (fields.length && draft.length <= CHARS_MAX) sessionStorage.setItem(KEPT, draft);
}

function fill(form, kept) {
  const fields = fieldsOf(form);
  if (fields.length !== kept.length || fields.some((field, i) => field.name !== kept[i][0])) return;
  fields.forEach((field, i) => {
    if (field.type === "checkbox" || field.type === "radio") field.checked = kept[i][1];
    else field.value = kept[i][1];
    if (kept[i][1]) field.closest("details")?.setAttribute("open", "");
  });
  const told = document.createElement("p");
  told.className = "note";
  told.setAttribute("role", "status");
  told.textContent = restored;
  form.prepend(told);
  told.scrollIntoView({ block: "center" });
}

function restore(draft) {
  if (draft.person !== person || Date.now() - draft.at > KEPT_FOR_MS) return;
  const form = [...document.forms].find((one) => {
    const found = placeOf(one);
    return found.action === draft.action && found.place === draft.place;
  });
  if (form) fill(form, draft.fields);
}

const kept = sessionStorage.getItem(KEPT);
if (kept && !person) {
  // The page of sign-in: the form was not taken.
  sessionStorage.setItem(KEPT, JSON.stringify({ ...JSON.parse(kept), lost: true }));
} else if (kept) {
  sessionStorage.removeItem(KEPT);
  const draft = JSON.parse(kept);
  if (draft.lost) restore(draft);
}
if (person) {
  document.addEventListener("submit", ({ target }) => {
    if (target.method === "post") keep(target);
  });
}
