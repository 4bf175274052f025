// The page: one person's view of one channel, over the API that ../README.md describes.

const CHANNEL = "clips";
const OPTION = { STRING: 3, INTEGER: 4, BOOLEAN: 5, NUMBER: 10, ATTACHMENT: 11 };
const COMMAND_REPLY = 20;
const REPLY = 19;
const EPHEMERAL = 1 << 6;
const LOADING = 1 << 7;

const at = (id) => document.getElementById(id);
const api = (path) => `/api/channels/${CHANNEL}/${path}?as=${at("person").value}`;

let people = [];
let commands = [];
let events = null;
let sending = false;

/** An element with properties and children; text stays text. */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// Discord's markdown, as far as the bot uses it

const MARKUP = /\\([!-/:-@[-`{-~])|\*\*(.+?)\*\*|<@!?(\d+)>|<t:(-?\d+)(?::([tTdDfFR]))?>/g;

/** Text nodes and elements of one line. */
function inline(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(MARKUP)) {
    nodes.push(text.slice(from, match.index));
    from = match.index + match[0].length;
    const [, escaped, bold, member, seconds, style] = match;
    if (escaped) nodes.push(escaped);
    else if (bold) nodes.push(make("strong", {}, ...inline(bold)));
    else if (member) nodes.push(make("span", { className: "mention" }, `@${nameOf(member)}`));
    else nodes.push(moment(Number(seconds), style));
  }
  return [...nodes, text.slice(from)];
}

function markdown(text) {
  return text.split("\n").map((line) => {
    for (const [mark, className] of [["-# ", "subtext"], ["> ", "quote"]]) {
      if (line.startsWith(mark)) {
        return make("div", { className: `line ${className}` }, ...inline(line.slice(mark.length)));
      }
    }
    return make("div", { className: "line" }, ...inline(line));
  });
}

function nameOf(id) {
  return people.find((person) => person.id === id)?.name ?? "unknown-user";
}

const RELATIVE = new Intl.RelativeTimeFormat("en");
const UNITS = [
  ["year", 31536000], ["month", 2592000], ["day", 86400],
  ["hour", 3600], ["minute", 60], ["second", 1],
];

function relative(seconds) {
  const away = seconds - Date.now() / 1000;
  const [unit, length] = UNITS.find(([, size]) => Math.abs(away) >= size) ?? UNITS.at(-1);
  const count = Math.round(away / length);
  return count === 0 ? "now" : RELATIVE.format(count, unit);
}

function moment(seconds, style) {
  const date = new Date(seconds * 1000);
  const time = make("time", { dateTime: date.toISOString(), title: date.toLocaleString() });
  if (style === "R") time.dataset.relative = seconds;
  time.append(style === "R" ? relative(seconds) : date.toLocaleString());
  return time;
}

setInterval(() => {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const now = relative(Number(time.dataset.relative));
    if (time.firstChild.data !== now) time.firstChild.data = now;
  }
}, 1000);

// Messages

const note = (text) => make("small", { className: "note" }, text);
const authorOf = (message) => message.author.global_name ?? message.author.username;

function origin(message) {
  if (message.type === COMMAND_REPLY && message.interaction) {
    const { user, name } = message.interaction;
    return [note(`${user.global_name ?? user.username} used /${name}`)];
  }
  if (message.type !== REPLY) return [];
  const replied = message.referenced_message;
  const text = replied ? `replying to ${authorOf(replied)}` : "the message was deleted";
  return [note(`↱ ${text}`)];
}

function media(file) {
  const kind = (file.content_type ?? "").split("/")[0];
  const label = `${file.filename}, ${(file.size / 1e6).toFixed(2)} MB`;
  const link = make("a", { href: file.url, target: "_blank", rel: "noopener" }, label);
  if (kind === "video") {
    const video = make("video", { src: file.url, controls: true, loop: true, playsInline: true });
    video.setAttribute("aria-label", file.filename);
    return [video, link];
  }
  return kind === "image" ? [make("img", { src: file.url, alt: file.filename }), link] : [link];
}

function show(message) {
  const time = new Date(message.timestamp);
  const me = people.find((person) => person.username === at("person").value);
  const called = message.mentions.some((user) => user.id === me?.id);
  const thinking = message.flags & LOADING;
  return make("li", { className: called ? "called" : "" },
    ...origin(message),
    make("h2", {}, authorOf(message),
      ...(message.author.bot ? [make("span", { className: "app" }, "APP")] : [" "]),
      make("small", {}, make("time", { dateTime: message.timestamp }, time.toLocaleTimeString()))),
    ...(thinking ? [make("em", {}, `${authorOf(message)} is thinking…`)] : markdown(message.content)),
    ...message.attachments.flatMap(media),
    ...(message.edited_timestamp ? [note("(edited)")] : []),
    ...(message.flags & EPHEMERAL ? [note("Only you can see this.")] : []));
}

const shown = new Map(); // message id -> { element, state }

function update(messages) {
  const atEnd = innerHeight + scrollY >= document.body.scrollHeight - 80;
  const ids = new Set(messages.map((message) => message.id));
  for (const [id, { element }] of shown) {
    if (!ids.has(id)) {
      element.remove();
      shown.delete(id);
    }
  }
  for (const message of messages) {
    const files = message.attachments.map((file) => file.id);
    const state = JSON.stringify([message.content, message.edited_timestamp, message.flags, files]);
    const before = shown.get(message.id);
    if (before?.state === state) continue;
    const element = show(message);
    if (before) before.element.replaceWith(element);
    else at("messages").append(element);
    shown.set(message.id, { element, state });
  }
  at("nothing").hidden = messages.length > 0;
  if (atEnd) scrollTo(0, document.body.scrollHeight);
}

function follow() {
  events?.close();
  shown.clear();
  at("messages").replaceChildren();
  events = new EventSource(api("events"));
  events.onopen = () => { at("connection").textContent = ""; };
  events.onerror = () => { at("connection").textContent = "Not connected. Is it still running?"; };
  events.onmessage = (event) => update(JSON.parse(event.data));
}

// Commands

const chosen = () => commands.find((command) => command.name === at("command").value);

function editor(option) {
  const properties = { id: `option-${option.name}`, name: option.name };
  if (option.choices || option.type === OPTION.BOOLEAN) {
    const choices = option.choices ?? [{ name: "yes", value: true }, { name: "no", value: false }];
    const entries = choices.map(({ name, value }) =>
      make("option", { value: JSON.stringify(value) }, name));
    return make("select", properties, make("option", { value: "" }, "–"), ...entries);
  }
  if (option.type === OPTION.ATTACHMENT) return make("input", { ...properties, type: "file" });
  const number = option.type === OPTION.INTEGER || option.type === OPTION.NUMBER;
  return make("input", {
    ...properties, type: "text", inputMode: number ? "numeric" : "text", autocomplete: "off",
  });
}

function bounds(option) {
  const [low, high] = [option.min_value, option.max_value];
  if (low !== undefined && high !== undefined) return ` (${low} to ${high})`;
  return option.max_length ? ` (up to ${option.max_length} characters)` : "";
}

function field(option) {
  const input = editor(option);
  const hint = make("p", { className: "hint", id: `${input.id}-hint` });
  hint.append(option.description + bounds(option));
  input.setAttribute("aria-describedby", hint.id);
  input.setAttribute("aria-required", String(Boolean(option.required)));
  const label = make("label", { htmlFor: input.id }, option.name);
  label.classList.toggle("required", Boolean(option.required));
  return make("div", { className: "option" }, label, input, hint);
}

function showOptions() {
  at("refusal").textContent = "";
  at("description").textContent = chosen()?.description ?? "";
  at("options").replaceChildren(...(chosen()?.options ?? []).map(field));
}

async function fetchJson(path, settings) {
  const response = await fetch(path, settings).catch(() => {
    throw new Error("The playground does not answer. Is it still running?");
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

async function showCommands() {
  const all = await fetchJson(api("commands"));
  commands = all.filter((command) => command.type === 1);
  const before = at("command").value;
  const names = commands.map(({ name }) => make("option", { value: name }, `/${name}`));
  at("command").replaceChildren(...names);
  at("command").value = commands.some(({ name }) => name === before) ? before : commands[0]?.name;
  showOptions();
}

/** What was filled in; a number that is none goes as the text it is, for Discord to refuse. */
function filledIn() {
  const form = new FormData();
  const values = {};
  for (const option of chosen().options ?? []) {
    const input = at("composer").elements[option.name];
    if (option.type === OPTION.ATTACHMENT) {
      if (input.files[0]) form.append(option.name, input.files[0]);
    } else if (input.value !== "") {
      const number = option.type === OPTION.INTEGER || option.type === OPTION.NUMBER;
      const value = input.tagName === "SELECT" ? JSON.parse(input.value) : input.value;
      values[option.name] = number && !Number.isNaN(Number(value)) ? Number(value) : value;
    }
  }
  form.append("options", JSON.stringify(values));
  return form;
}

async function send(event) {
  event.preventDefault();
  if (sending || !chosen()) return;
  const button = at("composer").querySelector("button");
  sending = true;
  button.setAttribute("aria-disabled", "true");
  at("refusal").textContent = "";
  try {
    await fetchJson(api(`commands/${chosen().name}`), { method: "POST", body: filledIn() });
    at("composer").querySelectorAll("#options input, #options select").forEach((input) => {
      input.value = "";
    });
    at("messages").lastElementChild?.scrollIntoView({ block: "end" });
  } catch (error) {
    at("refusal").textContent = error.message;
  } finally {
    sending = false;
    button.removeAttribute("aria-disabled");
  }
}

async function start() {
  people = (await fetchJson("/api/state")).people;
  at("person").append(...people.map((person) => {
    const roles = person.roles.length ? ` (${person.roles.join(", ")})` : "";
    return make("option", { value: person.username }, person.name + roles);
  }));
  at("person").value = "mia";
  at("person").onchange = () => { follow(); showCommands(); };
  at("command").onchange = showOptions;
  at("composer").onsubmit = send;
  follow();
  await showCommands();
}

start();
