// https://fetch.spec.whatwg.org/#response-class

const { idl, expose, Body } = shared;
const { JSON } = globalThis;

const checkedInit = (init) => {
  const dictionary = idl.dictionary(init, 'init');
  const headers = dictionary.headers;
  const status = dictionary.status === undefined ? 200 : idl.unsignedShort(dictionary.status);
  const statusText = dictionary.statusText === undefined ? '' : idl.byte(dictionary.statusText);
  if (status < 200 || status > 599) throw new RangeError(`the status ${status} is not between 200 and 599`);
  if (/[^\t\x20-\x7e\x80-\xff]/.test(statusText)) throw new TypeError('the status text is no reason phrase');
  if (headers !== undefined && !idl.isObject(headers)) throw new TypeError('the headers are neither a sequence nor a record');
  return { status, statusText, headers };
};
const privateKey = Symbol();
const NULL_BODY = [101, 103, 204, 205, 304];

class Response {
  #state;
  // Of what the network brings, made when a script asks for them.
  #headers = null;
  #lines;
  #body = null;

  constructor(body = null, init = undefined) {
    if (body === privateKey) return;
    this.#state = { type: 'default', status: 200, statusText: '', url: '', redirected: false };
    this.#headers = shared.headers.make('response');
    const checked = checkedInit(init);
    const extracted = body === null || body === undefined ? null : shared.extractBody(body, 'fetch');
    if (extracted?.stream && (extracted.stream.locked || shared.isDisturbed(extracted.stream))) {
      throw new TypeError('the stream is used already, or is locked');
    }
    this.#fill(checked, extracted);
  }
  #fill({ status, statusText, headers }, extracted) {
    this.#state.status = status;
    this.#state.statusText = statusText;
    if (headers !== undefined) shared.headers.fill(this.#headers, headers);
    if (!extracted) return;
    if (NULL_BODY.includes(status)) throw new TypeError(`a response of status ${status} has no body`);
    this.#body = Body.from(extracted);
    if (extracted.type !== undefined) shared.headers.add(this.#headers, 'Content-Type', extracted.type);
  }
  static error() {
    const response = new Response();
    response.#state = { type: 'error', status: 0, statusText: '', url: '', redirected: false };
    shared.headers.guard(response.#headers, 'immutable');
    return response;
  }
  static redirect(url, status = 302) {
    idl.required(arguments, 1, 'redirect');
    const text = idl.usv(url);
    const code = idl.unsignedShort(status);
    const parsed = shared.resolve(text);
    if (!parsed) throw new TypeError(`'${text}' is no URL`);
    if (![301, 302, 303, 307, 308].includes(code)) throw new RangeError(`${code} is no redirect status`);
    const response = new Response();
    response.#state.status = code;
    response.#headers.append('Location', parsed.href);
    shared.headers.guard(response.#headers, 'immutable');
    return response;
  }
  static json(data, init = {}) {
    idl.required(arguments, 1, 'json');
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError('the value has no JSON');
    const response = new Response();
    response.#fill(checkedInit(init), { bytes: shared.utf8(idl.usv(text)), type: 'application/json' });
    return response;
  }
  get type() { return this.#state.type; }
  get url() { return this.#state.url; }
  get redirected() { return this.#state.redirected; }
  get status() { return this.#state.status; }
  get ok() { return this.#state.status >= 200 && this.#state.status <= 299; }
  get statusText() { return this.#state.statusText; }
  get headers() { return headersOf(this); }
  clone() {
    if (this.#body?.isUnusable) throw new TypeError('the body is used already, or is locked');
    const body = this.#body?.clone() ?? null;
    const copy = new Response(privateKey);
    copy.#state = { ...this.#state };
    copy.#headers = shared.headers.copy(headersOf(this));
    copy.#body = body;
    return copy;
  }
  static headers(response) { return response.#headers ??= shared.headers.fromLines('immutable', response.#lines); }
  static body(response) { return response.#body; }
  // A response that the network brings.
  static fromNetwork(state, lines, body) {
    const response = new Response(privateKey);
    response.#state = state;
    response.#lines = lines;
    response.#body = body;
    return response;
  }
}
const { headers: headersOf, body: bodyOf, fromNetwork } = Response;
for (const name of ['headers', 'body', 'fromNetwork']) delete Response[name];
Object.defineProperty(Response, 'length', { value: 0 });
for (const name of ['redirect', 'json']) Object.defineProperty(Response[name], 'length', { value: 1 });
shared.bodyMixin(Response, bodyOf, headersOf);
expose(Response);
shared.makeResponse = fromNetwork;
