// Discord's markdown as nodes: blocks line by line, then what stands within a line.

import { make } from "./dom.js";
import { moment } from "./moments.js";
import { account, go, role, store, tell } from "./store.js";

const INLINE = new RegExp([
  /\\(?<escaped>[!-/:-@[-`{-~])/,
  /(?<ticks>`+)(?<code>[^`][\s\S]*?)\k<ticks>(?!`)/,
  /\|\|(?<spoiler>[\s\S]+?)\|\|/,
  /\*\*\*(?<both>(?:\\.|[^\\])+?)\*\*\*/,
  /\*\*(?<bold>(?:\\.|[^\\])+?)\*\*(?!\*)/,
  /__(?<under>(?:\\.|[^\\])+?)__(?!_)/,
  /\*(?!\s)(?<star>(?:\\.|[^\\*])+?)\*/,
  /(?<!\w)_(?<low>(?:\\.|[^\\_])+?)_(?!\w)/,
  /~~(?<strike>(?:\\.|[^\\])+?)~~/,
  /<@!?(?<member>\d+)>/,
  /<@&(?<role>\d+)>/,
  /<#(?<channel>\d+)>/,
  /<\/(?<command>[^:>]+):\d+>/,
  /<a?:(?<emoji>\w+):\d+>/,
  /<t:(?<seconds>-?\d{1,17})(?::(?<style>[tTdDfFR]))?>/,
  /\[(?<label>(?:\\.|[^\]\\])+)\]\(<?(?<target>https?:\/\/[^\s)>]+)>?\)/,
  /<(?<quiet>https?:\/\/[^\s>]+)>/,
  /(?<url>https?:\/\/[^\s<>]*[^\s<>.,:;"'\])])/,
  /(?<everyone>@(?:everyone|here)\b)/,
].map((part) => part.source).join("|"), "g");

/**
 * The nodes of a text within a line.
 * @param {string} text
 * @returns {Array<Node|string>}
 */
export function inline(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > from) nodes.push(text.slice(from, match.index));
    from = match.index + match[0].length;
    nodes.push(span(match.groups, match[0]));
  }
  if (from < text.length) nodes.push(text.slice(from));
  return nodes;
}

function span(found, whole) {
  if (found.escaped) return found.escaped;
  if (found.code) return make("code", {}, found.code);
  if (found.spoiler) return spoiler(found.spoiler);
  if (found.both) return make("strong", {}, make("em", {}, ...inline(found.both)));
  if (found.bold) return make("strong", {}, ...inline(found.bold));
  if (found.under) return make("u", {}, ...inline(found.under));
  if (found.star ?? found.low) return make("em", {}, ...inline(found.star ?? found.low));
  if (found.strike) return make("s", {}, ...inline(found.strike));
  if (found.seconds) return moment(Number(found.seconds), found.style);
  if (found.label) return link(found.target, ...inline(found.label));
  if (found.quiet ?? found.url) return messageLink(found.quiet ?? found.url) ?? link(found.quiet ?? found.url, found.quiet ?? found.url);
  if (found.emoji) return `:${found.emoji}:`;
  return mention(found, whole);
}

function mention(found, whole) {
  if (found.command) {
    const pick = () => tell("pick", found.command);
    return make("button", { type: "button", className: "mention", onclick: pick }, `/${found.command}`);
  }
  if (found.channel) {
    const there = store.state?.channels.find(({ id }) => id === found.channel);
    const open = () => there && go(store.me, there.name);
    const words = there ? `#${there.name}` : "#unknown";
    return make("button", { type: "button", className: "mention", onclick: open }, words);
  }
  const name = found.member ? account(found.member)?.name ?? "unknown-user"
    : found.role ? role(found.role)?.name ?? "deleted-role" : whole.slice(1);
  return make("span", { className: "mention" }, `@${name}`);
}

/** A link to a channel or message of this server, as Discord's client shows it; else nothing. */
function messageLink(address) {
  const found = /^https:\/\/discord\.com\/channels\/(\d+)\/(\d+)(?:\/(\d+))?$/.exec(address);
  const there = found && found[1] === store.state?.guild.id && store.state.channels.find(({ id }) => id === found[2]);
  if (!there) return null;
  const open = () => { go(store.me, there.name); if (found[3]) tell("seek", found[3]); };
  return make("button", { type: "button", className: "mention", onclick: open }, `#${there.name}${found[3] ? " › 💬" : ""}`);
}

function link(href, ...children) {
  return make("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

function spoiler(text) {
  const element = make("span", { className: "spoiler", role: "button", tabIndex: 0, "aria-label": "Spoiler: show", "aria-expanded": "false" }, make("span", {}, ...inline(text)));
  const reveal = () => {
    element.classList.add("shown");
    for (const name of ["role", "tabindex", "aria-label", "aria-expanded"]) element.removeAttribute(name);
  };
  element.onclick = reveal;
  element.onkeydown = (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); reveal(); }
  };
  return element;
}

/**
 * A whole text.
 * @param {string} text
 * @returns {Node[]}
 */
export function markdown(text) {
  const blocks = [];
  const fence = /```(?:([\w+-]+)\n)?\n?([\s\S]*?)\n?```/g;
  let from = 0;
  for (const match of text.matchAll(fence)) {
    blocks.push(...lines(text.slice(from, match.index).replace(/\n$/, "")));
    blocks.push(make("pre", { tabIndex: 0 }, make("code", {}, match[2])));
    from = match.index + match[0].length;
  }
  return [...blocks, ...lines(text.slice(from).replace(from ? /^\n/ : /^/, ""))];
}

function lines(text) {
  if (!text) return [];
  const rows = text.split("\n");
  const blocks = [];
  while (rows.length) {
    if (/^>>> /.test(rows[0])) {
      const rest = rows.splice(0).join("\n").slice(4);
      blocks.push(make("blockquote", {}, ...lines(rest)));
    } else if (/^> /.test(rows[0])) {
      const quoted = [];
      while (rows.length && /^> /.test(rows[0])) quoted.push(rows.shift().slice(2));
      blocks.push(make("blockquote", {}, ...lines(quoted.join("\n"))));
    } else blocks.push(line(rows.shift()));
  }
  return blocks;
}

function line(text) {
  const heading = /^(#{1,3}) (.+)/.exec(text);
  if (heading) {
    const level = String(heading[1].length + 2);
    const className = `heading size-${heading[1].length}`;
    return make("div", { className, role: "heading", "aria-level": level }, ...inline(heading[2]));
  }
  if (text.startsWith("-# ")) return make("div", { className: "line subtext" }, ...inline(text.slice(3)));
  const item = /^(\s*)([-*]|\d+\.) (.+)/.exec(text);
  if (item) {
    const mark = /\d/.test(item[2]) ? item[2] : "•";
    return make("div", { className: item[1] ? "line item deep" : "line item" }, `${mark} `, ...inline(item[3]));
  }
  return make("div", { className: "line" }, ...inline(text));
}
