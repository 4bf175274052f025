// Files in messages: players for videos and sounds, pictures, and links to the rest.

import { fileSize, make } from "./dom.js";

const SPOILER = "SPOILER_"; // how a name marks a file, beside its flag
const FLAG = { SPOILER: 1 << 3 };

/**
 * A video or picture; others are a link. Hidden behind a click where it is a spoiler.
 * @param {{url: string, kind: string, name: string, description?: ?string, spoiler?: boolean}} file
 * @returns {HTMLElement}
 */
export function medium(file) {
  const label = file.description || file.name;
  const shown = player(file, label);
  if (!file.spoiler) return shown;
  const cover = make("button", { type: "button", className: "cover" }, "Spoiler");
  const frame = make("div", { className: "spoiler-frame" }, shown, cover);
  shown.inert = true;
  cover.onclick = () => { shown.inert = false; frame.replaceWith(shown); };
  return frame;
}

function player(file, label) {
  if (file.kind === "video") {
    return make("video", { src: file.url, controls: true, loop: true, playsInline: true, preload: "metadata", "aria-label": label });
  }
  if (file.kind === "audio") return make("audio", { src: file.url, controls: true, "aria-label": label });
  if (file.kind === "image") return make("img", { src: file.url, alt: label, loading: "lazy" });
  return make("a", { href: file.url, target: "_blank", rel: "noopener noreferrer" }, label);
}

/**
 * @param {Object} attachment as in Discord's JSON
 * @returns {HTMLElement}
 */
export function attachment(file) {
  const kind = (file.content_type ?? "").split("/")[0];
  const spoiler = file.filename.startsWith(SPOILER) || Boolean(file.flags & FLAG.SPOILER);
  const words = { url: file.url, kind, name: file.filename, description: file.description, spoiler };
  const link = make("a", { href: file.url, target: "_blank", rel: "noopener noreferrer" }, file.filename);
  const size = make("small", {}, ` ${fileSize(file.size)}`);
  if (!["video", "image", "audio"].includes(kind)) {
    return make("div", { className: "file-card" }, make("span", { "aria-hidden": "true" }, "📄 "), link, size);
  }
  return make("figure", { className: "attachment" }, medium(words), make("figcaption", {}, link, size));
}

const VIDEO = /\.(mp4|webm|mov)$/i;
const AUDIO = /\.(mp3|ogg|wav)$/i;

/**
 * What kind of medium an address leads to, where only the address is known.
 * @param {{url: string, content_type?: string}} media
 * @returns {string}
 */
export function kindOf(media) {
  if (media.content_type) return media.content_type.split("/")[0];
  const path = media.url.split("?")[0];
  return VIDEO.test(path) ? "video" : AUDIO.test(path) ? "audio" : "image";
}
