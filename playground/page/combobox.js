// A list below a text field: what is typed narrows it down, arrow keys choose.

import { freshId, make } from "./dom.js";

let pressed = false;
addEventListener("pointerdown", () => { pressed = true; }, true);
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { pressed = false; }, true);

/**
 * @typedef {Object} Choice
 * @property {string} label
 * @property {string} [detail]
 * @property {string} [heading] a title above the first choice of those that share it
 */

/**
 * @param {HTMLInputElement|HTMLTextAreaElement} input
 * @param {HTMLElement} box where the list is shown
 * @param {{label: string, find: (typed: string) => Promise<?Choice[]>|?Choice[],
 *   pick: (choice: Choice) => void}} settings `find` gives null where no list belongs
 * @returns {{open: () => boolean, refresh: () => Promise<void>, close: () => void}}
 */
export function listbox(input, box, { label, find, pick }) {
  let items = [];
  let active = -1;
  let turn = 0;
  const id = freshId("list");
  const list = make("ul", { role: "listbox", id, "aria-label": label });
  const status = make("p", { className: "hint", role: "status" });
  box.replaceChildren(list, status);
  box.hidden = true;
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", id], ["aria-expanded", "false"]]) {
    input.setAttribute(name, value);
  }

  const close = () => {
    turn += 1;
    items = [];
    box.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    active = index;
    const options = [...list.querySelectorAll("[role=option]")];
    options.forEach((child, place) => child.setAttribute("aria-selected", String(place === index)));
    const child = options[index];
    if (!child) return;
    input.setAttribute("aria-activedescendant", child.id);
    child.scrollIntoView({ block: "nearest" });
  };
  const choose = (index) => {
    const item = items[index];
    close();
    if (item) pick(item);
  };
  const refresh = async () => {
    const mine = ++turn;
    let found = null;
    let trouble = "";
    try {
      found = await find(input.value);
    } catch (error) {
      [found, trouble] = [[], error.message];
    }
    if (mine !== turn) return;
    if (!found) { close(); return; }
    items = found;
    list.replaceChildren(...items.flatMap((item, index) => [
      item.heading && item.heading !== items[index - 1]?.heading
        && make("li", { role: "presentation", className: "heading-row" }, item.heading),
      make("li", {
        role: "option", id: freshId("choice"), "aria-selected": "false",
        onpointerdown: (event) => event.preventDefault(), onclick: () => choose(index),
      }, make("strong", {}, item.label), item.detail && make("small", {}, item.detail)),
    ].filter(Boolean)));
    status.textContent = trouble || (items.length ? "" : "Nothing fits.");
    box.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(items.length ? 0 : -1);
  };

  input.addEventListener("input", refresh);
  input.addEventListener("focus", refresh);
  input.addEventListener("blur", () => {
    // What a press aims at must not move away before it is let go.
    if (pressed) addEventListener("pointerup", () => setTimeout(close), { once: true });
    else close();
  });
  input.addEventListener("keydown", (event) => {
    if (box.hidden || event.isComposing) return;
    const moves = { ArrowDown: active + 1, ArrowUp: active - 1 };
    if (event.key in moves && items.length) {
      mark((moves[event.key] + items.length) % items.length);
    } else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && items.length) {
      choose(active);
    } else if (event.key === "Escape") {
      close();
    } else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  return { open: () => !box.hidden, refresh, close };
}
