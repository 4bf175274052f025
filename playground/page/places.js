// Kinds of places: how they are marked, which are in which, and what is to be said of one.

const KINDS = {
  0: ["#", "Text channel"], 2: ["🔊", "Chat of a voice channel"], 4: ["▾", "Category"], 5: ["📣", "Announcements"],
  10: ["↳", "Thread"], 11: ["↳", "Thread"], 12: ["🔒", "Private thread"], 13: ["🎙️", "Chat of a stage"], 15: ["💬", "Forum"],
};

const CATEGORY = 4;
const FORUM = 15;
const PRIVATE = 12;

/** @typedef {Object} Place a channel or thread as Discord's JSON, with `bot_sees` */

/** @param {Place} place */
export const isThread = ({ thread_metadata: thread }) => Boolean(thread);

/** @param {Place} place */
export const isCategory = ({ type }) => type === CATEGORY;

/** Whether people write in it: a forum has posts, which are threads. @param {Place} place */
export const hasMessages = ({ type }) => type !== CATEGORY && type !== FORUM;

/** @param {Place} place @returns {string} the sign before its name */
export const sign = ({ type }) => KINDS[type]?.[0] ?? "#";

/** @param {Place} place @returns {boolean} whether it is a channel like most others */
export const isPlain = (place) => place.type === 0 && traits(place).length === 0;

/** @param {Place} place @returns {string[]} what is special about its state */
export function traits(place) {
  const { archived, locked } = place.thread_metadata ?? {};
  return [
    archived && "archived: a message opens it, an edit does not",
    locked && "locked: only who manages threads writes here",
    place.nsfw && "age-restricted",
    place.rate_limit_per_user > 0 && `slow mode: a message every ${place.rate_limit_per_user} s, but for bots`,
    !place.bot_sees && (place.type === PRIVATE ? "the bot is not in it: a mention adds it" : "hidden from the bot"),
  ].filter(Boolean);
}

/** @param {Place} place @returns {string[]} the same in a word each, for the list of channels */
export function marks(place) {
  const { archived, locked } = place.thread_metadata ?? {};
  const words = { archived, locked, "18+": place.nsfw, slow: place.rate_limit_per_user > 0, hidden: !place.bot_sees && !isThread(place) };
  return Object.keys(words).filter((word) => words[word]);
}

/** @param {Place} place @returns {string} its name as Discord's client writes it */
export const named = (place) => `${place.type === 0 ? "#" : ""}${place.name}`;

/** @param {Place} place @returns {string} one line about it */
export const description = (place) => [KINDS[place.type]?.[1] ?? "Channel", ...traits(place)].join(" · ");

/**
 * What can be done with it, each as the button's words and what it asks of the server.
 * @param {Place} place
 * @returns {Array<[string, Object]>}
 */
export function changes(place) {
  if (!isThread(place)) {
    return [
      place.bot_sees ? ["Hide from the bot", { bot_sees: false }] : ["Show to the bot", { bot_sees: true }],
      place.rate_limit_per_user ? ["End slow mode", { slowmode_seconds: 0 }] : ["Slow mode", { slowmode_seconds: 30 }],
    ];
  }
  const { archived, locked } = place.thread_metadata;
  const add = ["Add the bot", { bot_sees: true }];
  return [
    archived ? ["Unarchive", { archived: false }] : ["Archive", { archived: true }],
    locked ? ["Unlock", { locked: false }] : ["Lock", { locked: true }],
    ...(place.type === PRIVATE && !place.bot_sees ? [add] : []),
  ];
}
