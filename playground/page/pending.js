// What is only on this page: commands on their way, and those to which nothing came back.

import { at, button, make } from "./dom.js";
import { me, on } from "./store.js";

function used(name) {
  return make("p", { className: "origin" }, make("strong", {}, me().name), " used ", make("span", { className: "mention" }, name));
}

/**
 * Show that a command is on its way.
 * @param {string} name as people see it
 * @returns {() => void} to be called when it has arrived
 */
export function sendingCommand(name) {
  const entry = make("li", { className: "message local" }, used(name), make("div", { className: "body thinking" }, "Sending command…"));
  at("pending").append(entry);
  entry.scrollIntoView({ block: "end" });
  return () => entry.remove();
}

/**
 * Show that a command failed.
 * @param {string} name as people see it
 * @param {string} sentence
 */
export function failedCommand(name, sentence) {
  const away = button("as-link", "Dismiss message", () => entry.remove());
  const entry = make("li", { className: "message local ephemeral" }, used(name),
    make("div", { className: "body" },
      make("p", { className: "problem" }, "❗ ", sentence),
      make("p", { className: "only-you" }, "👁 Only you can see this · ", away)));
  at("pending").append(entry);
  entry.scrollIntoView({ block: "end" });
}

on("place", () => at("pending").replaceChildren());
