// https://url.spec.whatwg.org/#api, and the page's address.

const { idl, expose } = shared;
const { Boolean, Object } = globalThis;

class URLSearchParams {
  #list = [];
  #url = null;
  constructor(init = '') {
    if (idl.isObject(init)) {
      this.#list = idl.pairs(init, idl.usv);
    } else {
      const text = idl.usv(init);
      this.#list = host.formParse(text.startsWith('?') ? text.slice(1) : text);
    }
  }
  #update() { if (this.#url) this.#url(this.#list.length ? `?${host.formSerialize(this.#list)}` : ''); }
  get size() { return this.#list.length; }
  append(name, value) {
    idl.required(arguments, 2, 'append');
    this.#list.push([idl.usv(name), idl.usv(value)]);
    this.#update();
  }
  delete(name, value = undefined) {
    idl.required(arguments, 1, 'delete');
    const key = idl.usv(name);
    const only = value === undefined ? undefined : idl.usv(value);
    this.#list = this.#list.filter(([k, v]) => k !== key || (only !== undefined && v !== only));
    this.#update();
  }
  get(name) {
    idl.required(arguments, 1, 'get');
    const key = idl.usv(name);
    return this.#list.find(([k]) => k === key)?.[1] ?? null;
  }
  getAll(name) {
    idl.required(arguments, 1, 'getAll');
    const key = idl.usv(name);
    return this.#list.filter(([k]) => k === key).map(([, v]) => v);
  }
  has(name, value = undefined) {
    idl.required(arguments, 1, 'has');
    const key = idl.usv(name);
    const only = value === undefined ? undefined : idl.usv(value);
    return this.#list.some(([k, v]) => k === key && (only === undefined || v === only));
  }
  set(name, value) {
    idl.required(arguments, 2, 'set');
    const key = idl.usv(name);
    const text = idl.usv(value);
    const index = this.#list.findIndex(([k]) => k === key);
    if (index < 0) {
      this.#list.push([key, text]);
    } else {
      this.#list[index][1] = text;
      this.#list = this.#list.filter(([k], i) => k !== key || i === index);
    }
    this.#update();
  }
  sort() {
    this.#list.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.#update();
  }
  toString() { return host.formSerialize(this.#list); }

  static pairs(params) { return params.#list; }
  static bind(params, update) { params.#url = update; }
  static refill(params, query) { params.#list = host.formParse(query.startsWith('?') ? query.slice(1) : query); }
}
for (const name of ['delete', 'has']) Object.defineProperty(URLSearchParams.prototype[name], 'length', { value: 1 });
const { pairs, bind, refill } = URLSearchParams;
for (const name of ['pairs', 'bind', 'refill']) delete URLSearchParams[name];
shared.iterable(URLSearchParams, 'URLSearchParams', pairs);
expose(URLSearchParams);
Object.defineProperty(URLSearchParams, 'length', { value: 0 });
shared.isSearchParams = (value) => {
  try {
    return Boolean(pairs(value));
  } catch {
    return false;
  }
};

const PARTS = ['protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'];

class URL {
  #parts;
  #params = null;
  constructor(url, base = undefined) {
    idl.required(arguments, 1, 'URL');
    const text = idl.usv(url);
    const parts = host.urlParse(text, base === undefined ? undefined : idl.usv(base));
    if (!parts) throw new TypeError(`'${text}' is no URL`);
    this.#parts = parts;
  }
  static parse(url, base = undefined) {
    idl.required(arguments, 1, 'parse');
    try {
      return new URL(url, base);
    } catch {
      return null;
    }
  }
  static canParse(url, base = undefined) {
    idl.required(arguments, 1, 'canParse');
    return Boolean(host.urlParse(idl.usv(url), base === undefined ? undefined : idl.usv(base)));
  }
  static createObjectURL(object) {
    idl.required(arguments, 1, 'createObjectURL');
    return shared.blobURL(object);
  }
  static revokeObjectURL(url) {
    idl.required(arguments, 1, 'revokeObjectURL');
    shared.revokeBlobURL(idl.usv(url));
  }
  get href() { return this.#parts.href; }
  set href(value) {
    const parts = host.urlSet(this.#parts.href, 'href', idl.usv(value));
    if (!parts) throw new TypeError(`'${value}' is no URL`);
    this.#parts = parts;
    if (this.#params) refill(this.#params, parts.search);
  }
  get origin() { return this.#parts.origin; }
  get searchParams() {
    if (!this.#params) {
      this.#params = new URLSearchParams(this.#parts.search);
      bind(this.#params, (search) => { this.#parts = host.urlSet(this.#parts.href, 'search', search); });
    }
    return this.#params;
  }
  toJSON() { return this.#parts.href; }
  toString() { return this.#parts.href; }
  static part(url, name) { return url.#parts[name]; }
  static setPart(url, name, value) {
    url.#parts = host.urlSet(url.#parts.href, name, idl.usv(value));
    if (name === 'search' && url.#params) refill(url.#params, url.#parts.search);
  }
}
const { part, setPart } = URL;
delete URL.part;
delete URL.setPart;
for (const name of PARTS) {
  const accessors = Object.getOwnPropertyDescriptor({
    get [name]() { return part(this, name); },
    set [name](value) { setPart(this, name, value); },
  }, name);
  Object.defineProperty(URL.prototype, name, { ...accessors, enumerable: true, configurable: true });
}
for (const name of ['parse', 'canParse']) Object.defineProperty(URL[name], 'length', { value: 1 });
Object.defineProperty(URL, 'length', { value: 1 });
expose(URL);

class Location {
  #parts = host.urlParse(host.url, undefined);
  get href() { return this.#parts.href; }
  get origin() { return this.#parts.origin; }
  get protocol() { return this.#parts.protocol; }
  get host() { return this.#parts.host; }
  get hostname() { return this.#parts.hostname; }
  get port() { return this.#parts.port; }
  get pathname() { return this.#parts.pathname; }
  get search() { return this.#parts.search; }
  get hash() { return this.#parts.hash; }
  toString() { return this.#parts.href; }
}
const location = new Location();
expose(Location);
Object.defineProperty(globalThis, 'location', { get: () => location, set: undefined, enumerable: true, configurable: true });

// A URL of the script's, against its own.
shared.resolve = (url) => host.urlParse(url, host.base) ?? null;
// The same, where no more of it is wanted; the empty string, if it has a user or a password.
shared.href = (url) => host.urlHref(url) ?? null;
