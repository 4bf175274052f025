// The box at the bottom: plain messages, and the way to commands.

import { fetchCommands, say } from "./api.js";
import { listbox } from "./combobox.js";
import { beginCommand, cancelCommand, fillingIn, submitCommand, takeFile } from "./command.js";
import { at, button, make } from "./dom.js";
import { entries, entryWithPicture, matching } from "./entries.js";
import { fileChip, takeFiles } from "./files.js";
import { author } from "./message.js";
import { channel, me, on, store, tell } from "./store.js";

let drafts = [];
let answered = null;
let sending = false;

function refusal() {
  if (me()?.timed_out) return "You are timed out: you can read, and nothing else.";
  if (channel()?.thread_metadata?.locked) return "This thread is locked.";
  return "You do not have permission to send messages in this channel.";
}

/** Show what is to be sent and whether one may. */
function refresh() {
  const may = me()?.channels[channel()?.id]?.may_send;
  const text = at("text");
  text.disabled = !may;
  text.setAttribute("aria-label", `Message #${store.channel}`);
  text.placeholder = may ? `Message #${store.channel}, / for commands` : refusal();
  text.closest(".row").classList.toggle("filling", fillingIn());
  at("send").disabled = !may;
  at("attach").disabled = !may;
  at("replying").hidden = !answered;
  if (answered) {
    at("replying").replaceChildren("Replying to ", make("strong", {}, author(answered.author).name), " ",
      button("plain round", "×", () => { answered = null; refresh(); text.focus(); }, { "aria-label": "Stop replying" }));
  }
  at("drafts").hidden = !drafts.length;
  at("drafts").replaceChildren(...drafts.map(draft));
}

function draft(file) {
  const entry = file.type.startsWith("image/") && entryWithPicture(store.commands);
  const use = entry && button("chip", `/${entry.name}`, () => {
    drafts = drafts.filter((one) => one !== file);
    begin(entry, file);
  }, { "aria-label": `Use ${file.name} with /${entry.name}` });
  return fileChip(file, () => { drafts = drafts.filter((one) => one !== file); refresh(); at("text").focus(); }, ...(use ? [use] : []));
}

function begin(entry, file) {
  at("text").value = "";
  at("refusal").textContent = "";
  beginCommand(entry, { onEnd: () => { refresh(); at("text").focus(); } });
  if (file) {
    takeFile(file);
    at("send").focus();
  }
  refresh();
}

function take(files) {
  if (at("text").disabled) return;
  if (fillingIn() && takeFile(files[0])) return;
  drafts = [...drafts, ...files].slice(0, 10);
  refresh();
  at("text").focus();
}

async function sendMessage() {
  const text = at("text");
  if (!text.value.trim() && !drafts.length) return;
  const values = { content: text.value, ...(answered ? { reply_to: answered.id } : {}) };
  at("refusal").textContent = "";
  try {
    await say(values, drafts.map((file) => ["files", file]));
    text.value = "";
    [drafts, answered] = [[], null];
    grow();
    refresh();
  } catch (error) {
    at("refusal").textContent = error.message;
  }
}

async function submit(event) {
  event.preventDefault();
  if (sending) return;
  sending = true;
  try {
    await (fillingIn() ? submitCommand() : sendMessage());
  } finally {
    sending = false;
  }
}

function grow() {
  const text = at("text");
  text.rows = Math.min(8, text.value.split("\n").length);
}

let palette;

async function loadCommands() {
  store.commands = [];
  const [person, place] = [store.me, store.channel];
  const commands = await fetchCommands().catch(() => []);
  if (person !== store.me || place !== store.channel) return;
  store.commands = commands;
  tell("commands");
  refresh();
  // Somebody who types fast is ahead of the commands.
  if (document.activeElement === at("text")) palette.refresh();
}

function find(typed) {
  if (!typed.startsWith("/") || typed.includes("\n")) return null;
  return matching(entries(store.commands), typed.slice(1)).map((entry) =>
    ({ label: `/${entry.name}`, detail: entry.description, heading: entry.family || "Commands", entry }));
}

/** Begin to listen. */
export function startComposer() {
  const text = at("text");
  palette = listbox(text, at("palette"), { label: "Commands", find, pick: ({ entry }) => begin(entry) });
  text.addEventListener("input", grow);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      at("composer").requestSubmit();
    }
  });
  at("composer").onsubmit = submit;
  at("composer").onkeydown = (event) => {
    if (event.key === "Escape" && fillingIn() && !event.defaultPrevented) cancelCommand();
  };
  at("attach").onclick = () => at("files").click();
  at("files").onchange = () => { take([...at("files").files]); at("files").value = ""; };
  takeFiles(take);
  on("place", () => {
    if (fillingIn()) cancelCommand();
    [drafts, answered] = [[], null];
    at("refusal").textContent = "";
    refresh();
    loadCommands();
  });
  on("reply", (message) => { answered = message; refresh(); text.focus(); });
  on("mention", ({ id }) => { text.value += `<@${id}> `; text.focus(); });
  on("pick", (path) => {
    const entry = entries(store.commands).find((one) => one.path === path);
    if (entry) begin(entry);
  });
  on("animate", (file) => {
    // None yet, right after one has gone to another place.
    const entry = entryWithPicture(store.commands);
    if (entry) begin(entry, file);
  });
  // What one may send changes with one's roles and language, a timeout and a lock.
  let known = "";
  on("state", () => {
    const person = me();
    const now = JSON.stringify([person?.roles, person?.locale, person?.timed_out, channel()?.thread_metadata?.locked, store.state.bot.connected, store.state.knobs?.knobs]);
    if (known && known !== now && !fillingIn()) loadCommands();
    known = now;
    refresh();
  });
}
