// The list of messages, kept as the websocket tells it.

import { at, button, make } from "./dom.js";
import { render } from "./message.js";
import { named } from "./places.js";
import { channel, meet, on, store } from "./store.js";
import { sampleButtons } from "./samples.js";

const NEAR_END = 120;

const shown = new Map(); // message id -> { element, message }
let atEnd = true;
let sought = "";

/** Go to the message that was asked for, as soon as it is here. */
function seek() {
  const found = shown.get(sought)?.element;
  if (!found) return;
  sought = "";
  atEnd = false;
  found.scrollIntoView({ block: "center" });
  found.animate([{ background: "var(--called)" }, {}], 1200);
}

function welcome() {
  const place = channel();
  const first = sampleButtons("Animate");
  at("welcome").replaceChildren(
    make("h2", {}, place ? `Welcome to ${named(place)}!` : "You see no channel here."),
    make("p", { className: "hint" }, shown.size ? "This is where it begins." : "Nobody has said anything yet. Pick a picture to see it move, drop one of yours anywhere, or type / for the commands."),
    ...(shown.size || !first ? [] : [first]));
}

/** Put an element in its place, and keep the focus where it was. */
function replace(before, after) {
  const focused = before.contains(document.activeElement) ? document.activeElement : null;
  const customId = focused?.dataset.customId;
  const wasMore = focused?.classList.contains("more");
  before.replaceWith(after);
  if (!focused) return;
  const again = customId ? after.querySelector(`[data-custom-id="${CSS.escape(customId)}"]`) : null;
  (again ?? (wasMore || customId ? after.querySelector(".more") : null))?.focus();
}

function update({ ids, changed }) {
  const gone = new Set(shown.keys());
  for (const id of ids) gone.delete(id);
  for (const id of gone) {
    shown.get(id).element.remove();
    shown.delete(id);
  }
  for (const message of changed) {
    meet([message.author, ...message.mentions, ...(message.interaction ? [message.interaction.user] : [])]);
    const element = render(message);
    const before = shown.get(message.id);
    if (before) replace(before.element, element);
    else insert(element, message.id, ids);
    shown.set(message.id, { element, message });
  }
  welcome();
  stick();
  seek();
}

/** Before the next message that is shown already; ids come oldest first. */
function insert(element, id, ids) {
  const next = ids.slice(ids.indexOf(id) + 1).find((one) => shown.has(one));
  at("messages").insertBefore(element, next ? shown.get(next).element : null);
}

function stick() {
  if (atEnd) at("scroll").scrollTop = at("scroll").scrollHeight;
}

function again() {
  for (const [id, { element, message }] of shown) {
    const fresh = render(message);
    replace(element, fresh);
    shown.set(id, { element: fresh, message });
  }
}

/** Begin to show messages. */
export function startMessages() {
  const box = at("scroll");
  box.addEventListener("scroll", () => {
    atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;
  }, { passive: true });
  new ResizeObserver(stick).observe(at("messages"));
  new ResizeObserver(stick).observe(box);
  on("messages", update);
  on("seek", (id) => { sought = id; seek(); });
  on("commands", welcome);
  let names = "";
  on("state", () => {
    // Names of people and roles stand in messages.
    const now = JSON.stringify([store.state.people.map((one) => [one.name, one.roles]), store.state.roles]);
    if (names && names !== now) again();
    names = now;
  });
  on("place", () => {
    shown.clear();
    atEnd = true;
    at("messages").replaceChildren();
    welcome();
  });
  const down = button("plain jump", "Jump to the latest", () => { atEnd = true; stick(); });
  down.hidden = true;
  box.addEventListener("scroll", () => { down.hidden = atEnd; }, { passive: true });
  box.after(down);
}
