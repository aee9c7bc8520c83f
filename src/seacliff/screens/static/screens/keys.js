// The keyboard. Markup declares, this file listens:
//   data-key="d"  data-key="g q"      press the key(s): fields are focused, everything else is clicked
//   data-key-label, data-key-group    how "?" lists it (default: its text, "This page")
//   [data-list] > ... [data-row]      j and k move, Enter or o opens a[data-open] (or the first link), x selects
//   data-row-key="a"                  on a control in a row: pressing it clicks that of the current row
//   [data-search]                     / focuses it
// No key acts while somebody types, with Ctrl, Alt or Meta held, or (WCAG 2.1.4) when one-key commands are switched off.

const words = JSON.parse(document.body.dataset.words || "{}");
const TYPING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable=true]";
const SEQUENCE_MS = 1200;
const STORE = "seacliff-keys";

let pressed = [];
let pressedTimer = 0;

const isOff = () => { try { return localStorage.getItem(STORE) === "off"; } catch { return false; } };
const isVisible = (el) => el.checkVisibility({ visibilityProperty: true }) && !el.closest("[inert]");
const isEnabled = (el) => !el.disabled && el.getAttribute("aria-disabled") !== "true";
const scope = () => [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;

function keyed() {
  return [...scope().querySelectorAll("[data-key]")].filter((el) => isEnabled(el) && isVisible(el));
}

// A menu entry may be out of sight and still have its key: it counts when its menu can be opened.
function keyedAnywhere() {
  const inMenus = [...scope().querySelectorAll(".menu:not([open]) [data-key], .sidebar [data-key]")].filter(isEnabled);
  return [...new Set([...keyed(), ...inMenus])];
}

function press(el) {
  if (el.matches(TYPING)) { el.focus(); el.select?.(); } else { el.focus({ preventScroll: true }); el.click(); }
}

// ---- sequences

function showPending() {
  let box = document.querySelector(".key-pending");
  if (pressed.length === 0) { box?.remove(); return; }
  if (!box) {
    box = document.body.appendChild(document.createElement("div"));
    box.className = "key-pending";
    box.setAttribute("aria-hidden", "true");
  }
  box.replaceChildren(...caps(pressed.join(" ")), " …");
}

function forget() { pressed = []; clearTimeout(pressedTimer); showPending(); }

// True when the key was somebody's: a whole command, or the start of one.
function command(key) {
  const wanted = [...pressed, key].join(" ");
  const all = keyedAnywhere();
  const exact = all.find((el) => el.dataset.key === wanted);
  if (exact) { forget(); press(exact); return true; }
  if (all.some((el) => el.dataset.key.startsWith(wanted + " "))) {
    pressed.push(key);
    clearTimeout(pressedTimer);
    pressedTimer = setTimeout(forget, SEQUENCE_MS);
    showPending();
    return true;
  }
  if (pressed.length) { forget(); return command(key); }
  return false;
}

// ---- lists

function currentList() {
  const focused = document.activeElement?.closest("[data-list]");
  return focused ?? [...scope().querySelectorAll("[data-list]")].find(isVisible);
}

const rowsOf = (list) => [...list.querySelectorAll("[data-row]")].filter(isVisible);
const currentRow = (list) => document.activeElement?.closest("[data-row]") ?? list?.querySelector("[data-row][data-current]");

function go(row) {
  row.closest("[data-list]").querySelector("[data-current]")?.removeAttribute("data-current");
  row.dataset.current = "";
  if (!row.hasAttribute("tabindex")) row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const list = currentList();
  if (!list) return false;
  const rows = rowsOf(list);
  if (rows.length === 0) return false;
  const at = rows.indexOf(currentRow(list));
  go(rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)]);
  return true;
}

function openRow(event) {
  const row = currentRow(currentList());
  // Enter on a link or button inside the row is that control's own.
  if (!row || (event.key === "Enter" && document.activeElement !== row)) return false;
  const link = row.querySelector("a[data-open]") ?? row.querySelector("a[href], button");
  link?.click();
  return Boolean(link);
}

function selectRow() {
  const box = currentRow(currentList())?.querySelector("input[type=checkbox]");
  box?.click();
  return Boolean(box);
}

function rowCommand(key) {
  const control = currentRow(currentList())?.querySelector(`[data-row-key="${CSS.escape(key)}"]`);
  control?.click();
  return Boolean(control);
}

// ---- leaving

function leave() {
  if (pressed.length) { forget(); return true; }
  if (document.querySelector("dialog[open]")) return false; // the browser closes it
  const menu = document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); return true; }
  if (document.activeElement?.matches(TYPING)) { document.activeElement.blur(); return true; }
  return command("Escape");
}

// ---- "?" lists what can be pressed

function caps(keys) {
  return keys.split(" ").map((key) => {
    const cap = document.createElement("kbd");
    cap.textContent = key;
    return cap;
  });
}

function labelOf(el) {
  if (el.dataset.keyLabel) return el.dataset.keyLabel;
  const named = el.getAttribute("aria-label") || el.labels?.[0]?.textContent || el.title;
  if (named) return named.trim();
  const copy = el.cloneNode(true);
  copy.querySelectorAll("kbd, .keys, .count, [aria-hidden=true]").forEach((part) => part.remove());
  return copy.textContent.trim().replace(/\s+/g, " ");
}

function groups() {
  const all = new Map([[words.thisPage, new Map()]]);
  const add = (group, keys, label) => {
    if (!all.has(group)) all.set(group, new Map());
    if (!all.get(group).has(keys)) all.get(group).set(keys, label);
  };
  for (const el of keyedAnywhere()) add(el.dataset.keyGroup || words.thisPage, el.dataset.key, labelOf(el));
  if (document.querySelector("[data-list]")) {
    add(words.lists, "j", words.next);
    add(words.lists, "k", words.previous);
    add(words.lists, "o", words.open);
    for (const el of document.querySelectorAll("[data-row-key]")) add(words.lists, el.dataset.rowKey, labelOf(el));
    if (document.querySelector("[data-row] input[type=checkbox]")) add(words.lists, "x", words.select);
  }
  if (document.querySelector("[data-search]")) add(words.everywhere, "/", words.search);
  add(words.everywhere, "Escape", words.leave);
  add(words.everywhere, "?", words.help);
  return all;
}

function build(tag, props = {}, ...children) {
  const el = Object.assign(document.createElement(tag), props);
  el.append(...children);
  return el;
}

function listKeys() {
  document.getElementById("keys-dialog")?.remove();
  const found = groups();
  const sections = [...found].filter(([, keys]) => keys.size).map(([group, keys]) => build("section", {},
    build("h3", { textContent: group }),
    build("dl", {}, ...[...keys].map(([combo, label]) => build("div", {},
      build("dt", { textContent: label }),
      build("dd", {}, build("span", { className: "keys" }, ...caps(combo))))))));
  const close = build("button", { type: "button", className: "button quiet small", textContent: words.close });
  const toggle = build("input", { type: "checkbox", id: "keys-toggle", checked: !isOff() });
  toggle.addEventListener("change", () => { try { localStorage.setItem(STORE, toggle.checked ? "on" : "off"); } catch { /* not kept */ } });
  const dialog = build("dialog", { id: "keys-dialog", className: "dialog wide" },
    build("div", { className: "dialog-head" }, build("h2", { id: "keys-title", textContent: words.shortcuts }), close),
    build("div", { className: "dialog-body" },
      build("div", { className: "key-groups" }, ...sections),
      build("div", { className: "check" }, toggle,
        build("label", { htmlFor: "keys-toggle", textContent: words.shortcutsOn }),
        build("span", { className: "help", textContent: words.shortcutsHelp }))));
  dialog.setAttribute("aria-labelledby", "keys-title");
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

// ---- the one listener

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key;
  if (key === "Escape") { if (leave()) event.preventDefault(); return; }
  if (event.target.closest?.(TYPING) || (key.length > 1 && key !== "Enter")) return;
  if (isOff() && key !== "Enter") return;
  if (event.repeat && key !== "j" && key !== "k") return;
  const inDialog = scope() !== document;
  const done = (key !== "Enter" && command(key))
    || (key === "j" && move(1)) || (key === "k" && move(-1))
    || ((key === "o" || key === "Enter") && openRow(event))
    || (key === "x" && selectRow())
    || rowCommand(key)
    || (key === "/" && !inDialog && focusSearch())
    || (key === "?" && !inDialog && (listKeys(), true));
  if (done) event.preventDefault();
});

function focusSearch() {
  const field = document.querySelector("[data-search]");
  if (field) { field.focus(); field.select?.(); }
  return Boolean(field);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-open]")) listKeys();
});

// Say the keys to assistive technology too.
for (const el of document.querySelectorAll("[data-key]")) {
  if (!el.hasAttribute("aria-keyshortcuts") && !el.dataset.key.includes(" ")) el.setAttribute("aria-keyshortcuts", el.dataset.key);
}
