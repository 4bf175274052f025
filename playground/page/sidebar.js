// Channels, people, and who is played.

import { changePerson } from "./api.js";
import { at, avatar, button, make } from "./dom.js";
import { onMenu } from "./menu.js";
import { personMenu } from "./menus.js";
import { description, hasMessages, isCategory, isThread, marks, sign } from "./places.js";
import { channel, channelsOf, everybody, go, me, on, store } from "./store.js";

const LANGUAGES = [["en-US", "English"], ["de", "Deutsch"], ["fr", "Français"], ["es-ES", "Español"], ["pt-BR", "Português"], ["ja", "日本語"]];

const badge = (count, words) =>
  count > 0 && make("span", { className: "badge" }, String(count), make("span", { className: "hidden" }, ` ${words}`));

function channelButton(entry) {
  const { unread, pings } = me().channels[entry.id];
  const current = entry.name === store.channel;
  const classes = ["channel", unread && !current && "unread"];
  return make("button", {
    type: "button", className: classes.filter(Boolean).join(" "), "aria-current": current ? "page" : "false", title: description(entry),
    onclick: () => { go(store.me, entry.name); toggle(false); },
  }, make("span", { "aria-hidden": "true" }, `${sign(entry)} `), make("span", { className: "cut" }, entry.name),
  ...marks(entry).map((word) => make("small", {}, word)),
  unread && !current && make("span", { className: "hidden" }, " (unread)"), badge(current ? 0 : pings, "mentions"));
}

function channelEntry(entry, places) {
  const threads = places.filter((one) => isThread(one) && one.parent_id === entry.id);
  const label = () => make("p", { className: "channel", title: description(entry) }, `${sign(entry)} ${entry.name}`);
  return make("li", {}, hasMessages(entry) ? channelButton(entry) : label(),
    threads.length > 0 && make("ul", { className: "threads", "aria-label": `In ${entry.name}` }, ...threads.map((one) => make("li", {}, channelButton(one)))));
}

function categoryEntry(category, places) {
  const inside = places.filter((one) => one.parent_id === category.id);
  if (!inside.length) return [];
  const id = `category-${category.id}`;
  return [make("h3", { id }, category.name), make("ul", { "aria-labelledby": id }, ...inside.map((one) => channelEntry(one, places)))];
}

function memberEntry(person) {
  const names = store.state.roles.filter((role) => person.roles.includes(role.id) && !role.managed).map(({ name }) => name);
  if (person.id === store.state.guild.owner) names.unshift("Owner");
  const element = button("member", avatar(person), () => personMenu(element, person), { "aria-haspopup": "menu", "aria-expanded": "false" });
  element.append(make("span", { className: "words" }, person.name,
    person.bot && make("span", { className: "app" }, "APP"), make("small", {}, names.join(", "))));
  onMenu(element, (x, y) => personMenu(element, person, x, y));
  return make("li", {}, element);
}

const crowdEntry = (count) =>
  count ? [make("li", { className: "hint" }, `and ${count} who came in a raid`)] : [];

function personaEntry(person) {
  const pings = Object.values(person.channels).reduce((sum, { pings: count }) => sum + count, 0);
  const current = person.username === store.me;
  return make("button", {
    type: "button", className: "persona", "aria-pressed": String(current), title: `Play ${person.name}`,
    "data-key": person.username, onclick: () => go(person.username),
  }, avatar(person), make("span", { className: "words" }, person.name), badge(current ? 0 : pings, "mentions"));
}

function roleToggle(person, role) {
  const has = person.roles.includes(role.id);
  const box = make("input", { type: "checkbox", checked: has, "data-key": `role-${role.id}` });
  box.onchange = () => {
    const others = person.roles.filter((id) => id !== role.id);
    changePerson(person.username, { roles: box.checked ? [...others, role.id] : others });
  };
  return make("label", {}, box, " ", role.name);
}

function timeoutToggle(person) {
  const box = make("input", { type: "checkbox", checked: person.timed_out, "data-key": "timed-out" });
  box.onchange = () => changePerson(person.username, { timed_out: box.checked });
  return make("label", {}, box, " Timed out by moderators");
}

function meCard(person) {
  const language = make("select", { "data-key": "language" }, ...LANGUAGES.map(([value, label]) => make("option", { value }, label)));
  language.value = person.locale;
  language.onchange = () => changePerson(person.username, { locale: language.value });
  const roles = store.state.roles.filter((role) => !role.managed);
  return [
    make("p", {}, "You are ", make("strong", {}, person.name)),
    make("fieldset", {}, make("legend", {}, "Roles"), ...roles.map((role) => roleToggle(person, role))),
    timeoutToggle(person),
    make("label", { className: "language" }, "Language ", language),
  ];
}

/** Replace children and give the focus to the same thing again. */
function refill(box, children) {
  const focused = box.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.dataset.key ?? focused?.textContent;
  box.replaceChildren(...children);
  if (!focused) return;
  [...box.querySelectorAll("button, input, select")].find((one) => (one.dataset.key ?? one.textContent) === key)?.focus();
}

let drawn = "";

function refresh() {
  const person = me();
  if (!person) return;
  const { guild, people, apps, crowd, roles, channels, bot } = store.state;
  const now = JSON.stringify([guild, people, apps, crowd, roles, channels.map((one) => ({ ...one, last_message_id: 0, message_count: 0, total_message_sent: 0 })), bot, store.me, store.channel]);
  if (now === drawn) return;
  drawn = now;
  at("guild").textContent = guild.name;
  const here = channel();
  at("channel-name").textContent = `${here ? sign(here) : "#"} ${store.channel}`;
  const places = channelsOf(person);
  const known = new Set(places.map(({ id }) => id));
  const top = places.filter((one) => !isCategory(one) && !isThread(one) && !known.has(one.parent_id));
  refill(at("channels"), top.map((one) => channelEntry(one, places)));
  refill(at("categories"), places.filter(isCategory).flatMap((one) => categoryEntry(one, places)));
  refill(at("members"), [...everybody().map(memberEntry), ...crowdEntry(crowd)]);
  refill(at("personas"), people.map(personaEntry));
  at("personas").querySelector("[aria-pressed=true]").scrollIntoView({ block: "nearest", inline: "nearest" });
  refill(at("me"), meCard(person));
  const pings = Object.values(person.channels).reduce((sum, { pings: count }) => sum + count, 0);
  document.title = `${pings ? `(${pings}) ` : ""}#${store.channel} – animate-bot playground`;
}

function toggle(open) {
  document.body.classList.toggle("sidebar-open", open);
  at("show-sidebar").setAttribute("aria-expanded", String(open));
}

/** Begin to show them. */
export function startSidebar() {
  on("state", refresh);
  on("place", refresh);
  at("show-sidebar").onclick = () => {
    toggle(!document.body.classList.contains("sidebar-open"));
    if (document.body.classList.contains("sidebar-open")) at("sidebar").querySelector("button")?.focus();
  };
  at("sidebar").onkeydown = (event) => {
    if (event.key !== "Escape") return;
    toggle(false);
    at("show-sidebar").focus();
  };
  at("chat").addEventListener("pointerdown", (event) => {
    if (!event.target.closest("#show-sidebar")) toggle(false);
  });
}
