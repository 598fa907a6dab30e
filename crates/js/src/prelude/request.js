// https://fetch.spec.whatwg.org/#request-class

const { idl, expose, Body } = shared;
const { Boolean, Object, URL } = globalThis;
const enums = {
  __proto__: null,
  mode: [['navigate', 'same-origin', 'no-cors', 'cors'], 'request mode'],
  credentials: [['omit', 'same-origin', 'include'], 'credentials mode'],
  cache: [['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'], 'cache mode'],
  redirect: [['follow', 'error', 'manual'], 'redirect mode'],
  referrerPolicy: [['', 'no-referrer', 'no-referrer-when-downgrade', 'same-origin', 'origin', 'strict-origin',
    'origin-when-cross-origin', 'strict-origin-when-cross-origin', 'unsafe-url'], 'referrer policy'],
  priority: [['high', 'low', 'auto'], 'priority'],
  duplex: [['half'], 'duplex'],
};

const MEMBERS = ['body', 'cache', 'credentials', 'duplex', 'headers', 'integrity', 'keepalive', 'method', 'mode', 'priority',
  'redirect', 'referrer', 'referrerPolicy', 'signal', 'window'];

// The dictionary, its members converted in the order of their names.
const convert = (init) => {
  const dictionary = idl.dictionary(init, 'init');
  const read = { __proto__: null };
  for (let i = 0; i < MEMBERS.length; i++) {
    const key = MEMBERS[i];
    const value = dictionary[key];
    if (value === undefined) continue;
    if (key in enums) read[key] = idl.enumeration(value, enums[key][0], enums[key][1]);
    else if (key === 'method') read[key] = idl.byte(value);
    else if (key === 'integrity') read[key] = idl.string(value);
    else if (key === 'referrer') read[key] = idl.usv(value);
    else if (key === 'keepalive') read[key] = Boolean(value);
    else read[key] = value;
  }
  return read;
};

// The members that are copied unchanged.
const COPIED_MEMBERS = ['referrerPolicy', 'mode', 'credentials', 'cache', 'redirect', 'integrity', 'keepalive'];

const NO_MEMBERS = { __proto__: null };

const signalOf = (value) => {
  if (value !== null && !shared.isSignal(value)) throw new TypeError('the signal is no AbortSignal');
  return value;
};

// The defaults of a request. The states of all requests have it as their prototype, and it is never changed.
const DEFAULTS = {
  __proto__: null, url: '', blob: undefined, method: 'GET', mode: 'cors', credentials: 'same-origin', cache: 'default',
  redirect: 'follow', referrer: 'about:client', referrerPolicy: '', integrity: '', keepalive: false, droppedType: undefined,
};

class Request {
  #state;
  // Both are made when a script asks for them, unless there are any to begin with.
  #headers = null;
  #signal = null;
  #body = null;

  constructor(input, init = undefined) {
    idl.required(arguments, 1, 'Request');
    const given = is(input) ? input : null;
    const address = given ? null : idl.usv(input);
    const members = init === undefined ? NO_MEMBERS : convert(init);
    const hasMembers = members !== NO_MEMBERS && Object.keys(members).length > 0;
    const state = Object.create(given ? given.#state : DEFAULTS);
    if (!given) {
      const url = shared.href(address);
      if (url === null) throw new TypeError(`'${address}' is no URL`);
      if (url === '') throw new TypeError('the URL has a user or a password');
      state.url = url;
      if (url.startsWith('blob:')) state.blob = shared.blobOf(url);
    }
    if (members.window !== undefined && members.window !== null) throw new TypeError('the window is not null');
    if (hasMembers) {
      if (state.mode === 'navigate') state.mode = 'same-origin';
      state.referrer = 'about:client';
      state.referrerPolicy = '';
    }
    if (members.referrer !== undefined) state.referrer = referrer(members.referrer);
    if (members.mode === 'navigate') throw new TypeError("the mode 'navigate' is not for scripts");
    if (hasMembers) {
      for (let i = 0; i < COPIED_MEMBERS.length; i++) if (members[COPIED_MEMBERS[i]] !== undefined) state[COPIED_MEMBERS[i]] = members[COPIED_MEMBERS[i]];
    }
    if (state.cache === 'only-if-cached' && state.mode !== 'same-origin') {
      throw new TypeError("the cache mode 'only-if-cached' needs the mode 'same-origin'");
    }
    if (members.method !== undefined) {
      if (!host.isToken(members.method)) throw new TypeError(`'${members.method}' is no method`);
      if (host.isForbiddenMethod(members.method)) throw new TypeError(`the method ${members.method} is forbidden`);
      state.method = host.normalizeMethod(members.method);
    }
    const signal = members.signal !== undefined ? signalOf(members.signal) : given?.#signal;
    this.#state = state;
    if (signal) this.#signal = shared.followSignal(signal);
    if (state.mode === 'no-cors' && !host.isSafelistedMethod(state.method)) {
      throw new TypeError(`the mode 'no-cors' does not allow ${state.method}`);
    }
    if (members.headers !== undefined && !idl.isObject(members.headers)) {
      throw new TypeError('the headers are neither a sequence nor a record');
    }
    const source = members.headers ?? given?.#headers;
    if (source) {
      if (hasMembers || state.mode === 'no-cors') shared.headers.fill(headersOf(this), source);
      else this.#headers = shared.headers.make('request', shared.headers.lines(source));
    }
    this.#takeBody(given, members);
  }

  #takeBody(given, members) {
    const state = this.#state;
    const own = members.body !== undefined && members.body !== null;
    const inherited = members.body === undefined && given ? given.#body : null;
    if ((own || inherited) && (state.method === 'GET' || state.method === 'HEAD')) {
      throw new TypeError(`${state.method} has no body`);
    }
    if (own) {
      const extracted = shared.extractBody(members.body, 'fetch');
      if (extracted.stream) {
        if (members.keepalive) throw new TypeError('a request that is kept alive has no streamed body');
        if (extracted.stream.locked || shared.isDisturbed(extracted.stream)) throw new TypeError('the stream is used already, or is locked');
        if (members.duplex === undefined) throw new TypeError("a streamed body needs duplex: 'half'");
        if (!['same-origin', 'cors'].includes(state.mode)) throw new TypeError('a streamed body needs mode cors or same-origin');
      }
      this.#body = Body.from(extracted);
      state.droppedType = undefined;
      if (extracted.type !== undefined && !shared.headers.add(headersOf(this), 'Content-Type', extracted.type)) {
        // A browser may send what the guard leaves out: that is the core's to say.
        state.droppedType = extracted.type;
      }
    } else if (inherited) {
      if (inherited.isUnusable) throw new TypeError('the body is used already, or is locked');
      this.#body = inherited.transfer();
    }
  }

  get method() { return this.#state.method; }
  get url() { return this.#state.url; }
  get headers() { return headersOf(this); }
  get destination() { return ''; }
  get referrer() { return this.#state.referrer; }
  get referrerPolicy() { return this.#state.referrerPolicy; }
  get mode() { return this.#state.mode; }
  get credentials() { return this.#state.credentials; }
  get cache() { return this.#state.cache; }
  get redirect() { return this.#state.redirect; }
  get integrity() { return this.#state.integrity; }
  get keepalive() { return this.#state.keepalive; }
  get isReloadNavigation() { return false; }
  get isHistoryNavigation() { return false; }
  get signal() { return this.#signal ??= shared.makeSignal(); }
  get duplex() { return 'half'; }
  clone() {
    if (this.#body?.isUnusable) throw new TypeError('the body is used already, or is locked');
    const body = this.#body?.clone() ?? null;
    const copy = new Request(this.#state.url);
    copy.#state = this.#state;
    copy.#headers = shared.headers.copy(headersOf(this));
    copy.#body = body;
    copy.#signal = this.#signal && shared.followSignal(this.#signal);
    return copy;
  }
  static internals(request) {
    return { state: request.#state, headers: request.#headers, body: request.#body, signal: request.#signal };
  }
  static headers(request) {
    return request.#headers ??= shared.headers.make(request.#state.mode === 'no-cors' ? 'request-no-cors' : 'request');
  }
  static body(request) { return request.#body; }
  static is(value) { return idl.isObject(value) && #state in value; }
}
const { internals, headers: headersOf, body: bodyOf, is } = Request;
for (const name of ['internals', 'headers', 'body', 'is']) delete Request[name];
Object.defineProperty(Request, 'length', { value: 1 });

const referrer = (value) => {
  if (value === '') return '';
  const url = shared.resolve(value);
  if (!url) throw new TypeError(`the referrer '${value}' is no URL`);
  if (url.href === 'about:client' || url.origin !== host.origin) return 'about:client';
  return url.href;
};
shared.bodyMixin(Request, bodyOf, headersOf);
expose(Request);
shared.requestInternals = internals;
