// Pictures that come with the playground.

import { button, make } from "./dom.js";
import { entryWithPicture } from "./entries.js";
import { store, tell } from "./store.js";

const SAMPLES = [
  ["harbour", "A harbour at sunset"],
  ["balloons", "Balloons in the morning"],
  ["lights", "Northern lights"],
];

async function load(name) {
  const answer = await fetch(`/samples/${name}.jpg`);
  return new File([await answer.blob()], `${name}.jpg`, { type: "image/jpeg" });
}

function thumbnails(verb, onFile) {
  return make("div", { className: "samples" }, ...SAMPLES.map(([name, title]) =>
    button("sample", make("img", { src: `/samples/${name}.jpg`, alt: "", width: 96, height: 96 }),
      async () => onFile(await load(name)), { "aria-label": `${verb}: ${title}`, title })));
}

/**
 * The samples to begin with: one click fills in the first command that takes a picture.
 * @param {string} verb
 * @returns {?HTMLElement} null where no command takes a picture
 */
export function sampleButtons(verb) {
  const entry = entryWithPicture(store.commands);
  return entry && thumbnails(verb, (file) => tell("animate", file));
}

/**
 * The samples beside a field for a picture.
 * @param {(file: File) => void} onFile
 * @returns {HTMLElement}
 */
export const sampleChoice = (onFile) => thumbnails("Use a sample", onFile);
