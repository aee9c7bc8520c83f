// Small behaviours, each declared in the markup by a data attribute. No state outlives the page but the theme.

const words = JSON.parse(document.body.dataset.words || "{}");
const MINUTE = 60, HOUR = 3600, DAY = 86400, SOON = 2 * HOUR, RECENT = 30 * DAY;
const on = (type, selector, act) => document.addEventListener(type, (event) => {
  const el = event.target.closest?.(selector);
  if (el) act(el, event);
});

// ---- theme: <button data-theme-set="light|dark|system">

function showTheme() {
  const theme = document.documentElement.dataset.theme || "system";
  for (const el of document.querySelectorAll("[data-theme-set]")) el.setAttribute("aria-pressed", String(el.dataset.themeSet === theme));
}

on("click", "[data-theme-set]", (el) => {
  const theme = el.dataset.themeSet;
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem("seacliff-theme");
    else localStorage.setItem("seacliff-theme", theme);
  } catch { /* storage is off: the choice lasts for this page */ }
  showTheme();
});

// ---- times: the same words as times.py

function span(seconds) {
  const s = Math.abs(seconds);
  if (s < 2 * HOUR) return words.minutes.replace("%(n)s", Math.max(1, Math.floor(s / MINUTE)));
  if (s < 2 * DAY) return words.hours.replace("%(n)s", Math.floor(s / HOUR));
  return words.days.replace("%(n)s", Math.floor(s / DAY));
}

function refreshTimes() {
  const now = Date.now();
  for (const el of document.querySelectorAll("time[data-relative]")) {
    const seconds = (now - Date.parse(el.dateTime)) / 1000;
    if (Math.abs(seconds) >= RECENT) continue;
    const text = Math.abs(seconds) < MINUTE ? words.now
      : (seconds > 0 ? words.ago : words.in).replace("%(t)s", span(seconds));
    if (el.textContent !== text) el.textContent = text;
  }
  for (const el of document.querySelectorAll("[data-clock]")) {
    const left = (Date.parse(el.dataset.clock) - now) / 1000;
    const text = (left > 0 ? words.due : words.breached).replace("%(t)s", span(left));
    const time = el.querySelector("time");
    if (time.textContent !== text) time.textContent = text;
    el.dataset.state = left <= 0 ? "breached" : left < SOON ? "soon" : "ok";
  }
}

// ---- toasts: server-rendered .toast elements, or event "toast" with {text, undoUrl, until}

function watchToast(toast) {
  const until = toast.dataset.until ? Date.parse(toast.dataset.until) : Date.now() + 6000;
  const start = Date.now();
  const left = toast.querySelector(".left");
  const tick = () => {
    const ms = until - Date.now();
    // A passing word waits for its reader; an undo cannot, because the server's time is over.
    if (ms <= 0 && !(left === null && toast.matches(":hover, :focus-within"))) { toast.remove(); return; }
    toast.style.setProperty("--left", Math.max(0, ms / (until - start)));
    if (left) left.textContent = `${Math.ceil(ms / 1000)} s`;
    setTimeout(tick, 250);
  };
  tick();
}

function toast({ text, undoUrl, until }) {
  const template = document.getElementById("toast-template");
  const list = document.getElementById("toasts");
  if (!template || !list) return;
  const el = template.content.firstElementChild.cloneNode(true);
  el.querySelector(".grow").textContent = text;
  if (undoUrl) { el.querySelector("form").action = undoUrl; el.dataset.until = until; }
  else { el.querySelector("form").remove(); el.querySelector(".left").remove(); }
  list.append(el);
  watchToast(el);
}

document.addEventListener("toast", (event) => toast(event.detail));
on("click", "[data-toast-close]", (el) => el.closest(".toast").remove());

// ---- evidence: stays hidden, grey and silent until asked, every time

function hush(root) {
  for (const video of root.querySelectorAll(".evidence video")) { video.muted = true; video.controls = false; video.autoplay = false; }
}

const TOGGLES = { show: "shown", colour: "colour", sound: "sound" };

on("click", "[data-evidence]", (button) => {
  const frame = button.closest(".evidence");
  const name = TOGGLES[button.dataset.evidence];
  const wanted = !(name in frame.dataset);
  if (wanted) frame.dataset[name] = ""; else delete frame.dataset[name];
  if (wanted && name === "shown") for (const also of ["colour", "sound"]) {  // as this reviewer chose for themselves
    if (frame.closest(`[data-media-${also}]`)) frame.dataset[also] = "";
  }
  if (!("shown" in frame.dataset)) for (const other of Object.values(TOGGLES)) delete frame.dataset[other];
  for (const other of frame.querySelectorAll("[data-evidence]")) {
    if (other.hasAttribute("aria-pressed")) other.setAttribute("aria-pressed", String(TOGGLES[other.dataset.evidence] in frame.dataset));
    if (other.dataset.evidence !== "show") other.disabled = !("shown" in frame.dataset);
  }
  // What nobody has asked for was not loaded: until then a blur stands for it.
  if ("shown" in frame.dataset) for (const el of frame.querySelectorAll("[data-full]")) {
    el.src = el.dataset.full;
    el.removeAttribute("data-full");
  }
  for (const video of frame.querySelectorAll("video")) {
    const shown = "shown" in frame.dataset;
    video.controls = shown;
    video.muted = !("sound" in frame.dataset);
    if (!shown) video.pause();
  }
});

for (const cover of document.querySelectorAll("[data-media-show] figcaption [data-evidence=show]")) cover.click();

// ---- text viewers: long text is folded; <button data-expand> unfolds it

function measureViewers(root) {
  for (const viewer of root.querySelectorAll(".viewer")) {
    const code = viewer.querySelector(".code");
    const button = viewer.querySelector("[data-expand]");
    if (code && button) button.hidden = code.scrollHeight <= code.clientHeight + 4 && !("expanded" in viewer.dataset);
  }
}

on("click", "[data-expand]", (button) => {
  const viewer = button.closest(".viewer");
  const open = viewer.toggleAttribute("data-expanded");
  button.setAttribute("aria-expanded", String(open));
});

on("click", "[data-wrap]", (button) => {
  const off = button.closest(".viewer").querySelector(".code").classList.toggle("nowrap");
  button.setAttribute("aria-pressed", String(!off));
});

// ---- copy: data-copy="text" or data-copy-from="id"

on("click", "[data-copy], [data-copy-from]", async (button) => {
  const text = button.dataset.copyFrom ? document.getElementById(button.dataset.copyFrom).textContent : button.dataset.copy;
  try { await navigator.clipboard.writeText(text); toast({ text: words.copied }); } catch { /* not allowed: the text can be selected */ }
});

// ---- dialogs: data-dialog-open="id", data-dialog-close; menus close when left

on("click", "[data-dialog-open]", (button) => document.getElementById(button.dataset.dialogOpen)?.showModal());
on("click", "[data-dialog-close]", (button) => button.closest("dialog").close());
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  if (event.target.matches?.("dialog") && event.target.hasAttribute("data-light-dismiss")) event.target.close();
});

// ---- sidebar on narrow screens

function showNav(open) {
  const shell = document.querySelector(".shell");
  shell.toggleAttribute("data-nav-open", open);
  shell.querySelector("[data-nav-toggle]").setAttribute("aria-expanded", String(open));
  if (open) shell.querySelector(".sidebar a").focus();
}

on("click", "[data-nav-toggle]", () => showNav(!document.querySelector(".shell").hasAttribute("data-nav-open")));
document.addEventListener("click", (event) => {
  if (event.target.matches?.(".shell[data-nav-open]")) showNav(false);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.querySelector(".shell[data-nav-open]")) {
    showNav(false);
    document.querySelector("[data-nav-toggle]").focus();
  }
});

// ---- forms: <form data-guard> warns before typed text is lost; <form data-once> sends once;
//      <select data-submit> sends its form when changed

const changed = new Set();
on("input", "form[data-guard]", (form) => changed.add(form));
document.addEventListener("submit", (event) => {
  const form = event.target;
  changed.delete(form);
  if (form.hasAttribute("data-once")) {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  }
});
on("change", "[data-submit]", (el) => el.form.requestSubmit());
window.addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected)) event.preventDefault();
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// ---- bulk: [data-bulk] bar shows how many boxes of its list are ticked; [data-select-all] ticks them

function countSelected() {
  for (const bar of document.querySelectorAll("[data-bulk]")) {
    const boxes = [...document.querySelectorAll(`${bar.dataset.bulk} [data-row] input[type=checkbox]`)];
    const ticked = boxes.filter((box) => box.checked).length;
    bar.hidden = ticked === 0;
    for (const out of bar.querySelectorAll("[data-selected]")) out.textContent = ticked;
    const all = document.querySelector(`${bar.dataset.bulk} [data-select-all]`);
    if (all) { all.checked = ticked > 0 && ticked === boxes.length; all.indeterminate = ticked > 0 && ticked < boxes.length; }
  }
}

on("change", "[data-select-all]", (all) => {
  for (const box of all.closest("[data-list], table").querySelectorAll("[data-row] input[type=checkbox]")) box.checked = all.checked;
});
document.addEventListener("change", countSelected);

// ---- live: <div data-live-url="..." data-live-every="15"> is fetched again; 304 and 204 change nothing

function isBusy(el) {
  const active = document.activeElement;
  if (el.contains(active) && active.matches("input, select, textarea, button, [contenteditable]")) return true;
  if (el.querySelector("details[open], dialog[open], [data-row] input:checked, [data-shown]")) return true;
  const selection = document.getSelection();
  return selection && !selection.isCollapsed && el.contains(selection.anchorNode);
}

function swap(el, html) {
  const focusId = el.contains(document.activeElement) ? document.activeElement.id : "";
  const currentId = el.querySelector("[data-current]")?.id;
  el.innerHTML = html;
  const current = currentId && document.getElementById(currentId);
  if (current) { current.dataset.current = ""; current.tabIndex = -1; }
  if (focusId) document.getElementById(focusId)?.focus({ preventScroll: true });
  window.htmx?.process(el);
  settle(el);
}

function live(el) {
  el.dataset.liveOn = "";
  const every = Number(el.dataset.liveEvery || 15) * 1000;
  let tag = el.dataset.liveEtag || "";
  let failures = 0;
  let timer = 0;
  let looking = false;
  const again = () => { timer = setTimeout(look, every * Math.min(2 ** failures, 8)); };
  async function look() {
    if (looking || !el.isConnected) return;
    if (document.hidden || isBusy(el)) { again(); return; }
    looking = true;
    try {
      const headers = { "Accept": "text/html", "X-Requested-With": "live" };
      if (tag) headers["If-None-Match"] = tag;
      const response = await fetch(el.dataset.liveUrl, { headers, redirect: "manual", cache: "no-store" });
      if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403 || response.status === 410) return;
      if (response.status === 200) {
        const html = await response.text();
        // Somebody may have begun to type while the answer was on its way: then ask again later.
        if (!isBusy(el)) { tag = response.headers.get("ETag") || ""; swap(el, html); }
      } else if (response.status !== 304 && response.status !== 204) throw new Error(response.status);
      failures = 0;
      el.removeAttribute("data-live-stale");
    } catch {
      failures += 1;
      if (failures >= 3) { el.dataset.liveStaleText = words.stale; el.dataset.liveStale = ""; }
    }
    looking = false;
    again();
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && el.isConnected) { clearTimeout(timer); look(); }
  });
  again();
}

// ---- sliders: <input type="range" data-shows="id"> writes where it stands

on("input", "[data-shows]", (el) => { document.getElementById(el.dataset.shows).textContent = String(Number(el.value)); });

// ---- a request that failed leaves no old answer standing: <div data-failed="sentence"> that htmx swaps

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, (event) => {
  const place = event.detail.target;
  if (!place?.dataset.failed) return;
  const said = document.createElement("p");
  said.className = "notice";
  said.dataset.tone = "red";
  said.setAttribute("role", "alert");
  said.textContent = place.dataset.failed;
  place.replaceChildren(said);
});

// ---- whatever arrives on the page is set up here

function settle(root) {
  refreshTimes();
  hush(root);
  measureViewers(root);
  countSelected();
  root.querySelectorAll("[data-live-url]:not([data-live-on])").forEach(live);
}

showTheme();
settle(document);
document.querySelectorAll(".toast").forEach(watchToast);
document.addEventListener("htmx:afterSettle", (event) => settle(event.target));
document.addEventListener("visibilitychange", () => { if (!document.hidden) refreshTimes(); });
setInterval(() => { if (!document.hidden) refreshTimes(); }, 20_000);
