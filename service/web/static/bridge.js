// What pages gain where scripts run: the next card without a new page, keys, drafts, a second try on a lost link.
// Every page works without it; forms and links with data-swap are sent by it. No build step, no words of its own.
const WAIT = 20000; // milliseconds until a link counts as lost
const DOUBLE = 200; // what comes sooner after a decision is a double press: nobody has read the next card yet
const find = (query, root = document) => root.querySelector(query);
const all = (query, root = main) => [...root.querySelectorAll(query)];
const main = find("main");
const address = () => location.pathname + location.search;
const version = (page) => find("script[src*='bridge.js']", page)?.src;
const spoken = document.createElement("p");
spoken.className = "visually-hidden";
spoken.setAttribute("role", "status");
document.body.append(spoken);
let busy = false, sent = 0, shown = address();

// Private windows and full disks refuse storage: then there are no drafts, and all else works.
const store = (name, value) => {
  try {
    if (value === undefined) return localStorage.getItem(name);
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch { return null; }
};

async function visit(url, options = {}, push = true, drafts = []) {
  if (busy) return;
  busy = true;
  if (options.body) sent = Date.now();
  main.setAttribute("aria-busy", "true");
  all(".lost").forEach((node) => node.remove());
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), WAIT);
  try {
    const answer = await fetch(url, { ...options, headers: { Accept: "text/html" }, signal: stop.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.status >= 500 || answer.status == 408 || answer.status == 429 || !find("main", page)) throw answer;
    if (answer.redirected) drafts.forEach((name) => store(name, null));
    // A newer version of the service has another script: let the browser open its page.
    if (version(page) != version() && (answer.redirected || !options.body)) location.assign(answer.url);
    else show(page, new URL(answer.url), push);
  } catch {
    lost(() => visit(url, options, push, drafts));
  } finally {
    clearTimeout(timer);
    busy = false;
    main.removeAttribute("aria-busy");
  }
}

function show(page, url, push) {
  main.replaceChildren(...find("main", page).childNodes);
  find(".top").replaceWith(find(".top", page));
  document.title = page.title;
  if (push && url.pathname + url.search != address()) history.pushState(null, "", url);
  shown = address();
  scrollTo(0, 0);
  const alert = find("[role=alert]", main), said = find(".said [role=status]", main);
  said?.removeAttribute("role"); // once is enough
  spoken.textContent = alert ? "" : (said?.textContent.trim() ?? "");
  begin();
  const first = find("[autofocus]", main) || alert || find("h1", main);
  if (!first.matches("input, textarea")) first.tabIndex = -1;
  first.focus({ preventScroll: true });
}

function lost(again) {
  const words = find(".words-lost", main);
  if (!words) return location.reload();
  const notice = words.content.firstElementChild.cloneNode(true), form = find(".write, .decide", main);
  form ? form.before(notice) : main.prepend(notice);
  find("button", notice).addEventListener("click", again);
  find("button", notice).focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target, button = event.submitter;
  if (!form.matches("[data-swap]") || !button) return;
  event.preventDefault();
  if (Date.now() - sent < DOUBLE) return;
  const body = new URLSearchParams(new FormData(form));
  if (button.name) body.append(button.name, button.value);
  visit(form.action, { method: "POST", body }, true, all("[data-draft]", form).map(draftName));
});

document.addEventListener("click", (event) => {
  // The second half of a double click must not fall on the card that comes next.
  if (event.detail > 1 && event.target.closest("button")) return event.preventDefault();
  const link = event.target.closest("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  visit(link.href);
});

addEventListener("popstate", () => address() != shown && visit(location.href, {}, false));

// Drafts: one for each person, deployment, language, text and field.
const nameDraft = (key, field) => ["draft", find(".sign-out bdi")?.textContent, location.pathname, field, key].join("\n");
const draftName = (area) => nameDraft(area.dataset.draft, area.name);

function offerDraft(area) {
  const name = draftName(area), draft = store(name);
  area.addEventListener("input", () => store(name, area.value));
  if (!draft || draft == area.value) return;
  const offer = find(".words-draft", main).content.firstElementChild.cloneNode(true);
  find("blockquote", offer).textContent = draft;
  offer.addEventListener("click", ({ target }) => {
    if (!target.matches("button")) return;
    if (target.matches(".quiet")) store(name, null);
    else area.value = draft;
    offer.remove();
    area.focus();
  });
  area.before(offer);
}

// Keys, by their place on the keyboard.
const openHelp = () => find(".keys", main)?.showModal();
document.addEventListener("keydown", (event) => {
  if (event.repeat || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.matches("textarea, select, input:not([type=radio], [type=checkbox])")) return;
  if (find("dialog[open]") || store("keys") == "off") return;
  if (event.key == "?" || event.key == "؟") return openHelp();
  if (event.shiftKey) return;
  const digit = /^Digit([1-6])$/.exec(event.code);
  const control = digit ? all("[type=radio][name=reason]")[digit[1] - 1] : find(`[data-key="${event.code}"]`, main);
  if (!control) return;
  event.preventDefault();
  if (digit) control.focus();
  control.click();
});

// What every page begins with.
function begin() {
  all("textarea[data-draft]").forEach(offerDraft);
  if (innerWidth < 704) all(".context").forEach((node) => node.removeAttribute("open"));
  const help = find(".keys-help", main), box = find(".keys input", main);
  if (!help) return;
  help.hidden = false;
  help.addEventListener("click", openHelp);
  box.checked = store("keys") != "off";
  box.addEventListener("change", () => store("keys", box.checked ? null : "off"));
}

begin();
// What went through the sign-in was sent without this script; its draft ends here.
const done = find("[data-done]", main)?.dataset.done;
if (done && performance.getEntriesByType("navigation")[0]?.type == "navigate")
  for (const field of ["text", "comment", "said"]) store(nameDraft(done, field), null);
