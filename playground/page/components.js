// Components of messages: buttons and menus, and the blocks of Components V2.

import { kindOf, medium } from "./attachments.js";
import { fileSize, make } from "./dom.js";
import { tint } from "./embeds.js";
import { markdown } from "./markdown.js";
import { selectMenu } from "./selects.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "premium" };

/**
 * @typedef {Object} Deeds
 * @property {(customId: string, element: HTMLElement) => void} press
 * @property {(customId: string, values: string[], element: HTMLElement) => void} choose
 */

/** @param {{name?: string, id?: ?string}} emoji @returns {string} */
export const emojiText = (emoji) => (emoji.id ? `:${emoji.name}:` : emoji.name ?? "");

function pressable(component, deeds) {
  const words = [
    component.emoji && make("span", { className: "emoji" }, emojiText(component.emoji)),
    component.label && make("span", {}, component.label),
  ];
  const className = `pressable ${STYLES[component.style] ?? "secondary"}`;
  if (component.style === 5) {
    const href = /^(https?|discord):/.test(component.url) ? component.url : undefined;
    const arrow = make("span", { "aria-hidden": "true" }, "↗");
    const element = make("a", { className, href, target: "_blank", rel: "noopener noreferrer" }, ...words, arrow);
    if (component.disabled) element.removeAttribute("href");
    return element;
  }
  const element = make("button", { type: "button", className, disabled: Boolean(component.disabled), "data-custom-id": component.custom_id }, ...words);
  element.onclick = () => deeds.press(component.custom_id, element);
  return element;
}

function gallery(component) {
  const items = component.items.map(({ media, description, spoiler }) => medium({
    url: media.url, kind: kindOf(media), name: nameIn(media.url), description, spoiler,
  }));
  return make("div", { className: `gallery of-${Math.min(items.length, 4)}` }, ...items);
}

const nameIn = (url) => decodeURIComponent(url.split("?")[0].split("/").at(-1));

function file(component) {
  const { url } = component.file;
  const link = make("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, component.name ?? nameIn(url));
  const size = component.size && make("small", {}, ` ${fileSize(component.size)}`);
  return make("div", { className: "file-card" }, make("span", { "aria-hidden": "true" }, "📄 "), link, size);
}

function section(component, deeds) {
  return make("div", { className: "section" },
    make("div", { className: "section-text" }, ...component.components.map((one) => block(one, deeds))),
    make("div", { className: "accessory" }, block(component.accessory, deeds)));
}

function thumbnail({ media, description, spoiler }) {
  return medium({ url: media.url, kind: "image", name: description ?? "", description, spoiler });
}

function container(component, deeds) {
  const element = make("div", { className: "container" }, ...component.components.map((one) => block(one, deeds)));
  tint(element, component.accent_color);
  return element;
}

function separator(component) {
  const className = component.spacing === 2 ? "separator large" : "separator";
  return component.divider ? make("hr", { className }) : make("div", { className });
}

function block(component, deeds) {
  switch (component.type) {
    case 1: return make("div", { className: "row" }, ...component.components.map((one) => block(one, deeds)));
    case 2: return pressable(component, deeds);
    case 3: case 5: case 6: case 7: case 8: return selectMenu(component, deeds);
    case 9: return section(component, deeds);
    case 10: return make("div", { className: "text-display" }, ...markdown(component.content));
    case 11: return thumbnail(component);
    case 12: return gallery(component);
    case 13: return file(component);
    case 14: return separator(component);
    case 17: return container(component, deeds);
    default: return make("p", { className: "hint" }, `A component of type ${component.type}`);
  }
}

/**
 * @param {Object[]} components as in Discord's JSON
 * @param {Deeds} deeds
 * @returns {HTMLElement[]}
 */
export const blocks = (components, deeds) => components.map((one) => block(one, deeds));
