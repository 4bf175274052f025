// A menu that pops up: for messages, for people, and for what a bot lets one choose.

import { freshId, make } from "./dom.js";

let open = null;

/**
 * @typedef {Object} Item
 * @property {string} label
 * @property {string} [detail]
 * @property {string} [emoji]
 * @property {string} [heading] a title above this item
 * @property {boolean} [checked] of a menu in which things are chosen
 * @property {() => void} [run]
 */

/**
 * Show a menu beside an element or at a place.
 * @param {HTMLElement} anchor gets the focus back
 * @param {Item[]} items
 * @param {{label: string, x?: number, y?: number, most?: number, least?: number,
 *   done?: (chosen: Item[]) => void}} settings `most` and `done` make it one to choose from
 */
export function openMenu(anchor, items, settings) {
  closeMenu();
  const menu = make("div", { className: "menu", role: "menu", "aria-label": settings.label, id: freshId("menu") });
  open = { menu, anchor, settings, items };
  menu.append(...items.flatMap((item) => entry(item)));
  const many = settings.most > 1;
  if (many) menu.append(make("button", { type: "button", role: "menuitem", className: "done", onclick: finish }, "Done"));
  if (!items.length) menu.append(make("p", { className: "hint" }, "Nothing to choose."));
  menu.onkeydown = onKey;
  (anchor.closest("dialog, main, nav, aside") ?? document.body).append(menu);
  place(menu, anchor, settings);
  anchor.setAttribute("aria-expanded", "true");
  setTimeout(() => document.addEventListener("pointerdown", outside), 0);
  (menu.querySelector("[aria-checked=true]") ?? menu.querySelector("button"))?.focus();
}

/** Close the menu, if one is open. */
export function closeMenu() {
  if (!open) return;
  const { menu, anchor } = open;
  const inside = menu.contains(document.activeElement);
  open = null;
  document.removeEventListener("pointerdown", outside);
  menu.remove();
  anchor.setAttribute("aria-expanded", "false");
  if (inside) anchor.focus();
}

function entry(item) {
  const { settings } = open;
  const role = !settings.done ? "menuitem" : settings.most > 1 ? "menuitemcheckbox" : "menuitemradio";
  const element = make("button", { type: "button", role, tabIndex: -1, onclick: () => pick(item, element) },
    item.emoji && make("span", { className: "emoji", "aria-hidden": "true" }, item.emoji),
    make("span", { className: "words" }, item.label, item.detail && make("small", {}, item.detail)));
  if (settings.done) element.setAttribute("aria-checked", String(Boolean(item.checked)));
  return item.heading ? [make("p", { className: "title", role: "presentation" }, item.heading), element] : [element];
}

function pick(item, element) {
  const { settings, items } = open;
  if (!settings.done) {
    closeMenu();
    item.run();
  } else if (settings.most > 1) {
    const chosen = items.filter((one) => one.checked).length;
    if (!item.checked && chosen >= settings.most) return;
    item.checked = !item.checked;
    element.setAttribute("aria-checked", String(item.checked));
  } else {
    for (const one of items) one.checked = one === item;
    finish();
  }
}

function finish() {
  const { settings, items } = open;
  const chosen = items.filter((item) => item.checked);
  closeMenu();
  settings.done(chosen);
}

function outside(event) {
  if (open && !open.menu.contains(event.target)) closeMenu();
}

function onKey(event) {
  const buttons = [...open.menu.querySelectorAll("button")];
  const index = buttons.indexOf(document.activeElement);
  const moves = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: buttons.length - 1 };
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    closeMenu();
  } else if (event.key in moves) {
    event.preventDefault();
    buttons.at(moves[event.key] % buttons.length)?.focus();
  } else if (event.key.length === 1 && event.key !== " ") {
    const from = [...buttons.slice(index + 1), ...buttons.slice(0, index + 1)];
    from.find((one) => one.textContent.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
  }
}

function place(menu, anchor, { x, y }) {
  const box = anchor.getBoundingClientRect();
  const [left, top] = x === undefined ? [box.left, box.bottom + 4] : [x, y];
  const above = top + menu.offsetHeight > innerHeight - 8;
  const high = above ? (x === undefined ? box.top - 4 : top) - menu.offsetHeight : top;
  menu.style.setProperty("left", `${Math.max(8, Math.min(left, innerWidth - menu.offsetWidth - 8))}px`);
  menu.style.setProperty("top", `${Math.max(8, high)}px`);
}

const LONG_PRESS_MILLISECONDS = 500;

/**
 * Open something by right-click and by a long press of a finger.
 * @param {HTMLElement} element
 * @param {(x: number, y: number) => void} show
 */
export function onMenu(element, show) {
  let timer = 0;
  element.addEventListener("contextmenu", (event) => {
    if (event.target.closest("a, video, img, input, textarea")) return;
    event.preventDefault();
    event.stopPropagation();
    clearTimeout(timer);
    if (!open) show(event.clientX, event.clientY);
  });
  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    timer = setTimeout(() => show(event.clientX, event.clientY), LONG_PRESS_MILLISECONDS);
  });
  for (const end of ["pointerup", "pointercancel", "pointermove"]) {
    element.addEventListener(end, () => clearTimeout(timer));
  }
}
