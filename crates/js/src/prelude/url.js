// `URL` and `URLSearchParams` (https://url.spec.whatwg.org/#api); the parser is the host's.

const paramsState = new WeakMap();

class URLSearchParams {
  constructor(init = "") {
    let list;
    if (isObject(init)) {
      const method = init[Symbol.iterator];
      if (method !== undefined && method !== null) {
        list = toSequence(init, (pair) => {
          const both = toSequence(pair, toUsv);
          if (both.length !== 2) throw new TypeError("each pair must have a name and a value");
          return both;
        });
      } else {
        const record = new Map();
        for (const key of ownKeys(init)) {
          const property = Reflect.getOwnPropertyDescriptor(init, key);
          if (property?.enumerable) record.set(toUsv(key), toUsv(init[key]));
        }
        list = [...record];
      }
    } else {
      const text = toUsv(init);
      list = native.formParse(text.startsWith("?") ? text.slice(1) : text);
    }
    paramsState.set(this, { list, url: null });
  }
  get size() { return params(this).list.length; }
  append(name, value) {
    require(arguments, 2, "append");
    params(this).list.push([toUsv(name), toUsv(value)]);
    updateUrl(this);
  }
  delete(name, value) {
    require(arguments, 1, "delete");
    const state = params(this);
    name = toUsv(name);
    const wanted = value === undefined ? undefined : toUsv(value);
    state.list = state.list.filter(([n, v]) => n !== name || (wanted !== undefined && v !== wanted));
    updateUrl(this);
  }
  get(name) {
    require(arguments, 1, "get");
    name = toUsv(name);
    return params(this).list.find(([n]) => n === name)?.[1] ?? null;
  }
  getAll(name) {
    require(arguments, 1, "getAll");
    name = toUsv(name);
    return params(this).list.filter(([n]) => n === name).map(([, v]) => v);
  }
  has(name, value) {
    require(arguments, 1, "has");
    name = toUsv(name);
    const wanted = value === undefined ? undefined : toUsv(value);
    return params(this).list.some(([n, v]) => n === name && (wanted === undefined || v === wanted));
  }
  set(name, value) {
    require(arguments, 2, "set");
    const state = params(this);
    [name, value] = [toUsv(name), toUsv(value)];
    const at = state.list.findIndex(([n]) => n === name);
    if (at < 0) {
      state.list.push([name, value]);
    } else {
      state.list = state.list.filter(([n], i) => n !== name || i === at);
      state.list[state.list.findIndex(([n]) => n === name)] = [name, value];
    }
    updateUrl(this);
  }
  sort() {
    params(this).list.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    updateUrl(this);
  }
  toString() { return native.formWrite(params(this).list); }
}

function params(value) {
  const state = paramsState.get(value);
  if (!state) throw new TypeError("this is no URLSearchParams");
  return state;
}

function updateUrl(value) {
  const state = params(value);
  state.url?.(native.formWrite(state.list));
}

makeIterable(URLSearchParams, (value) => params(value).list);
exposeClass(URLSearchParams);

class URL {
  #parts;
  #params = null;
  constructor(url, base) {
    require(arguments, 1, "URL");
    const text = toUsv(url);
    this.#parts = native.urlParse(text, base === undefined ? null : toUsv(base));
    if (this.#parts === null) throw new TypeError(`'${text}' is not a valid URL`);
  }
  static parse(url, base) {
    require(arguments, 1, "URL.parse");
    try { return new URL(url, base); } catch (error) { if (error instanceof TypeError) return null; throw error; }
  }
  static canParse(url, base) {
    require(arguments, 1, "URL.canParse");
    return native.urlParse(toUsv(url), base === undefined ? null : toUsv(base)) !== null;
  }
  #set(what, value) {
    const next = native.urlSet(this.#parts.href, what, toUsv(value));
    if (next !== null) {
      this.#parts = next;
      this.#syncParams();
    }
    return next !== null;
  }
  #syncParams() {
    if (this.#params) params(this.#params).list = native.formParse(this.#parts.search.slice(1));
  }
  get href() { return this.#parts.href; }
  set href(value) { if (!this.#set("href", value)) throw new TypeError(`'${value}' is not a valid URL`); }
  get origin() { return this.#parts.origin; }
  get protocol() { return this.#parts.protocol; }
  set protocol(value) { this.#set("protocol", value); }
  get username() { return this.#parts.username; }
  set username(value) { this.#set("username", value); }
  get password() { return this.#parts.password; }
  set password(value) { this.#set("password", value); }
  get host() { return this.#parts.host; }
  set host(value) { this.#set("host", value); }
  get hostname() { return this.#parts.hostname; }
  set hostname(value) { this.#set("hostname", value); }
  get port() { return this.#parts.port; }
  set port(value) { this.#set("port", value); }
  get pathname() { return this.#parts.pathname; }
  set pathname(value) { this.#set("pathname", value); }
  get search() { return this.#parts.search; }
  set search(value) { this.#set("search", value); }
  get hash() { return this.#parts.hash; }
  set hash(value) { this.#set("hash", value); }
  get searchParams() {
    if (!this.#params) {
      this.#params = new URLSearchParams(this.#parts.search);
      params(this.#params).url = (query) => {
        const next = native.urlSet(this.#parts.href, "search", query);
        if (next !== null) this.#parts = next;
      };
    }
    return this.#params;
  }
  toString() { return this.#parts.href; }
  toJSON() { return this.#parts.href; }
}
exposeClass(URL);
