// https://xhr.spec.whatwg.org/: the states, their order and their rules are the core's. Here are the interfaces.

const { idl, expose, constants, fire, fireProgress, heard } = shared;
const TYPES = host.xhrEvents;
// Of each type its bit.
const BITS = { __proto__: null };
TYPES.forEach((type, number) => { BITS[type] = 1 << number; });

class XMLHttpRequestEventTarget extends EventTarget {
  constructor(key) {
    if (key !== ours) throw new TypeError('Illegal constructor');
    super();
  }
}
const ours = Symbol();
const EVENTS = ['loadstart', 'progress', 'abort', 'error', 'load', 'timeout', 'loadend'];
shared.handlers(XMLHttpRequestEventTarget.prototype, EVENTS);

class XMLHttpRequestUpload extends XMLHttpRequestEventTarget {}

// Those whose conversations go on, by their keys: they are kept alive, and are told of the news.
const flying = new Map();
let last = 0;

// In place of a response object that nobody has asked for.
const NOT_MADE = Symbol();

class XMLHttpRequest extends XMLHttpRequestEventTarget {
  #key = ++last;
  #native = host.xhr(this.#key);
  // Made when a script asks for it: before that, nobody listens.
  #upload = null;
  #response = NOT_MADE;

  constructor() { super(ours); }

  // Dispatches what the last call has brought, as far as somebody hears it.
  #drive() {
    for (;;) {
      const event = this.#native('poll', heard(this, BITS), this.#upload === null ? 0 : heard(this.#upload, BITS));
      // Whether it waits for news, when nothing has happened.
      if (event === true) return flying.set(this.#key, this);
      if (event === false) return flying.delete(this.#key);
      // By index, which costs a third of a pattern.
      const target = event[0] ? this.#upload : this;
      const type = TYPES[event[1]];
      if (type === 'readystatechange') fire(target, type);
      else fireProgress(target, type, event[2], event[3]);
    }
  }
  static hear(key) { flying.get(key)?.#drive(); }

  get readyState() { return this.#native('readyState'); }
  open(method, url, async = true, username = null, password = null) {
    idl.required(arguments, 2, 'open');
    const verb = idl.byte(method);
    const address = idl.usv(url);
    const wait = arguments.length > 2 ? Boolean(async) : true;
    const user = username === null || username === undefined ? undefined : idl.usv(username);
    const secret = password === null || password === undefined ? undefined : idl.usv(password);
    this.#native('open', verb, address, wait, user, secret);
    this.#response = NOT_MADE;
    this.#drive();
  }
  setRequestHeader(name, value) {
    idl.required(arguments, 2, 'setRequestHeader');
    this.#native('setRequestHeader', idl.byte(name), idl.byte(value));
  }
  get timeout() { return this.#native('timeout'); }
  set timeout(value) { this.#native('setTimeout', idl.unsignedLong(value)); }
  get withCredentials() { return this.#native('withCredentials'); }
  set withCredentials(value) { this.#native('setWithCredentials', Boolean(value)); }
  get upload() { return this.#upload ??= new XMLHttpRequestUpload(ours); }
  send(body = null) {
    let bytes = null;
    let type;
    let isText = false;
    if (body !== null && body !== undefined) {
      const extracted = shared.extractBody(body, 'xhr');
      ({ bytes, type } = extracted);
      isText = extracted.kind === 'text';
    }
    this.#native('send', bytes, type, isText, this.#upload !== null && shared.hasListeners(this.#upload));
    this.#response = NOT_MADE;
    try {
      this.#drive();
    } catch (error) {
      // The exception of a synchronous request; what else it has brought comes first.
      this.#drive();
      throw error;
    }
  }
  abort() {
    this.#native('abort');
    this.#response = NOT_MADE;
    this.#drive();
  }
  get responseURL() { return this.#native('responseURL'); }
  get status() { return this.#native('status'); }
  get statusText() { return this.#native('statusText'); }
  getResponseHeader(name) {
    idl.required(arguments, 1, 'getResponseHeader');
    return this.#native('getResponseHeader', idl.byte(name)) ?? null;
  }
  getAllResponseHeaders() { return this.#native('getAllResponseHeaders'); }
  overrideMimeType(mime) {
    idl.required(arguments, 1, 'overrideMimeType');
    this.#native('overrideMimeType', idl.string(mime));
  }
  get responseType() { return this.#native('responseType'); }
  set responseType(value) { this.#native('setResponseType', idl.string(value).toWellFormed()); }
  get response() {
    const type = this.#native('responseType');
    if (type === '' || type === 'text') return this.#native('responseText');
    if (this.#native('readyState') !== 4) return null;
    if (this.#response === NOT_MADE) this.#response = this.#makeResponse(type);
    return this.#response;
  }
  #makeResponse(type) {
    const made = this.#native('response') ?? null;
    if (made === null) return null;
    switch (type) {
      case 'json':
        try {
          return JSON.parse(made);
        } catch {
          return null;
        }
      case 'blob': return shared.makeBlob(new Uint8Array(made), this.#native('finalMimeType'));
      case 'arraybuffer': return made;
      default: return null;
    }
  }
  get responseText() { return this.#native('responseText'); }
  get responseXML() {
    if (!['', 'document'].includes(this.#native('responseType'))) {
      throw shared.dom('InvalidStateError', 'the response type is neither empty nor "document"');
    }
    return null;
  }
}
shared.hooks.xhr = XMLHttpRequest.hear;
delete XMLHttpRequest.hear;
for (const [name, length] of [['open', 2], ['send', 0]]) {
  Object.defineProperty(XMLHttpRequest.prototype[name], 'length', { value: length });
}
shared.handlers(XMLHttpRequest.prototype, ['readystatechange']);
for (const type of [XMLHttpRequestEventTarget, XMLHttpRequestUpload, XMLHttpRequest]) expose(type);
constants(XMLHttpRequest, { UNSENT: 0, OPENED: 1, HEADERS_RECEIVED: 2, LOADING: 3, DONE: 4 });
// Only XMLHttpRequest has a constructor.
Object.defineProperty(XMLHttpRequestUpload, 'length', { value: 0 });
