// Makes elements: h("p", { class: "x", onclick }, "text", other). Text is only ever text, never markup.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "selected") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...present(children));
  return element;
}

// What is there of some children: a condition that is not met leaves false, null or nothing.
const present = (children) => children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false);

// Gives an element other children.
export const fill = (element, ...children) => element.replaceChildren(...present(children));

export const $ = (id) => document.getElementById(id);

let count = 0;
export const freshId = (word) => `${word}-${++count}`;

// A control with its label, and with what is wrong with it.
export function field(label, control, mistake) {
  control.id ||= freshId("field");
  const told = mistake && h("p", { class: "mistake", id: `${control.id}-mistake` }, mistake);
  if (told) {
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", told.id);
  }
  return h("div", { class: "field" }, h("label", { for: control.id }, label), control, told);
}

export function choice(type, name, label, checked, onchange, value) {
  const id = freshId("choice");
  return h("div", { class: "choice" }, h("input", { type, name, id, checked, onchange, value }), h("label", { for: id }, label));
}

export function select(options, value, onchange) {
  return h("select", { onchange: (event) => onchange(event.target.value) },
    options.map(([code, label]) => h("option", { value: code, selected: code === value }, label)));
}
