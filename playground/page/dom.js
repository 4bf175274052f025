// Elements out of data. Text from people only ever becomes text nodes.

/**
 * @param {string} id
 * @returns {HTMLElement} the element of the page with that id
 */
export const at = (id) => document.getElementById(id);

/**
 * An element; properties with a dash, and `role`, become attributes, all others are set as they
 * are. Children that are null, 0 or false are left out; strings stay text.
 * @param {string} tag
 * @param {Object<string, unknown>} [properties]
 * @param {...(Node|string|null|false|undefined)} children
 * @returns {HTMLElement}
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name.includes("-") || name === "role") element.setAttribute(name, String(value));
    else element[name] = value;
  }
  element.append(...children.filter((child) => child || child === ""));
  return element;
}

/**
 * A button that does not submit.
 * @param {string} className
 * @param {string|Node} label
 * @param {(event: MouseEvent) => void} onclick
 * @param {Object<string, unknown>} [more]
 * @returns {HTMLButtonElement}
 */
export function button(className, label, onclick, more = {}) {
  return make("button", { type: "button", className, onclick, ...more }, label);
}

/**
 * A round picture with the initials of a name, in a colour that the id decides.
 * @param {{id: string, name: string, bot?: boolean}} person
 * @returns {HTMLElement}
 */
export function avatar(person) {
  const words = person.name.split(/[\s_-]+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const letters = words.map((word) => [...word][0].toUpperCase()).slice(0, 2);
  const element = make("span", { className: "avatar", "aria-hidden": "true" }, letters.join(""));
  let hue = 7;
  for (const letter of person.name) hue = (hue * 31 + letter.codePointAt(0)) % 360;
  element.style.setProperty("--hue", String(person.bot ? 235 : hue));
  return element;
}

let counter = 0;

/**
 * @param {string} prefix
 * @returns {string} an id that no element has yet
 */
export const freshId = (prefix) => `${prefix}-${++counter}`;

/**
 * @param {number} bytes
 * @returns {string}
 */
export function fileSize(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
}

/**
 * @param {number} microUsd
 * @returns {string}
 */
export const dollars = (microUsd) => `$${(microUsd / 1e6).toFixed(2)}`;
