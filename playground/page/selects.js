// Select menus, in messages and in forms: of texts, people, roles and channels.

import { button, make } from "./dom.js";
import { openMenu } from "./menu.js";
import { sign } from "./places.js";
import { channelsOf, me, nameable, store } from "./store.js";

const NAMES = { 3: "Make a selection", 5: "Select a user", 6: "Select a role", 7: "Select a user or role", 8: "Select a channel" };

const people = () => nameable().map((one) => ({ label: one.name, detail: one.username, value: one.id, emoji: "@" }));
const roles = () => (store.state?.roles ?? []).map((one) => ({ label: one.name, value: one.id, emoji: "🏷️" }));
const channels = () => channelsOf(me()).map((one) => ({ label: one.name, value: one.id, emoji: sign(one) }));

/**
 * What may be chosen from a select menu.
 * @param {Object} component as in Discord's JSON
 * @returns {Array<{label: string, detail?: string, emoji?: string, value: string, checked: boolean}>}
 */
export function choices(component) {
  const preset = new Set((component.default_values ?? []).map(({ id }) => id));
  if (component.type === 3) {
    return component.options.map((option) => ({
      label: option.label, detail: option.description, value: option.value,
      emoji: option.emoji && (option.emoji.id ? `:${option.emoji.name}:` : option.emoji.name),
      checked: Boolean(option.default),
    }));
  }
  const found = { 5: people, 6: roles, 7: () => [...people(), ...roles()], 8: channels }[component.type]();
  return found.map((item) => ({ ...item, checked: preset.has(item.value) }));
}

/**
 * A menu of a message: choosing sends it.
 * @param {Object} component
 * @param {import("./components.js").Deeds} deeds
 * @returns {HTMLElement}
 */
export function selectMenu(component, deeds) {
  return chooser(component, (values, element) => deeds.choose(component.custom_id, values, element));
}

/**
 * The closed menu with what is chosen.
 * @param {Object} component
 * @param {(values: string[], element: HTMLElement) => void} onChoose
 * @returns {HTMLElement} its property `chosen` has the values
 */
export function chooser(component, onChoose) {
  const least = component.min_values ?? 1;
  const most = component.max_values ?? 1;
  const placeholder = component.placeholder || NAMES[component.type];
  const words = make("span", { className: "chosen" });
  const element = button("select", words, () => show(), { "aria-haspopup": "menu", "aria-expanded": "false", "data-custom-id": component.custom_id, disabled: Boolean(component.disabled) });
  let chosen = choices(component).filter((item) => item.checked);
  const tell = () => {
    element.chosen = chosen.map((item) => item.value);
    const names = chosen.map((item) => item.label).join(", ");
    words.textContent = names || placeholder;
    words.classList.toggle("placeholder", !names);
    element.setAttribute("aria-label", names ? `${placeholder}: ${names}` : placeholder);
  };
  const show = () => {
    const items = choices(component).map((item) => ({ ...item, checked: chosen.some(({ value }) => value === item.value) }));
    openMenu(element, items, { label: placeholder, most, least, done: (picked) => {
      chosen = picked;
      tell();
      onChoose(element.chosen, element);
    } });
  };
  tell();
  return element;
}
