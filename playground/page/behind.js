// The side panel: shown or not is remembered, and so is what is unfolded in it.

import { booksBoxes } from "./books.js";
import { at, button, make } from "./dom.js";
import { knobsBox } from "./knobs.js";
import { wireBox } from "./wire.js";

const OPEN = "behind-open";

function part(name, title, content) {
  const key = `behind-${name}`;
  const element = make("details", { open: localStorage.getItem(key) !== "no" }, make("summary", {}, make("h3", {}, title)), content);
  element.ontoggle = () => localStorage.setItem(key, element.open ? "yes" : "no");
  return element;
}

/**
 * @param {(curious: boolean) => void} onToggle whenever the panel is shown or hidden
 * @returns {boolean} whether it is shown at first
 */
export function startBehind(onToggle) {
  const panel = at("behind");
  const opener = at("show-behind");
  const { jobs, audit, pika } = booksBoxes();
  const close = button("plain round", "×", () => show(false), { "aria-label": "Hide what is behind the scenes" });
  panel.append(
    make("header", {}, make("h2", {}, "Behind the scenes"), close),
    part("knobs", "Knobs", knobsBox()), part("jobs", "The bot's jobs and ledger", jobs),
    part("audit", "The moderators' audit log", audit), part("pika", "The stand-in Pika's queue", pika), part("wire", "What passes", wireBox()));
  const show = (open) => {
    panel.hidden = !open;
    document.body.classList.toggle("behind-open", open);
    opener.setAttribute("aria-expanded", String(open));
    localStorage.setItem(OPEN, open ? "yes" : "no");
    (open ? close : opener).focus();
    onToggle(open);
  };
  opener.onclick = () => show(panel.hidden);
  panel.onkeydown = (event) => { if (event.key === "Escape") show(false); };
  const open = localStorage.getItem(OPEN) === "yes" && innerWidth > 900;
  panel.hidden = !open;
  document.body.classList.toggle("behind-open", open);
  opener.setAttribute("aria-expanded", String(open));
  return open;
}
