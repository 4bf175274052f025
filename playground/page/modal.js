// Forms that a bot shows: text inputs, menus and files, in rows or labels.

import { submitModal } from "./api.js";
import { button, freshId, make } from "./dom.js";
import { filePicker } from "./files.js";
import { markdown } from "./markdown.js";
import { chooser } from "./selects.js";

const TEXT_INPUT = 4;
const SELECTS = [3, 5, 6, 7, 8];
const FILE_UPLOAD = 19;
const [RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX] = [21, 22, 23];

function textInput(component, id) {
  const long = component.style === 2;
  const input = make(long ? "textarea" : "input", {
    id, type: long ? undefined : "text", value: component.value ?? "", placeholder: component.placeholder ?? "", rows: long ? 4 : undefined,
    maxLength: component.max_length ?? 4000, autocomplete: "off",
  });
  return { element: input, value: () => input.value, files: () => [] };
}

function select(component, id) {
  const element = chooser(component, () => {});
  element.id = id;
  return { element, value: () => element.chosen, files: () => [] };
}

function upload(component, id) {
  const picker = filePicker({ id, most: component.max_values ?? 1, samples: true });
  return { element: picker.element, value: () => undefined, files: () => picker.files() };
}

/** Radio buttons, or boxes of which several may be ticked. */
function ticks(component, id) {
  const single = component.type === RADIO_GROUP;
  const inputs = component.options.map((option) => make("input", {
    type: single ? "radio" : "checkbox", name: id, value: option.value, checked: Boolean(option.default),
  }));
  const labels = component.options.map((option, index) => make("label", { className: "tick" },
    inputs[index], make("span", {}, option.label, option.description && make("small", {}, ` ${option.description}`))));
  const chosen = () => inputs.filter((input) => input.checked).map((input) => input.value);
  const element = make("div", { id, role: single ? "radiogroup" : "group", className: "ticks" }, ...labels);
  return { element, value: () => (single ? chosen()[0] ?? "" : chosen()), files: () => [], grouped: true };
}

function checkbox(component, id) {
  const element = make("input", { id, type: "checkbox", checked: Boolean(component.default) });
  return { element, value: () => element.checked, files: () => [] };
}

function editor(component, id) {
  if (component.type === TEXT_INPUT) return textInput(component, id);
  if (SELECTS.includes(component.type)) return select(component, id);
  if (component.type === FILE_UPLOAD) return upload(component, id);
  if ([RADIO_GROUP, CHECKBOX_GROUP].includes(component.type)) return ticks(component, id);
  if (component.type === CHECKBOX) return checkbox(component, id);
  return { element: make("p", { className: "hint" }, `A field of type ${component.type}`), value: () => undefined, files: () => [] };
}

/** The fields of a form, and what to show between them. */
function parts(modal) {
  return modal.components.flatMap((part) => {
    if (part.type === 10) return [{ element: make("div", {}, ...markdown(part.content)) }];
    const inner = part.component ? [part.component] : part.components ?? [];
    return inner.map((component) => field(component, part));
  });
}

function field(component, around) {
  const id = freshId("field");
  const made = editor(component, id);
  const required = component.required !== false && component.type !== CHECKBOX;
  const words = around.label ?? component.label ?? component.custom_id;
  const label = make(made.grouped ? "span" : "label", { htmlFor: made.grouped ? undefined : id, id: `${id}-label`, className: `label${required ? " required" : ""}` }, words);
  if (made.grouped) made.element.setAttribute("aria-labelledby", label.id);
  const hint = around.description && make("p", { className: "hint", id: `${id}-hint` }, around.description);
  if (hint) made.element.setAttribute("aria-describedby", hint.id);
  if (component.type === TEXT_INPUT) made.element.setAttribute("aria-required", String(required));
  return { ...made, customId: component.custom_id, element: make("div", { className: "field" }, label, hint, made.element) };
}

/**
 * Show a form, and send it when the person says so.
 * @param {string} interaction the id of the one that was answered with it
 * @param {Object} modal as in Discord's JSON
 */
export function openModal(interaction, modal) {
  const fields = parts(modal);
  const problem = make("p", { className: "problem", role: "alert" });
  const submit = make("button", { type: "submit", className: "pressable primary" }, "Submit");
  const title = make("h2", { id: freshId("modal") }, modal.title);
  const form = make("form", { method: "dialog", noValidate: true }, title,
    make("p", { className: "hint" }, "This form will be submitted to the app. Do not share passwords or other sensitive information."),
    ...fields.map((one) => one.element), problem,
    make("div", { className: "row end" }, button("pressable secondary", "Cancel", () => dialog.close()), submit));
  const dialog = make("dialog", { className: "modal", "aria-labelledby": title.id }, form);
  form.onsubmit = async (event) => {
    event.preventDefault();
    problem.textContent = "";
    submit.disabled = true;
    const named = fields.filter((one) => one.customId);
    const values = Object.fromEntries(named.map((one) => [one.customId, one.value()]));
    const files = named.flatMap((one) => one.files().map((file) => [one.customId, file]));
    try {
      await submitModal(interaction, values, files);
      dialog.close();
    } catch (error) {
      problem.textContent = error.message;
      submit.disabled = false;
    }
  };
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
  (form.querySelector("input:not([hidden]), textarea, .select") ?? submit).focus();
}
