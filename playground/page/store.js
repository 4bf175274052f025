// What the page knows: the server's state, who is played, and where.

import { hasMessages } from "./places.js";

const ARRIVING = ["mia", "clips"];

/** @type {{state: ?Object, me: string, channel: string, commands: Object[]}} */
export const store = { state: null, me: "", channel: "", commands: [] };

const events = new EventTarget();

/**
 * @param {string} name "state", "place", "commands", "messages", "reply", "seek" and so on
 * @param {(detail: any) => void} listener
 */
export function on(name, listener) {
  events.addEventListener(name, (event) => listener(event.detail));
}

/**
 * @param {string} name
 * @param {unknown} [detail]
 */
export function tell(name, detail) {
  events.dispatchEvent(new CustomEvent(name, { detail }));
}

/** The person whom the page plays. */
export const me = () => store.state?.people.find((person) => person.username === store.me);

/** The channel that is shown, as Discord's JSON. */
export const channel = () => store.state?.channels.find(({ name }) => name === store.channel);

/** Everybody with an account here, the apps too. */
export const everybody = () => [...(store.state?.people ?? []), ...(store.state?.apps ?? [])];

const met = new Map(); // id -> account

/**
 * Remember accounts that the state does not list, by messages of theirs or about them.
 * @param {Object[]} users as in Discord's JSON
 */
export function meet(users) {
  for (const { id, username, global_name: name, bot } of users) {
    met.set(id, { id, username, name: name ?? username, roles: [], bot: Boolean(bot) });
  }
}

/** Everybody whom a client can name: of a crowd, those of whom it has shown something. */
export const nameable = () => {
  const listed = everybody();
  const ids = new Set(listed.map(({ id }) => id));
  return [...listed, ...[...met.values()].filter(({ id }) => !ids.has(id))];
};

/**
 * @param {string} id
 * @returns {?{id: string, name: string, username: string, roles: string[], bot: boolean}}
 */
export const account = (id) => everybody().find((person) => person.id === id) ?? met.get(id) ?? null;

/**
 * @param {string} id
 * @returns {?{id: string, name: string}}
 */
export const role = (id) => store.state?.roles.find((entry) => entry.id === id) ?? null;

/**
 * The channels that a person sees, in order.
 * @param {?{channels: Object}} person
 * @returns {Object[]}
 */
export function channelsOf(person) {
  const seen = store.state?.channels.filter(({ id }) => person && id in person.channels) ?? [];
  return seen.sort((one, other) => one.position - other.position);
}

/**
 * Play this person, and look at a channel that they see.
 * @param {string} username
 * @param {string} [name] of the channel; the same as before when left out
 */
export function go(username, name = store.channel) {
  const person = store.state.people.find((entry) => entry.username === username);
  const channels = channelsOf(person).filter(hasMessages).map((entry) => entry.name);
  const there = [name, ARRIVING[1], ...channels].find((entry) => channels.includes(entry));
  if (!person || !there || (username === store.me && there === store.channel)) return;
  [store.me, store.channel] = [username, there];
  history.replaceState(null, "", `#${username}/${there}`);
  tell("place");
}

/** Go where the address says; one that names no place (a skip link's) leads nowhere. */
export function arrive() {
  const [username, name] = location.hash.slice(1).split("/").map(decodeURIComponent);
  const known = store.state.people.some((person) => person.username === username);
  if (known || !store.me) go(known ? username : ARRIVING[0], name || ARRIVING[1]);
}

/**
 * Take the server's new state; leave a channel that is no longer seen.
 * @param {Object} state
 */
export function take(state) {
  store.state = state;
  if (store.me && !channelsOf(me()).some(({ name }) => name === store.channel)) go(store.me, "");
  tell("state");
}
