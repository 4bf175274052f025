// Discord's timestamps, in the reader's own time zone; relative ones tick.

import { make } from "./dom.js";

const UNITS = [
  ["year", 31536000], ["month", 2592000], ["day", 86400],
  ["hour", 3600], ["minute", 60], ["second", 1],
];
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

function relative(seconds) {
  const away = seconds - Date.now() / 1000;
  const [unit, length] = UNITS.find(([, size]) => Math.abs(away) >= size) ?? UNITS.at(-1);
  return RELATIVE.format(Math.round(away / length), unit);
}

/**
 * `<t:seconds:style>` as an element.
 * @param {number} seconds Unix time
 * @param {string} [style] one of Discord's letters
 * @returns {Node|string}
 */
export function moment(seconds, style = "f") {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return "Invalid Date";
  const words = style === "R" ? relative(seconds) : date.toLocaleString("en", STYLES[style]);
  const title = date.toLocaleString("en", STYLES.F);
  const time = make("time", { className: "moment", dateTime: date.toISOString(), title }, words);
  if (style === "R") time.dataset.relative = String(seconds);
  return time;
}

/**
 * When a message was written, as beside its author.
 * @param {string} timestamp
 * @returns {HTMLElement}
 */
export function written(timestamp) {
  const date = new Date(timestamp);
  const today = new Date().toDateString() === date.toDateString();
  const style = today ? STYLES.t : { dateStyle: "short", timeStyle: "short" };
  const title = date.toLocaleString("en", STYLES.F);
  return make("time", { className: "when", dateTime: timestamp, title }, date.toLocaleString("en", style));
}

setInterval(() => {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const now = relative(Number(time.dataset.relative));
    if (time.firstChild.data !== now) time.firstChild.data = now;
  }
}, 1000);
