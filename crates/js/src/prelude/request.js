// `Request` (https://fetch.spec.whatwg.org/#request-class).

const requestStates = new WeakMap();

function requestOf(value) {
  const state = requestStates.get(value);
  if (!state) throw new TypeError("this is no Request");
  return state;
}

/** The signal that ends the reading of an object's body, if it has one. */
function requestSignal(object) {
  return requestStates.get(object)?.signal;
}

const referrerPolicies = [
  "", "no-referrer", "no-referrer-when-downgrade", "same-origin", "origin", "strict-origin",
  "origin-when-cross-origin", "strict-origin-when-cross-origin", "unsafe-url",
];

class Request {
  constructor(input, init) {
    require(arguments, 1, "Request");
    const given = init;
    init = toDictionary(init, "the request's init");
    let state;
    let source = null;
    if (requestStates.has(input)) {
      source = input;
      state = { ...requestOf(input), isReload: false };
    } else {
      const text = toUsv(input);
      const parts = native.urlParse(text, location.href);
      if (parts === null) throw new TypeError(`'${text}' is not a URL`);
      if (parts.username !== "" || parts.password !== "") throw new TypeError("the URL has a user or a password");
      state = {
        url: parts.href, method: "GET", mode: "cors", credentials: "same-origin", cache: "default", redirect: "follow",
        referrer: "about:client", referrerPolicy: "", integrity: "", keepalive: false, duplex: "half", signal: null,
      };
    }
    const changed = ["body", "cache", "credentials", "duplex", "headers", "integrity", "keepalive", "method", "mode", "priority", "redirect", "referrer", "referrerPolicy", "signal", "window"];
    if (source && changed.some((key) => init[key] !== undefined)) {
      [state.referrer, state.referrerPolicy] = ["about:client", ""];
    }
    if (init.window !== undefined && init.window !== null) throw new TypeError("window can only be null");
    if (init.referrer !== undefined) state.referrer = toReferrer(toUsv(init.referrer));
    if (init.referrerPolicy !== undefined) state.referrerPolicy = toEnum(init.referrerPolicy, referrerPolicies, "referrer policy");
    if (init.mode !== undefined) {
      const mode = toEnum(init.mode, ["same-origin", "cors", "no-cors", "navigate"], "request mode");
      if (mode === "navigate") throw new TypeError("a script cannot navigate");
      state.mode = mode;
    }
    if (init.credentials !== undefined) state.credentials = toEnum(init.credentials, ["omit", "same-origin", "include"], "credentials mode");
    if (init.cache !== undefined) {
      state.cache = toEnum(init.cache, ["default", "no-store", "reload", "no-cache", "force-cache", "only-if-cached"], "cache mode");
    }
    if (state.cache === "only-if-cached" && state.mode !== "same-origin") {
      throw new TypeError("only-if-cached goes with same-origin");
    }
    if (init.redirect !== undefined) state.redirect = toEnum(init.redirect, ["follow", "error", "manual"], "redirect mode");
    if (init.integrity !== undefined) state.integrity = toText(init.integrity);
    if (init.keepalive !== undefined) state.keepalive = Boolean(init.keepalive);
    if (init.priority !== undefined) toEnum(init.priority, ["high", "low", "auto"], "priority");
    if (init.duplex !== undefined) state.duplex = toEnum(init.duplex, ["half"], "duplex");
    if (init.method !== undefined) {
      const name = toByteString(init.method);
      const method = native.methodOf(name);
      if (method === null) throw new TypeError(`'${name}' is no method of a script's`);
      state.method = method;
    }
    let { signal } = state;
    if (init.signal !== undefined) {
      if (init.signal !== null && !(init.signal instanceof AbortSignal)) throw new TypeError("the signal is no AbortSignal");
      signal = init.signal;
    }
    state.signal = dependentSignal(signal ? [signal] : []);
    if (state.mode === "no-cors" && !["GET", "HEAD", "POST"].includes(state.method)) {
      throw new TypeError(`'${state.method}' cannot be sent in mode no-cors`);
    }
    const guard = state.mode === "no-cors" ? "request-no-cors" : "request";
    const headers = makeHeaders([], guard);
    if (source || given !== undefined) {
      const fill = init.headers !== undefined ? init.headers : source ? headersOf(source.headers).list.map((pair) => [...pair]) : undefined;
      if (fill !== undefined) fillHeaders(headersOf(headers), fill instanceof Headers ? headersOf(fill).list.map((pair) => [...pair]) : fill);
    }
    state.headers = headers;
    const inputBody = source ? bodyOf(source) : null;
    const hasBody = init.body !== undefined && init.body !== null;
    if ((hasBody || inputBody) && ["GET", "HEAD"].includes(state.method)) {
      throw new TypeError(`a ${state.method} request has no body`);
    }
    let body = null;
    if (hasBody) {
      body = { ...extractBody(init.body, state), used: false };
      if (body.kind === "stream" && init.duplex === undefined) throw new TypeError("a stream as body needs duplex: 'half'");
      if (body.type !== null && getHeader(headersOf(headers).list, "content-type") === null) {
        appendHeader(headersOf(headers), "Content-Type", body.type);
      }
    } else if (inputBody) {
      if (isUnusable(inputBody)) throw new TypeError("the request's body was read, or is locked");
      body = { ...inputBody };
      inputBody.used = true;
      if (inputBody.stream) inputBody.stream = null;
    }
    requestStates.set(this, state);
    bodyStates.set(this, body);
  }
  get method() { return requestOf(this).method; }
  get url() { return requestOf(this).url; }
  get headers() { return requestOf(this).headers; }
  get destination() { requestOf(this); return ""; }
  get referrer() {
    const { referrer } = requestOf(this);
    return referrer === "no-referrer" ? "" : referrer;
  }
  get referrerPolicy() { return requestOf(this).referrerPolicy; }
  get mode() { return requestOf(this).mode; }
  get credentials() { return requestOf(this).credentials; }
  get cache() { return requestOf(this).cache; }
  get redirect() { return requestOf(this).redirect; }
  get integrity() { return requestOf(this).integrity; }
  get keepalive() { return requestOf(this).keepalive; }
  get isReloadNavigation() { requestOf(this); return false; }
  get isHistoryNavigation() { requestOf(this); return false; }
  get signal() { return requestOf(this).signal; }
  get duplex() { return requestOf(this).duplex; }
  clone() {
    const state = requestOf(this);
    if (isUnusable(bodyOf(this))) throw new TypeError("the body was read, or is locked");
    const copy = Object.create(Request.prototype);
    const { list, guard } = headersOf(state.headers);
    const headers = makeHeaders(list.map((pair) => [...pair]), guard);
    requestStates.set(copy, { ...state, headers, signal: dependentSignal([state.signal]) });
    bodyStates.set(copy, cloneBody(bodyOf(this)));
    return copy;
  }
}

function toReferrer(text) {
  if (text === "") return "no-referrer";
  const parts = native.urlParse(text, location.href);
  if (parts === null) throw new TypeError(`the referrer '${text}' is not a URL`);
  if (parts.protocol === "about:" && parts.pathname === "client") return "about:client";
  return parts.origin === location.origin ? parts.href : "about:client";
}

mixBodyInto(Request);
exposeClass(Request);
