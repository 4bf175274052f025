// The knobs: how Pika and Discord misbehave, the bot's process, and time.

import { act, turnKnob } from "./api.js";
import { button, freshId, make } from "./dom.js";
import { on, store } from "./store.js";

const KNOBS = {
  pika_pace: ["Pika renders", { normal: "in seconds", slow: "in a minute", stuck: "for ever" }],
  pika_outcome: ["New jobs", { works: "succeed", moderates: "are refused by moderation", fails: "fail" }],
  pika_service: ["Pika's service", { works: "is up", down: "is down" }],
  pika_credit: ["Credit at Pika", { enough: "enough", none: "none" }],
  upload_limit: ["Discord's upload limit", { "1 MiB, says 10": "1 MiB, but says 10" }],
  discord_answers: ["Discord answers the bot", { works: "well", 429: "429, too many requests", 500: "500, server error" }],
  commands_shown: ["Moderators' commands", { moderators: "moderators see", everyone: "everyone sees" }],
};
const BOT = [["restart_bot", "Restart"], ["kill_bot", "Kill and start"], ["stop_bot", "Stop"], ["start_bot", "Start"]];
const GATEWAY = [["drop_gateway", "Drop the gateway"], ["forget_session", "Drop and forget it"]];
const CROWD = [["raid", "200 new members ask in #clips"]];
const TIME = [["advance_minute", "+1 min"], ["advance_token", "+16 min"], ["advance_day", "+1 day"]];

function knob({ name, positions }, status) {
  const [label, words] = KNOBS[name] ?? [name, {}];
  const id = freshId("knob");
  const select = make("select", { id, "data-knob": name }, ...positions.map((position) =>
    make("option", { value: position }, words[position] ?? position)));
  select.onchange = () => turnKnob(name, select.value).catch((error) => { status.textContent = error.message; });
  return make("div", { className: "knob" }, make("label", { htmlFor: id }, label), select);
}

function acts(label, pairs, status) {
  const buttons = pairs.map(([name, words]) => {
    const element = button("pressable secondary small", words, async () => {
      status.textContent = `${words}…`;
      element.setAttribute("aria-busy", "true");
      await act(name).then(() => { status.textContent = ""; }, (error) => { status.textContent = error.message; });
      element.removeAttribute("aria-busy");
    }, { "data-act": name });
    return element;
  });
  return make("div", { className: "acts", role: "group", "aria-label": label }, make("span", {}, label), ...buttons);
}

function ahead(seconds) {
  if (seconds < 1) return "Discord's clock is right.";
  const minutes = Math.round(seconds / 60);
  const words = minutes >= 120 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes} min`;
  return `Discord's clock is ${words} ahead.`;
}

/** @returns {HTMLElement} */
export function knobsBox() {
  const status = make("p", { className: "hint", role: "status" });
  const clock = make("p", { className: "hint" });
  const knobs = make("div", { className: "knobs" });
  const bot = make("p", { className: "bot-state" });
  on("state", () => {
    const state = store.state.knobs;
    if (!knobs.children.length) knobs.append(...state.knobs.map((one) => knob(one, status)));
    for (const { name, position } of state.knobs) {
      const select = knobs.querySelector(`[data-knob="${name}"]`);
      if (select.value !== position && select !== document.activeElement) select.value = position;
    }
    clock.textContent = `${ahead(state.seconds_ahead)} The bot's own clock cannot be moved: interactions' tokens and attachments' addresses expire, limits do not renew.`;
    const { running, connected } = store.state.bot;
    bot.className = `bot-state ${connected ? "up" : running ? "starting" : "down"}`;
    bot.textContent = connected ? "connected" : running ? "running, not connected" : "not running";
  });
  return make("div", {}, acts("The bot is", BOT, status), bot, knobs,
    acts("The connection", GATEWAY, status), acts("A raid, within five seconds", CROWD, status), acts("Let time pass", TIME, status), clock, status);
}
