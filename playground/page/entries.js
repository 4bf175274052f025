// Commands as one picks them: each subcommand is an entry of its own.

import { localDescription, localName } from "./localised.js";

const CHAT_INPUT = 1;
const NESTING = [1, 2];
const ATTACHMENT = 11;

/**
 * @typedef {Object} Entry
 * @property {string} path as the API names it: "quota limit"
 * @property {string} name as the person reads it
 * @property {string} description
 * @property {Object[]} options as in Discord's JSON
 */

/**
 * @param {Object[]} commands as in Discord's JSON
 * @returns {Entry[]}
 */
export function entries(commands) {
  return commands.filter(({ type }) => type === CHAT_INPUT).flatMap((command) => leaves(command, "", ""));
}

function leaves(part, path, name) {
  const [longPath, longName] = [`${path} ${part.name}`.trim(), `${name} ${localName(part)}`.trim()];
  const options = part.options ?? [];
  if (options.some(({ type }) => NESTING.includes(type))) {
    return options.flatMap((option) => leaves(option, longPath, longName));
  }
  return [{ path: longPath, name: longName, description: localDescription(part), options }];
}

/**
 * The entries that fit what was typed behind the slash, best first.
 * @param {Entry[]} all
 * @param {string} typed
 * @returns {Entry[]}
 */
export function matching(all, typed) {
  const words = typed.toLowerCase();
  const starts = all.filter(({ name }) => name.toLowerCase().startsWith(words));
  const holds = all.filter(({ name }) => !starts.some((one) => one.name === name) && name.toLowerCase().includes(words));
  return [...starts, ...holds];
}

/**
 * The first entry that needs a picture.
 * @param {Object[]} commands
 * @returns {?Entry}
 */
export const entryWithPicture = (commands) => entries(commands).find(pictureOption) ?? null;

/**
 * @param {Entry} entry
 * @returns {?Object} its first option that takes a file
 */
export const pictureOption = (entry) => entry.options.find(({ type }) => type === ATTACHMENT) ?? null;
