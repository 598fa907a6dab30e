// A document of a few words: enough for scripts that ask and log. https://html.spec.whatwg.org/multipage/dom.html#the-document-object

const { idl, expose } = shared;

// Of each element of the markup one object, by its number.
const elements = new Map();
const elementOf = (number) => {
  if (!elements.has(number)) elements.set(number, shared.makeElement(...host.element(number)));
  return elements.get(number);
};
const own = { html: shared.makeElement('html'), head: shared.makeElement('head'), body: shared.makeElement('body') };

let readyState = 'loading';
let title = host.title.replace(/[\t\n\f\r ]+/g, ' ').trim();
let current = null;
let making = false;

class Document extends EventTarget {
  constructor() {
    if (!making) throw new TypeError('Illegal constructor');
    super();
  }
  get title() { return title; }
  set title(value) { title = idl.string(value); }
  get readyState() { return readyState; }
  get location() { return location; }
  get URL() { return host.url; }
  get documentURI() { return host.url; }
  get baseURI() { return host.base; }
  get domain() { return location.hostname; }
  get referrer() { return ''; }
  get characterSet() { return 'UTF-8'; }
  get charset() { return 'UTF-8'; }
  get contentType() { return 'text/html'; }
  get compatMode() { return 'CSS1Compat'; }
  get visibilityState() { return 'visible'; }
  get hidden() { return false; }
  get nodeType() { return 9; }
  get defaultView() { return globalThis; }
  get currentScript() { return current; }
  get cookie() { return host.cookies(); }
  set cookie(value) { host.setCookie(idl.usv(value)); }
  get documentElement() { return own.html; }
  get head() { return own.head; }
  get body() { return own.body; }
  getElementById(elementId) {
    idl.required(arguments, 1, 'getElementById');
    const number = host.elementById(idl.usv(elementId));
    return number === null || number === undefined ? null : elementOf(number);
  }
  createElement(localName) {
    idl.required(arguments, 1, 'createElement');
    const name = idl.string(localName).toLowerCase();
    if (name === 'script') host.notice('a script that a script makes is not run');
    return shared.makeElement(name);
  }
}
shared.handlers(Document.prototype, ['readystatechange', 'click', 'visibilitychange']);
expose(Document);

making = true;
const document = new Document();
making = false;
Object.defineProperty(globalThis, 'document', { get: () => document, set: undefined, enumerable: true, configurable: false });

// The script that is about to run, by the number of its element; without one, none is running.
shared.muted = new Set();
shared.hooks.script = (number, name, errors) => {
  current = number === null || number === undefined ? null : elementOf(number);
  if (errors === 'muted') shared.muted.add(name);
};

// https://html.spec.whatwg.org/multipage/parsing.html#the-end
const { fire } = shared;
shared.hooks.page = (step) => {
  switch (step) {
    case 'interactive':
    case 'complete':
      readyState = step;
      fire(document, 'readystatechange');
      break;
    case 'DOMContentLoaded':
      // It bubbles from the document to the window.
      fire(document, step, Event, { bubbles: true });
      fire(globalThis, step, Event, { bubbles: true });
      break;
    default: fire(globalThis, step);
  }
};
