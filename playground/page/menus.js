// The context menus of messages and people: what one may do, and the apps' own entries.

import * as api from "./api.js";
import { localName } from "./localised.js";
import { openMenu } from "./menu.js";
import { openModal } from "./modal.js";
import { failedCommand, sendingCommand } from "./pending.js";
import { store, tell } from "./store.js";

const USER_COMMAND = 2;
const MESSAGE_COMMAND = 3;

function apps(kind, target) {
  return store.commands.filter(({ type }) => type === kind).map((command, index) => ({
    heading: index === 0 ? "Apps" : undefined,
    label: localName(command),
    run: () => pick(command, target),
  }));
}

async function pick(command, target) {
  const done = sendingCommand(localName(command));
  try {
    const answer = await api.pickMenu(command.name, target);
    done();
    if (answer.modal) openModal(answer.interaction, answer.modal);
  } catch (error) {
    done();
    failedCommand(localName(command), error.message);
  }
}

/**
 * @param {HTMLElement} anchor
 * @param {Object} message as in Discord's JSON
 * @param {number} [x]
 * @param {number} [y]
 */
export function messageMenu(anchor, message, x, y) {
  const items = [
    { label: "Reply", emoji: "↩", run: () => tell("reply", message) },
    { label: "Copy text", emoji: "📋", run: () => navigator.clipboard?.writeText(message.content) },
    { label: "Copy message ID", emoji: "🆔", run: () => navigator.clipboard?.writeText(message.id) },
    ...apps(MESSAGE_COMMAND, { message: message.id }),
  ];
  const own = message.flags & (1 << 6) ? items.slice(1, 3) : items;
  openMenu(anchor, own, { label: "Message", x, y });
}

/**
 * @param {HTMLElement} anchor
 * @param {{id: string, name: string}} person
 * @param {number} [x]
 * @param {number} [y]
 */
export function personMenu(anchor, person, x, y) {
  const items = [
    { label: "Mention", emoji: "@", run: () => tell("mention", person) },
    { label: "Copy user ID", emoji: "🆔", run: () => navigator.clipboard?.writeText(person.id) },
    ...apps(USER_COMMAND, { person: person.id }),
  ];
  openMenu(anchor, items, { label: person.name, x, y });
}
