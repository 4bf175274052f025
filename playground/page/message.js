// One message as its viewer sees it.

import { attachment } from "./attachments.js";
import * as api from "./api.js";
import { blocks } from "./components.js";
import { avatar, button, make } from "./dom.js";
import { embed } from "./embeds.js";
import { inline, markdown } from "./markdown.js";
import { onMenu } from "./menu.js";
import { messageMenu, personMenu } from "./menus.js";
import { openModal } from "./modal.js";
import { written } from "./moments.js";
import { account, me, tell } from "./store.js";

const TYPE = { REPLY: 19, COMMAND: 20, MENU: 23 };
const FLAG = { EPHEMERAL: 1 << 6, LOADING: 1 << 7 };
const PREVIEW = 80;

/** @param {Object} user as in Discord's JSON @returns {{id: string, name: string, bot: boolean}} */
export function author(user) {
  const known = account(user.id);
  return { id: user.id, name: known?.name ?? user.global_name ?? user.username, bot: Boolean(user.bot) };
}

function nameButton(user) {
  const person = author(user);
  const element = button("name", person.name, () => personMenu(element, person), { "aria-haspopup": "menu", "aria-expanded": "false" });
  onMenu(element, (x, y) => personMenu(element, person, x, y));
  return element;
}

function origin(message) {
  if ([TYPE.COMMAND, TYPE.MENU].includes(message.type) && message.interaction) {
    const { user, name } = message.interaction;
    const command = message.type === TYPE.COMMAND ? `/${name}` : name;
    return make("p", { className: "origin" }, make("strong", {}, author(user).name), " used ", make("span", { className: "mention" }, command));
  }
  if (message.type !== TYPE.REPLY) return null;
  const replied = message.referenced_message;
  if (!replied) return make("p", { className: "origin" }, make("em", {}, "Message could not be loaded"));
  const first = replied.content.split("\n")[0] || "Click to see attachment";
  const words = plain(first);
  const cut = words.length > PREVIEW ? `${words.slice(0, PREVIEW)}…` : words;
  return make("p", { className: "origin" }, make("strong", {}, `@${author(replied.author).name}`), " ",
    make("a", { href: `#message-${replied.id}`, className: "preview", onclick: (event) => jump(event, replied.id) }, cut));
}

/** The words of a line without anything to click in it. */
function plain(text) {
  return make("span", {}, ...inline(text)).textContent;
}

function jump(event, id) {
  event.preventDefault();
  tell("seek", id);
}

function isCalled(message) {
  const person = me();
  if (!person) return false;
  return message.mention_everyone
    || message.mentions.some((user) => user.id === person.id)
    || message.mention_roles.some((role) => person.roles.includes(role));
}

/** What its buttons and menus do; a form that comes back is opened. */
function deeds(message, problem) {
  const perform = async (element, work) => {
    problem.textContent = "";
    element.setAttribute("aria-busy", "true");
    try {
      const answer = await work;
      if (answer.modal) openModal(answer.interaction, answer.modal);
    } catch (error) {
      problem.textContent = error.message;
    } finally {
      element.removeAttribute("aria-busy");
    }
  };
  return {
    press: (customId, element) => perform(element, api.press(message.id, customId)),
    choose: (customId, values, element) => perform(element, api.choose(message.id, customId, values)),
  };
}

function body(message, problem) {
  if (message.flags & FLAG.LOADING) {
    const dots = make("span", { className: "dots", "aria-hidden": "true" }, make("i"), make("i"), make("i"));
    return [make("p", { className: "thinking" }, dots, ` ${author(message.author).name} is thinking…`)];
  }
  const text = markdown(message.content);
  const parts = blocks(message.components, deeds(message, problem));
  if (message.edited_timestamp) {
    const title = new Date(message.edited_timestamp).toLocaleString();
    const mark = make("small", { className: "edited", title }, " (edited)");
    const last = text.at(-1);
    if (last?.classList.contains("line")) last.append(mark);
    else (text.length ? text : parts).push(mark);
  }
  return [
    ...text,
    ...message.attachments.filter((file) => !placed(message).includes(file.id)).map(attachment),
    ...message.embeds.map(embed),
    ...parts,
  ];
}

/** Files that components and embeds show already. */
function placed(message) {
  const used = JSON.stringify([message.components, message.embeds]);
  return message.attachments.filter((file) => used.includes(`/${file.id}/`)).map((file) => file.id);
}

function onlyYou(message) {
  const away = button("as-link", "Dismiss message", () => api.dismiss(message.id));
  return make("p", { className: "only-you" }, "👁 Only you can see this · ", away);
}

/**
 * @param {Object} message as in Discord's JSON
 * @returns {HTMLElement}
 */
export function render(message) {
  const person = author(message.author);
  const problem = make("p", { className: "problem", role: "alert" });
  const more = button("more", "⋯", () => messageMenu(more, message), { "aria-label": `More about the message of ${person.name}`, "aria-haspopup": "menu", "aria-expanded": "false" });
  const ephemeral = message.flags & FLAG.EPHEMERAL;
  const className = ["message", isCalled(message) && "called", ephemeral && "ephemeral"].filter(Boolean).join(" ");
  const element = make("li", { className, id: `message-${message.id}` },
    origin(message),
    avatar(person),
    make("div", { className: "head" }, nameButton(message.author), person.bot && make("span", { className: "app" }, "APP"), " ", written(message.timestamp)),
    make("div", { className: "body" }, ...body(message, problem), problem, ephemeral && onlyYou(message)),
    more);
  onMenu(element, (x, y) => messageMenu(more, message, x, y));
  return element;
}
