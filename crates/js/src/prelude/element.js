// An element of a page: its attributes, and sinks for what a script writes into it. It is part of no tree.

const { idl, expose } = shared;

class Element extends EventTarget {
  #name;
  #attributes;
  #children = [];

  constructor(name, attributes, text) {
    if (!making) throw new TypeError('Illegal constructor');
    super();
    this.#name = name;
    this.#attributes = new Map(attributes);
    for (const key of ['textContent', 'innerHTML']) sink(this, key, text);
    sink(this, 'value', this.#attributes.get('value') ?? (name === 'textarea' ? text : ''));
    sink(this, 'style', {});
    sink(this, 'dataset', {});
  }
  get localName() { return this.#name; }
  get tagName() { return this.#name.toUpperCase(); }
  get nodeName() { return this.#name.toUpperCase(); }
  get nodeType() { return 1; }
  get id() { return this.#attributes.get('id') ?? ''; }
  set id(value) { this.setAttribute('id', value); }
  get className() { return this.#attributes.get('class') ?? ''; }
  set className(value) { this.setAttribute('class', value); }
  get innerText() { return this.textContent; }
  set innerText(value) { this.textContent = value; }
  getAttribute(name) {
    idl.required(arguments, 1, 'getAttribute');
    return this.#attributes.get(idl.string(name).toLowerCase()) ?? null;
  }
  setAttribute(name, value) {
    idl.required(arguments, 2, 'setAttribute');
    this.#attributes.set(idl.string(name).toLowerCase(), idl.string(value));
  }
  hasAttribute(name) {
    idl.required(arguments, 1, 'hasAttribute');
    return this.#attributes.has(idl.string(name).toLowerCase());
  }
  removeAttribute(name) {
    idl.required(arguments, 1, 'removeAttribute');
    this.#attributes.delete(idl.string(name).toLowerCase());
  }
  get children() { return Object.freeze(this.#children.filter((child) => child instanceof Element)); }
  append(...nodes) {
    for (const node of nodes) {
      this.#children.push(node);
      this.textContent += node instanceof Element ? node.textContent : idl.string(node);
    }
  }
  appendChild(node) {
    idl.required(arguments, 1, 'appendChild');
    this.append(node);
    return node;
  }
  click() { shared.fire(this, 'click', Event, { bubbles: true, cancelable: true }); }
}

let making = false;
const sink = (element, key, value) => {
  Object.defineProperty(element, key, { value, writable: true, enumerable: true, configurable: true });
};

shared.makeElement = (name, attributes = [], text = '') => {
  making = true;
  const element = new Element(name, attributes, text);
  making = false;
  if (name === 'script') {
    sink(element, 'src', element.getAttribute('src') === null ? '' : shared.resolve(element.getAttribute('src'))?.href ?? '');
  }
  return element;
};
shared.handlers(Element.prototype, ['click', 'input', 'change', 'submit', 'load', 'error']);
expose(Element);
