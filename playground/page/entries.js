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
 * @property {string} family the command that it belongs to, with what that is for
 * @property {Object[]} options as in Discord's JSON
 */

/**
 * @param {Object[]} commands as in Discord's JSON
 * @returns {Entry[]}
 */
export function entries(commands) {
  return commands.filter(({ type }) => type === CHAT_INPUT).flatMap((command) => leaves(command, "", "", family(command)));
}

function family(command) {
  const nested = command.options?.some(({ type }) => NESTING.includes(type));
  return nested ? `/${localName(command)} · ${localDescription(command)}` : "";
}

function leaves(part, path, name, around) {
  const [longPath, longName] = [`${path} ${part.name}`.trim(), `${name} ${localName(part)}`.trim()];
  const options = part.options ?? [];
  if (options.some(({ type }) => NESTING.includes(type))) {
    return options.flatMap((option) => leaves(option, longPath, longName, around));
  }
  return [{ path: longPath, name: longName, description: localDescription(part), family: around, options }];
}

/**
 * The entries that fit what was typed behind the slash, best first; each command's together.
 * @param {Entry[]} all
 * @param {string} typed words of the name in any order, or of the description
 * @returns {Entry[]}
 */
export function matching(all, typed) {
  const whole = typed.toLowerCase().trim();
  const words = whole.split(/\s+/).filter(Boolean);
  const rank = ({ name, description }) => {
    const [long, parts] = [name.toLowerCase(), name.toLowerCase().split(" ")];
    if (long.startsWith(whole)) return 0;
    if (words.every((word) => parts.some((part) => part.startsWith(word)))) return 1;
    if (words.every((word) => long.includes(word))) return 2;
    return words.every((word) => `${long} ${description.toLowerCase()}`.includes(word)) ? 3 : 4;
  };
  const ranked = all.map((entry) => ({ entry, rank: rank(entry) })).filter((one) => one.rank < 4);
  ranked.sort((one, other) => one.rank - other.rank);
  const families = [...new Set(ranked.map(({ entry }) => entry.family || entry.name))];
  const place = ({ entry }) => families.indexOf(entry.family || entry.name);
  return ranked.sort((one, other) => place(one) - place(other)).map(({ entry }) => entry);
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
