// A command that is being filled in.

import { sendCommand } from "./api.js";
import { at, button, make } from "./dom.js";
import { editor } from "./editors.js";
import { pictureOption } from "./entries.js";
import { localName } from "./localised.js";
import { openModal } from "./modal.js";
import { failedCommand, sendingCommand } from "./pending.js";

let current = null; // { entry, editors, chips, refuse }

/** @returns {boolean} whether a command is being filled in */
export const fillingIn = () => current !== null;

/**
 * Begin to fill in a command.
 * @param {import("./entries.js").Entry} entry
 * @param {{onEnd: () => void}} settings
 */
export function beginCommand(entry, { onEnd }) {
  const fields = make("div", { className: "options" });
  const chips = make("div", { className: "chips", role: "group", "aria-label": "More options" });
  current = { entry, editors: [], fields, chips, onEnd };
  at("command").replaceChildren(
    make("div", { className: "command-head" },
      make("strong", {}, `/${entry.name}`), make("span", { className: "hint" }, entry.description),
      button("plain round", "×", cancelCommand, { "aria-label": "Cancel the command" })),
    fields, chips);
  at("command").hidden = false;
  for (const option of entry.options.filter(({ required }) => required)) add(option);
  showChips();
  const first = current.editors[0]?.input ?? chips.querySelector("button") ?? at("send");
  first.focus();
}

function values() {
  const filled = current.editors.map((one) => [one.option.name, one.value()]);
  return Object.fromEntries(filled.filter(([, value]) => value !== undefined));
}

function add(option) {
  const { entry, fields, editors } = current;
  const made = editor(option, { path: entry.path, values, onChange: forgive });
  made.element.addEventListener("input", forgive);
  if (!option.required) {
    const away = button("plain round", "×", () => remove(made), { "aria-label": `Remove ${localName(option)}` });
    made.element.append(away);
  }
  // In the order of the command, whatever was added first.
  const places = entry.options.map(({ name }) => name);
  const next = editors.find((one) => places.indexOf(one.option.name) > places.indexOf(option.name));
  fields.insertBefore(made.element, next?.element ?? null);
  editors.splice(next ? editors.indexOf(next) : editors.length, 0, made);
  return made;
}

function remove(made) {
  made.element.remove();
  current.editors = current.editors.filter((one) => one !== made);
  showChips();
  (current.chips.querySelector("button") ?? at("send")).focus();
}

function showChips() {
  const { entry, editors, chips } = current;
  const open = editors.map((one) => one.option.name);
  chips.replaceChildren(...entry.options.filter(({ name }) => !open.includes(name)).map((option) =>
    button("chip", `+ ${localName(option)}`, () => {
      add(option).input.focus();
      showChips();
    }, { title: option.description })));
  chips.hidden = !chips.children.length;
}

/** Stop filling in. */
export function cancelCommand() {
  const { onEnd } = current;
  current = null;
  at("command").replaceChildren();
  at("command").hidden = true;
  at("refusal").textContent = "";
  onEnd();
}

/**
 * Give a file to the command's option for one.
 * @param {File} file
 * @returns {boolean} false where it has none
 */
export function takeFile(file) {
  const option = pictureOption(current.entry);
  if (!option) return false;
  const made = current.editors.find((one) => one.option === option) ?? add(option);
  made.set(file);
  showChips();
  return true;
}

function forgive() {
  at("refusal").textContent = "";
  for (const one of current?.editors ?? []) one.input.removeAttribute("aria-invalid");
}

/** Show a refusal, and go to the option that it names. */
function refuse(sentence) {
  const named = current.editors.find((one) => sentence.includes(`“${one.option.name}”`));
  named?.input.setAttribute("aria-invalid", "true");
  at("refusal").textContent = sentence;
  named?.input.focus();
}

function missing() {
  return current.editors.find((one) =>
    one.option.required && one.value() === undefined && !one.files().length);
}

/** Send what was filled in; it stays where Discord refuses it. */
export async function submitCommand() {
  forgive();
  const lacking = missing();
  if (lacking) {
    refuse(`The option “${lacking.option.name}” is required.`);
    return;
  }
  const { entry, editors } = current;
  const files = editors.flatMap((one) => one.files().map((file) => [one.option.name, file]));
  const arrived = sendingCommand(`/${entry.name}`);
  at("send").setAttribute("aria-disabled", "true");
  try {
    const answer = await sendCommand(entry.path, values(), files);
    cancelCommand();
    if (answer.modal) openModal(answer.interaction, answer.modal);
  } catch (error) {
    if (error.status === 504) {
      cancelCommand();
      failedCommand(`/${entry.name}`, error.message);
    } else if (current) refuse(error.message);
  } finally {
    arrived();
    at("send").removeAttribute("aria-disabled");
  }
}
