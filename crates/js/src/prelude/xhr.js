// https://xhr.spec.whatwg.org/: the states, their order and their rules are the core's. Here are the interfaces.

const { idl, expose, constants, beginEvent, invokeListener, endEvent, listenersOf } = shared;
const { Boolean, Event, Object, ProgressEvent, Uint8Array } = globalThis;
const native = host.xhr;
const { make, open, send, abort, readyState, responseText, events } = native;

class XMLHttpRequestEventTarget extends EventTarget {
  constructor(key) {
    if (key !== privateKey) throw new TypeError('Illegal constructor');
    super();
  }
}
const privateKey = Symbol();
shared.handlers(XMLHttpRequestEventTarget.prototype, ['loadstart', 'progress', 'abort', 'error', 'load', 'timeout', 'loadend']);

class XMLHttpRequestUpload extends XMLHttpRequestEventTarget {}

// The native half dispatches: it calls these functions for each event that has listeners. The first kind, `readystatechange`,
// is a plain event.
const begin = (target, number, loaded, total) =>
  beginEvent(target, events[number], number === 0 ? Event : ProgressEvent, loaded, total);
const dispatch = [begin, invokeListener, endEvent];
shared.hooks.xhrDispatch = dispatch;

// Made when a script reads it: before that, it has no listeners.
const makeUpload = (own) => {
  const upload = new XMLHttpRequestUpload(privateKey);
  return native.setUpload(own, upload, listenersOf(upload));
};

class XMLHttpRequest extends XMLHttpRequestEventTarget {
  #native = make(listenersOf(this));

  constructor() { super(privateKey); }
  // Not for scripts: taken away below.
  static listenersOf(object) {
    if (!idl.isObject(object) || !(#native in object)) throw new TypeError('Illegal invocation');
    return listenersOf(object);
  }

  get readyState() { return readyState(this.#native); }
  open() { open(this.#native, this, dispatch, arguments); }
  setRequestHeader(name, value) {
    idl.required(arguments, 2, 'setRequestHeader');
    native.setRequestHeader(this.#native, name, value);
  }
  get timeout() { return native.timeout(this.#native); }
  set timeout(value) { native.setTimeout(this.#native, idl.unsignedLong(value)); }
  get withCredentials() { return native.withCredentials(this.#native); }
  set withCredentials(value) { native.setWithCredentials(this.#native, Boolean(value)); }
  get upload() {
    const own = this.#native;
    return native.upload(own) ?? makeUpload(own);
  }
  send(body = null) {
    const own = this.#native;
    if (body === null || body === undefined) send(own, this, dispatch);
    else send(own, this, dispatch, shared.extractBody(body, 'xhr'));
  }
  abort() { abort(this.#native, this, dispatch); }
  get responseURL() { return native.responseURL(this.#native); }
  get status() { return native.status(this.#native); }
  get statusText() { return native.statusText(this.#native); }
  getResponseHeader(name) {
    idl.required(arguments, 1, 'getResponseHeader');
    return native.getResponseHeader(this.#native, name) ?? null;
  }
  getAllResponseHeaders() { return native.getAllResponseHeaders(this.#native); }
  overrideMimeType(mime) {
    idl.required(arguments, 1, 'overrideMimeType');
    native.overrideMimeType(this.#native, mime);
  }
  get responseType() { return native.responseType(this.#native); }
  set responseType(value) { native.setResponseType(this.#native, value); }
  get response() {
    const own = this.#native;
    const made = native.response(own);
    if (made !== undefined) return made;
    const blob = shared.makeBlob(new Uint8Array(native.receivedBytes(own)), native.finalMimeType(own));
    return native.setResponse(own, blob);
  }
  get responseText() { return responseText(this.#native); }
  get responseXML() {
    const type = native.responseType(this.#native);
    if (type !== '' && type !== 'document') {
      throw shared.domException('InvalidStateError', 'the response type is neither empty nor "document"');
    }
    return null;
  }
}
shared.handlers(XMLHttpRequest.prototype, ['readystatechange'], XMLHttpRequest.listenersOf);
delete XMLHttpRequest.listenersOf;
for (const [name, length] of [['open', 2], ['send', 0]]) {
  Object.defineProperty(XMLHttpRequest.prototype[name], 'length', { value: length });
}
for (const type of [XMLHttpRequestEventTarget, XMLHttpRequestUpload, XMLHttpRequest]) expose(type);
constants(XMLHttpRequest, { UNSENT: 0, OPENED: 1, HEADERS_RECEIVED: 2, LOADING: 3, DONE: 4 });
// Only XMLHttpRequest has a constructor.
Object.defineProperty(XMLHttpRequestUpload, 'length', { value: 0 });
