// Picking files: with the button, by drag-and-drop, by paste, or one of the samples.

import { at, button, fileSize, make } from "./dom.js";
import { sampleChoice } from "./samples.js";

/**
 * A field for files.
 * @param {{id: string, most?: number, samples?: boolean, onChange?: () => void}} settings
 * @returns {{element: HTMLElement, files: () => File[], add: (file: File) => void}}
 */
export function filePicker({ id, most = 1, samples = false, onChange = () => {} }) {
  let chosen = [];
  const input = make("input", { type: "file", className: "file-input", id, multiple: most > 1 });
  const list = make("ul", { className: "files" });
  const words = make("span", { className: "hint" }, samples ? "or drop or paste it here, or use a sample:" : "or drop or paste it here");
  const empty = make("div", { className: "empty" }, input, words, samples && sampleChoice((file) => add(file)));
  const element = make("div", { className: "picker" }, list, empty);
  element.take = (file) => add(file);
  const show = () => {
    list.replaceChildren(...chosen.map((file) => fileChip(file, () => {
      chosen = chosen.filter((one) => one !== file);
      show();
      input.focus();
    })));
    empty.hidden = chosen.length >= most;
    onChange();
  };
  const add = (file) => {
    const hadFocus = element.contains(document.activeElement);
    chosen = [...chosen, file].slice(-most);
    show();
    if (hadFocus && empty.hidden) list.querySelector("button").focus();
  };
  input.onchange = () => {
    for (const file of input.files) add(file);
    input.value = "";
  };
  show();
  return { element, files: () => chosen, add };
}

/**
 * A file with its preview and a way to take it back.
 * @param {File} file
 * @param {() => void} onRemove
 * @param {...Node} more
 * @returns {HTMLElement}
 */
export function fileChip(file, onRemove, ...more) {
  const away = button("plain round", "×", onRemove, { "aria-label": `Remove ${file.name}` });
  const preview = file.type.startsWith("image/") && make("img", { alt: "", width: 64, height: 64 });
  if (preview) {
    preview.src = URL.createObjectURL(file);
    preview.onload = preview.onerror = () => URL.revokeObjectURL(preview.src);
  }
  return make("li", { className: "file-chip" }, preview,
    make("span", { className: "words" }, file.name, make("small", {}, fileSize(file.size)), ...more), away);
}

/**
 * Take what is dropped anywhere on the page or pasted into it; an open form has it first.
 * @param {(files: File[]) => void} onPage
 */
export function takeFiles(onPage) {
  const onFiles = (files) => {
    const form = document.querySelector("dialog[open]");
    if (form) form.querySelector(".picker")?.take(files[0]);
    else onPage(files);
  };
  const cover = at("drop");
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    cover.hidden = false;
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) cover.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    cover.hidden = true;
    if (!carries(event)) return;
    event.preventDefault();
    onFiles([...event.dataTransfer.files]);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    onFiles(files);
  });
}
