// The page begins here.

import { fetchState } from "./api.js";
import { startBehind } from "./behind.js";
import { startComposer } from "./composer.js";
import { at } from "./dom.js";
import { follow } from "./live.js";
import { startMessages } from "./messages.js";
import { startPlaceBar } from "./place_bar.js";
import { startSidebar } from "./sidebar.js";
import { arrive, on, store, take } from "./store.js";

let curious = false;

function connected(yes) {
  at("connection").textContent = yes ? botWords() : "Not connected. Is the playground still running?";
  at("connection").dataset.connected = String(yes);
}

function botWords() {
  const { running, connected: up } = store.state.bot;
  if (up) return "";
  return running ? "The bot is starting or reconnecting…" : "The bot is not running.";
}

const watch = () => follow(curious, connected);

async function start() {
  curious = startBehind((open) => { curious = open; watch(); });
  startSidebar();
  startPlaceBar();
  startMessages();
  startComposer();
  on("place", watch);
  on("state", () => { if (at("connection").dataset.connected === "true") connected(true); });
  take(await fetchState());
  arrive();
  addEventListener("hashchange", arrive);
  if (innerWidth > 600) at("text").focus();
}

start();
