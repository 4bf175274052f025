// The API that ../README.md describes; the page uses nothing else.

import { store } from "./store.js";

const here = () => `/api/channels/${encodeURIComponent(store.channel)}`;
const as = () => `?as=${encodeURIComponent(store.me)}`;

/**
 * @param {string} path
 * @param {RequestInit} [settings]
 * @returns {Promise<any>} the JSON; throws an Error with the sentence of a refusal
 */
export async function ask(path, settings) {
  const response = await fetch(path, settings).catch(() => {
    throw new Error("The playground does not answer. Is it still running?");
  });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error), { status: response.status });
  return answer;
}

const post = (path, body) => ask(path, {
  method: "POST",
  body: body instanceof FormData ? body : JSON.stringify(body),
  headers: body instanceof FormData ? {} : { "Content-Type": "application/json" },
});

/**
 * @param {Object} values
 * @param {Array<[string, File]>} files by the name of their part
 * @returns {FormData}
 */
function form(values, files) {
  const body = new FormData();
  body.append("options", JSON.stringify(values));
  for (const [name, file] of files) body.append(name, file);
  return body;
}

/** @returns {Promise<Object>} */
export const fetchState = () => ask("/api/state");

/** @returns {Promise<Object[]>} the commands that the person may use here */
export const fetchCommands = () => ask(`${here()}/commands${as()}`);

/** @param {boolean} curious @returns {string} the address of the websocket */
export const liveAddress = (curious) =>
  `/api/live${as()}&channel=${encodeURIComponent(store.channel)}&behind=${Number(curious)}`;

/** @param {Object} values @param {Array<[string, File]>} files */
export const say = (values, files) => post(`${here()}/messages${as()}`, form(values, files));

/** @param {string} name @param {Object} values @param {Array<[string, File]>} files */
export const sendCommand = (name, values, files) =>
  post(`${here()}/commands/${encodeURIComponent(name)}${as()}`, form(values, files));

/** @param {string} name @param {Object} options @param {string} focused */
export const suggest = (name, options, focused) =>
  post(`${here()}/commands/${encodeURIComponent(name)}/suggestions${as()}`, { options, focused });

/** @param {string} name @param {{message: string}|{person: string}} target */
export const pickMenu = (name, target) =>
  post(`${here()}/menus/${encodeURIComponent(name)}${as()}`, target);

/** @param {string} message @param {string} customId */
export const press = (message, customId) =>
  post(`${here()}/messages/${message}/press${as()}`, { custom_id: customId });

/** @param {string} message @param {string} customId @param {string[]} values */
export const choose = (message, customId, values) =>
  post(`${here()}/messages/${message}/choose${as()}`, { custom_id: customId, values });

/** @param {string} message */
export const dismiss = (message) => post(`${here()}/messages/${message}/dismiss${as()}`, {});

/** @param {string} interaction @param {Object} values @param {Array<[string, File]>} files */
export const submitModal = (interaction, values, files) =>
  post(`/api/modals/${interaction}${as()}`, form(values, files));

/** @param {Object} wanted of the channel that is shown: `archived`, `locked` and so on */
export const changePlace = (wanted) => post(here(), wanted);

/** @param {string} username @param {{roles?: string[], locale?: string, timed_out?: boolean}} wanted */
export const changePerson = (username, wanted) => post(`/api/people/${username}`, wanted);

/** @param {string} name @param {string} position */
export const turnKnob = (name, position) => post("/api/knobs", { [name]: position });

/** @param {string} name */
export const act = (name) => post(`/api/acts/${name}`, {});

/** @param {number} number @returns {Promise<Object>} */
export const lookCloser = (number) => ask(`/api/behind/${number}`);
