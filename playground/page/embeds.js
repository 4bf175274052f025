// Embeds. As on Discord, a video in one shows as a still picture at best: here, as its link.

import { make } from "./dom.js";
import { inline, markdown } from "./markdown.js";
import { written } from "./moments.js";

const picture = (part, className) =>
  part && make("img", { src: part.url, alt: "", className, loading: "lazy" });

function linked(text, url) {
  const words = inline(text);
  if (!/^https?:\/\//.test(url ?? "")) return words;
  return [make("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...words)];
}

function field(entry) {
  return make("div", { className: entry.inline ? "field inline" : "field" },
    make("strong", {}, ...inline(entry.name)), make("div", {}, ...markdown(entry.value)));
}

/**
 * @param {Object} data an embed as in Discord's JSON
 * @returns {HTMLElement}
 */
export function embed(data) {
  const element = make("article", { className: "embed" },
    make("div", { className: "embed-text" },
      data.author && make("div", { className: "embed-author" }, picture(data.author.icon_url && { url: data.author.icon_url }, "icon"), ...linked(data.author.name, data.author.url)),
      data.title && make("div", { className: "embed-title" }, ...linked(data.title, data.url)),
      data.description && make("div", {}, ...markdown(data.description)),
      data.fields && make("div", { className: "fields" }, ...data.fields.map(field))),
    picture(data.thumbnail, "thumbnail"),
    picture(data.image, "wide"),
    data.video && make("a", { href: data.video.url, target: "_blank", rel: "noopener noreferrer" }, "Video"),
    (data.footer || data.timestamp) && make("footer", {},
      picture(data.footer?.icon_url && { url: data.footer.icon_url }, "icon"),
      data.footer?.text, data.footer && data.timestamp && " • ", data.timestamp && written(data.timestamp)));
  tint(element, data.color);
  return element;
}

/**
 * Give an element the accent colour that a bot chose.
 * @param {HTMLElement} element
 * @param {?number} color
 */
export function tint(element, color) {
  if (color == null) return;
  element.style.setProperty("--accent", `#${color.toString(16).padStart(6, "0")}`);
  element.classList.add("tinted");
}
