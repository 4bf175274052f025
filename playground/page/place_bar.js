// What is special about the place that is shown, and the buttons that change it.

import { changePlace } from "./api.js";
import { at, button, make } from "./dom.js";
import { changes, description, isPlain } from "./places.js";
import { channel, on } from "./store.js";

let drawn = "";

function refresh() {
  const place = channel();
  const bar = at("place");
  bar.hidden = !place || isPlain(place);
  const now = bar.hidden ? "" : JSON.stringify([place.id, description(place), changes(place)]);
  if (now === drawn) return;
  drawn = now;
  const focused = bar.contains(document.activeElement);
  bar.replaceChildren(...(bar.hidden ? [] : [
    make("span", {}, description(place)),
    ...changes(place).map(([words, wanted]) => button("pressable secondary small", words, () => changePlace(wanted))),
  ]));
  if (focused) bar.querySelector("button")?.focus();
}

/** Begin to show it. */
export function startPlaceBar() {
  on("state", refresh);
  on("place", refresh);
}
