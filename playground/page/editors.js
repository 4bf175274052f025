// The editor of one option of a command, fitting its type.

import { suggest } from "./api.js";
import { listbox } from "./combobox.js";
import { freshId, make } from "./dom.js";
import { filePicker } from "./files.js";
import { localDescription, localName } from "./localised.js";
import { sign } from "./places.js";
import { channelsOf, me, nameable, store } from "./store.js";

const TYPE = { STRING: 3, INTEGER: 4, BOOLEAN: 5, USER: 6, CHANNEL: 7, ROLE: 8, MENTIONABLE: 9, NUMBER: 10, ATTACHMENT: 11 };
const NUMBERS = [TYPE.INTEGER, TYPE.NUMBER];

const BOOLEANS = [["True", true], ["False", false]];
const BARE_ID = /^\d{17,20}$/;

const people = () => nameable().map(({ id, name, username }) => ({ label: `@${name}`, detail: username, value: id, heading: "People" }));
const everyone = () => ({ label: "@everyone", detail: "Everybody on this server", value: store.state.guild.id, heading: "Roles" });
const roles = () => [everyone(), ...store.state.roles.map(({ id, name }) => ({ label: `@${name}`, detail: "Role", value: id, heading: "Roles" }))];
const channels = () => channelsOf(me()).map((one) => ({ label: `${sign(one)}${one.name}`, value: one.id, heading: "Channels" }));
const PICKED = {
  [TYPE.USER]: people,
  [TYPE.ROLE]: roles,
  [TYPE.MENTIONABLE]: () => [...people(), ...roles()],
  [TYPE.CHANNEL]: channels,
};

/**
 * @typedef {Object} Editor
 * @property {Object} option
 * @property {HTMLElement} element the whole field, with label and hint
 * @property {HTMLElement} input what takes the focus
 * @property {() => unknown} value undefined when nothing was filled in
 * @property {() => File[]} files
 * @property {(value: unknown) => void} set
 */

function list(option) {
  const pairs = option.choices
    ? option.choices.map((choice) => [localName(choice), choice.value])
    : BOOLEANS;
  const input = make("select", {}, make("option", { value: "" }, "–"),
    ...pairs.map(([label, value]) => make("option", { value: JSON.stringify(value) }, label)));
  return {
    input,
    value: () => (input.value ? JSON.parse(input.value) : undefined),
    set: (value) => { input.value = JSON.stringify(value); },
  };
}

/** A number that is none goes as the text it is, for Discord to refuse. */
function typed(option, text) {
  if (text === "") return undefined;
  const number = NUMBERS.includes(option.type);
  return number && text.trim() !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
}

function text(option, others) {
  const input = make("input", { type: "text", autocomplete: "off", inputMode: NUMBERS.includes(option.type) ? "decimal" : "text" });
  let picked = null;
  const made = {
    input,
    value: () => (picked && picked.label === input.value ? picked.value : typed(option, input.value)),
    set: (value) => { input.value = String(value); },
  };
  if (option.autocomplete) {
    const box = make("div", { className: "suggestions" });
    listbox(input, box, {
      label: `Suggestions for ${localName(option)}`,
      find: async (words) => {
        const answer = await suggest(others.path, { ...others.values(), [option.name]: typed(option, words) ?? "" }, option.name);
        // Most words are none that were suggested: no list then, rather than an empty one.
        if (!answer.choices.length) return null;
        return answer.choices.map((choice) => ({ label: localName(choice), value: choice.value }));
      },
      pick: (item) => { picked = item; input.value = item.label; },
    });
    made.extra = box;
  }
  return made;
}

/** A field to pick somebody or something in; who is gone is named by a bare id. */
function picker(option) {
  const input = make("input", { type: "text", autocomplete: "off" });
  const box = make("div", { className: "suggestions" });
  const all = PICKED[option.type];
  const fits = ({ label, detail }, words) => `${label} ${detail ?? ""}`.toLowerCase().includes(words);
  let picked = null;
  const find = (typed) => {
    if (picked?.label === typed) return null;
    if (BARE_ID.test(typed.trim())) return [{ label: typed.trim(), detail: "An ID of somebody or something that is gone", value: typed.trim() }];
    return all().filter((item) => fits(item, typed.toLowerCase().trim()));
  };
  const pick = (item) => { picked = item; input.value = item.label; };
  listbox(input, box, { label: `Choices for ${localName(option)}`, find, pick });
  return {
    input,
    extra: box,
    value: () => (picked && picked.label === input.value ? picked.value : input.value.trim() || undefined),
    set: (value) => pick(all().find((item) => item.value === value) ?? { label: value, value }),
  };
}

function file(option, id, onChange) {
  const picker = filePicker({ id, samples: true, onChange });
  return {
    input: picker.element.querySelector("input"), whole: picker.element,
    value: () => undefined, files: picker.files, set: picker.add,
  };
}

function bounds(option) {
  const [low, high] = [option.min_value, option.max_value].map((bound) => bound?.toLocaleString("en"));
  if (low !== undefined && high !== undefined) return ` (${low} to ${high})`;
  if (low !== undefined) return ` (${low} or more)`;
  if (high !== undefined) return ` (${high} or less)`;
  return option.max_length ? ` (up to ${option.max_length} characters)` : "";
}

/**
 * @param {Object} option as in Discord's JSON
 * @param {{path: string, values: () => Object, onChange: () => void}} others the command around it
 * @returns {Editor}
 */
export function editor(option, others) {
  const id = freshId("option");
  const made = option.choices?.length || option.type === TYPE.BOOLEAN ? list(option)
    : option.type in PICKED ? picker(option)
    : option.type === TYPE.ATTACHMENT ? file(option, id, others.onChange) : text(option, others);
  made.input.id = id;
  const hint = make("p", { className: "hint", id: `${id}-hint` }, localDescription(option) + bounds(option));
  made.input.setAttribute("aria-describedby", hint.id);
  if (option.type !== TYPE.ATTACHMENT) made.input.setAttribute("aria-required", String(Boolean(option.required)));
  const label = make("label", { htmlFor: id, className: option.required ? "required" : "" }, localName(option));
  const element = make("div", { className: "option", "data-option": option.name }, label, made.whole ?? made.input, made.extra, hint);
  return { files: () => [], ...made, option, element };
}
