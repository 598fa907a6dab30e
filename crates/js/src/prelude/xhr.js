// `XMLHttpRequest` (https://xhr.spec.whatwg.org/#interface-xmlhttprequest): the face of the core's state machine.

const xhrTypes = ["loadstart", "progress", "abort", "error", "load", "timeout", "loadend"];
let makingUpload = false;

class XMLHttpRequestEventTarget extends EventTarget {
  constructor() {
    if (new.target === XMLHttpRequestEventTarget) throw new TypeError("Illegal constructor");
    super();
  }
}
for (const type of xhrTypes) handlerAttribute(XMLHttpRequestEventTarget.prototype, type);
exposeClass(XMLHttpRequestEventTarget);

class XMLHttpRequestUpload extends XMLHttpRequestEventTarget {
  constructor() {
    if (!makingUpload) throw new TypeError("Illegal constructor");
    super();
  }
}
exposeClass(XMLHttpRequestUpload);

/** Objects whose events are still to come: they must not be collected. */
const active = new Map();
const collected = new FinalizationRegistry((id) => native.xhrDrop(id));

function throwXhr(name) {
  if (name !== undefined && name !== null) throw new DOMException(native.xhrMessage(name), name);
}

class XMLHttpRequest extends XMLHttpRequestEventTarget {
  #id = native.xhrNew();
  #upload;
  #response = undefined;

  constructor() {
    super();
    makingUpload = true;
    try { this.#upload = new XMLHttpRequestUpload(); } finally { makingUpload = false; }
    collected.register(this, this.#id);
  }

  /** Does what the core says next, until it has no more to say. */
  #drive() {
    for (;;) {
      const next = native.xhrPoll(this.#id);
      if (next === null) break;
      const [target, type, loaded, total] = next;
      const event = type === "readystatechange" ? new Event(type) : new ProgressEvent(type, { lengthComputable: total !== 0, loaded, total });
      fire(target === "upload" ? this.#upload : this, event);
    }
    if (native.xhrIsActive(this.#id)) active.set(this.#id, this);
    else active.delete(this.#id);
  }

  static drive(xhr) { xhr.#drive(); }

  get readyState() { return native.xhrState(this.#id); }
  open(method, url, async = true, username = null, password = null) {
    const id = this.#id;
    require(arguments, 2, "open");
    method = toByteString(method);
    url = toUsv(url);
    // With two arguments the request is asynchronous, whatever a third one that is undefined would say.
    async = arguments.length < 3 ? true : Boolean(async);
    username = username === null || username === undefined ? null : toUsv(username);
    password = password === null || password === undefined ? null : toUsv(password);
    const error = native.xhrOpen(id, method, url, async, username, password);
    if (error === null) this.#response = undefined;
    this.#drive();
    throwXhr(error);
  }
  setRequestHeader(name, value) {
    const id = this.#id;
    require(arguments, 2, "setRequestHeader");
    name = toByteString(name);
    throwXhr(native.xhrSetHeader(id, name, normalizeValue(toByteString(value))));
  }
  get timeout() { return native.xhrTimeout(this.#id); }
  set timeout(value) { throwXhr(native.xhrSetTimeout(this.#id, toUnsignedLong(value))); }
  get withCredentials() { return native.xhrCredentials(this.#id); }
  set withCredentials(value) { throwXhr(native.xhrSetCredentials(this.#id, Boolean(value))); }
  get upload() { return this.#upload; }
  send(body = null) {
    const id = this.#id;
    const extracted = body === null || body === undefined ? null : extractBody(body instanceof ReadableStream ? toUsv(body) : body);
    const listens = hasListeners(this.#upload);
    const bytes = extracted ? bufferOf(extracted.bytes) : null;
    throwXhr(native.xhrSend(id, bytes, extracted?.type ?? null, extracted?.kind ?? "text", listens));
    this.#drive();
    throwXhr(native.xhrTakeError(id));
  }
  abort() {
    native.xhrAbort(this.#id);
    this.#drive();
  }
  get responseURL() { return native.xhrUrl(this.#id); }
  get status() { return native.xhrStatus(this.#id); }
  get statusText() { return native.xhrStatusText(this.#id); }
  getResponseHeader(name) {
    const id = this.#id;
    require(arguments, 1, "getResponseHeader");
    return native.xhrHeader(id, toByteString(name));
  }
  getAllResponseHeaders() { return native.xhrHeaders(this.#id); }
  overrideMimeType(mime) {
    const id = this.#id;
    require(arguments, 1, "overrideMimeType");
    throwXhr(native.xhrOverride(id, toText(mime)));
  }
  get responseType() { return native.xhrType(this.#id); }
  set responseType(value) {
    const word = toText(value);
    const id = this.#id;
    if (["", "arraybuffer", "blob", "document", "json", "text"].includes(word)) throwXhr(native.xhrSetType(id, word));
  }
  get response() {
    const id = this.#id;
    const type = native.xhrType(id);
    if (type === "" || type === "text") return native.xhrText(id);
    if (native.xhrState(id) !== 4) return null;
    if (this.#response !== undefined) return this.#response;
    if (!native.xhrHasObject(id)) return null;
    let response = null;
    try {
      if (type === "json") response = JSON.parse(native.xhrJson(id));
      else if (type === "arraybuffer") response = native.xhrBytes(id);
      else if (type === "blob") response = makeBlob(new Uint8Array(native.xhrBytes(id)), native.xhrMime(id));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    this.#response = response;
    return response;
  }
  get responseText() {
    const text = native.xhrText(this.#id);
    if (text === null) throwXhr("InvalidStateError");
    return text;
  }
  get responseXML() {
    if (!["", "document"].includes(native.xhrType(this.#id))) throwXhr("InvalidStateError");
    return null;
  }
}
const driveXhr = XMLHttpRequest.drive;
delete XMLHttpRequest.drive;
handlerAttribute(XMLHttpRequest.prototype, "readystatechange");
exposeClass(XMLHttpRequest, { UNSENT: 0, OPENED: 1, HEADERS_RECEIVED: 2, LOADING: 3, DONE: 4 });

/** The host says that there is news for an object. */
function xhrNews(id) {
  const xhr = active.get(id);
  if (xhr) driveXhr(xhr);
}
