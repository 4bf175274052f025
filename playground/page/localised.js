// Names and descriptions of commands in the language of the person who is played.

import { me } from "./store.js";

const local = (entry, key) => entry[`${key}_localizations`]?.[me()?.locale] ?? entry[key];

/** @param {Object} entry a command, option or choice @returns {string} */
export const localName = (entry) => local(entry, "name");

/** @param {Object} entry @returns {string} */
export const localDescription = (entry) => local(entry, "description") ?? "";
