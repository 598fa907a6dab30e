// `Response` (https://fetch.spec.whatwg.org/#response-class).

const responseStates = new WeakMap();

function responseOf(value) {
  const state = responseStates.get(value);
  if (!state) throw new TypeError("this is no Response");
  return state;
}

const nullBodyStatus = [101, 103, 204, 205, 304];

class Response {
  constructor(body = null, init) {
    init = toDictionary(init, "the response's init");
    const status = init.status === undefined ? 200 : toInteger(init.status, 0, 65535);
    if (status < 200 || status > 599) throw new RangeError(`${status} is no status from 200 to 599`);
    const statusText = init.statusText === undefined ? "" : toByteString(init.statusText);
    if (/[^\t\x20-\x7E\x80-\xFF]/.test(statusText)) throw new TypeError("the status text is no reason phrase");
    const headers = makeHeaders([], "response");
    responseStates.set(this, { type: "default", url: "", redirected: false, status, statusText, headers });
    bodyStates.set(this, null);
    if (init.headers !== undefined) fillHeaders(headersOf(headers), init.headers);
    if (body !== null && body !== undefined) {
      const extracted = { ...extractBody(body), used: false };
      if (nullBodyStatus.includes(status)) throw new TypeError(`a response with status ${status} has no body`);
      bodyStates.set(this, extracted);
      if (extracted.type !== null && getHeader(headersOf(headers).list, "content-type") === null) {
        appendHeader(headersOf(headers), "Content-Type", extracted.type);
      }
    }
  }
  static error() {
    return makeResponse({ type: "error", url: "", redirected: false, status: 0, statusText: "", headers: makeHeaders([], "immutable") }, null);
  }
  static redirect(url, status = 302) {
    require(arguments, 1, "Response.redirect");
    const parts = native.urlParse(toUsv(url), location.href);
    if (parts === null) throw new TypeError(`'${url}' is not a URL`);
    status = toInteger(status, 0, 65535);
    if (![301, 302, 303, 307, 308].includes(status)) throw new RangeError(`${status} is no redirect`);
    const headers = makeHeaders([["location", parts.href]], "immutable");
    return makeResponse({ type: "default", url: "", redirected: false, status, statusText: "", headers }, null);
  }
  static json(data, init) {
    require(arguments, 1, "Response.json");
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError("that cannot be written as JSON");
    const response = new Response(null, init);
    if (nullBodyStatus.includes(response.status)) throw new TypeError(`a response with status ${response.status} has no body`);
    bodyStates.set(response, { bytes: encodeUtf8(text), stream: null, type: null, kind: "bytes", used: false });
    const state = headersOf(response.headers);
    if (getHeader(state.list, "content-type") === null) appendHeader(state, "content-type", "application/json");
    return response;
  }
  get type() { return responseOf(this).type; }
  get url() { return responseOf(this).url; }
  get redirected() { return responseOf(this).redirected; }
  get status() { return responseOf(this).status; }
  get ok() { const { status } = responseOf(this); return status >= 200 && status <= 299; }
  get statusText() { return responseOf(this).statusText; }
  get headers() { return responseOf(this).headers; }
  clone() {
    const state = responseOf(this);
    if (isUnusable(bodyOf(this))) throw new TypeError("the body was read, or is locked");
    const { list, guard } = headersOf(state.headers);
    return makeResponse({ ...state, headers: makeHeaders(list.map((pair) => [...pair]), guard) }, cloneBody(bodyOf(this)));
  }
}

function makeResponse(state, body) {
  const response = Object.create(Response.prototype);
  responseStates.set(response, state);
  bodyStates.set(response, body);
  return response;
}

mixBodyInto(Response);
exposeClass(Response);
