// What passes between the parts, newest first; a click shows the masked JSON.

import { lookCloser } from "./api.js";
import { button, freshId, make } from "./dom.js";
import { on } from "./store.js";

const KINDS = { gateway: "Gateway", discord: "Discord", pika: "Pika" };
const WAYS = { sent: "→ bot", missed: "missed", got: "← bot", connection: "" };
const KEPT = 120;

const time = (seconds) => new Date(seconds * 1000).toLocaleTimeString("en-GB");

function status(entry) {
  if (entry.kind === "gateway") return make("span", { className: "status" }, WAYS[entry.way]);
  const good = entry.status !== null && entry.status < 400;
  return make("span", { className: `status ${good ? "good" : "bad"}` }, entry.status === null ? "lost" : String(entry.status));
}

function words(entry) {
  if (entry.kind === "gateway") return entry.way === "connection" ? `connection ${entry.name}` : entry.name;
  return `${entry.method} ${entry.name}`;
}

function row(entry) {
  const id = freshId("wire");
  const details = make("pre", { id, hidden: true, tabIndex: 0, "aria-label": "JSON" });
  const head = button("wire-head", make("time", {}, time(entry.at)), async () => {
    details.hidden = !details.hidden;
    head.setAttribute("aria-expanded", String(!details.hidden));
    if (details.hidden || details.textContent) return;
    details.textContent = await lookCloser(entry.number).then((whole) => JSON.stringify(whole.json, null, 2), (error) => error.message);
  }, { "aria-expanded": "false", "aria-controls": id });
  const took = entry.milliseconds === undefined ? "" : `${entry.milliseconds} ms`;
  head.append(make("span", { className: `party ${entry.kind}` }, KINDS[entry.kind]), make("span", { className: "cut", title: entry.path ?? entry.name }, words(entry)), status(entry), took && make("small", {}, took));
  return make("li", { "data-kind": entry.kind }, head, details);
}

/** @returns {HTMLElement} */
export function wireBox() {
  const list = make("ol", { className: "wire" });
  const filters = make("div", { className: "filters", role: "group", "aria-label": "Show" }, ...Object.entries(KINDS).map(([kind, label]) => {
    const box = make("input", { type: "checkbox", checked: true });
    box.onchange = () => list.classList.toggle(`without-${kind}`, !box.checked);
    return make("label", {}, box, " ", label);
  }));
  let last = 0;
  on("behind", ({ passed }) => {
    for (const entry of passed) {
      if (entry.number <= last) continue;
      last = entry.number;
      list.prepend(row(entry));
    }
    while (list.children.length > KEPT) list.lastElementChild.remove();
  });
  return make("div", {}, filters, list);
}
