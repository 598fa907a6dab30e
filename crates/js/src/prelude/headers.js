// https://fetch.spec.whatwg.org/#headers-class. Which headers may be set is the core's to say.

const { idl, expose, call } = shared;
const { Set, Symbol } = globalThis;
const normalize = (value) => value.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');

class Headers {
  #list = [];
  #guard = 'none';
  #sorted = null;
  constructor(init = undefined) {
    if (init !== undefined) {
      if (!idl.isObject(init)) throw new TypeError('the headers are neither a sequence nor a record');
      fill(this, init);
    }
  }
  #validate(name, value) {
    if (!host.isToken(name)) throw new TypeError(`'${name}' is no header name`);
    if (/[\0\r\n]/.test(value)) throw new TypeError(`the value of '${name}' has a NUL, CR or LF`);
    if (this.#guard === 'immutable') throw new TypeError('the headers are immutable');
    if (this.#guard === 'request' && host.isForbiddenRequestHeader(name, value)) return false;
    return !(this.#guard === 'response' && host.isForbiddenResponseHeader(name));
  }
  #removePrivileged() { if (this.#guard === 'request-no-cors') this.#drop('range'); }
  #drop(key) {
    this.#list = this.#list.filter(([k]) => k !== key);
    this.#sorted = null;
  }
  #combined(key) {
    const values = this.#list.filter(([k]) => k === key).map(([, v]) => v);
    return values.length ? values.join(', ') : null;
  }
  append(name, value) {
    idl.required(arguments, 2, 'append');
    const header = idl.byte(name);
    const text = normalize(idl.byte(value));
    if (!this.#validate(header, text)) return;
    const key = header.toLowerCase();
    if (this.#guard === 'request-no-cors') {
      const before = this.#combined(key);
      if (!host.isNoCorsSafelisted(header, text, ...(before === null ? [] : [before]))) return;
    }
    this.#list.push([key, text, header]);
    this.#sorted = null;
    this.#removePrivileged();
  }
  delete(name) {
    idl.required(arguments, 1, 'delete');
    const header = idl.byte(name);
    if (!this.#validate(header, '')) return;
    const key = header.toLowerCase();
    if (this.#guard === 'request-no-cors' && !['accept', 'accept-language', 'content-language', 'content-type', 'range'].includes(key)) return;
    this.#drop(key);
    this.#removePrivileged();
  }
  get(name) {
    idl.required(arguments, 1, 'get');
    const header = idl.byte(name);
    if (!host.isToken(header)) throw new TypeError(`'${header}' is no header name`);
    return this.#combined(header.toLowerCase());
  }
  getSetCookie() { return this.#list.filter(([k]) => k === 'set-cookie').map(([, v]) => v); }
  has(name) {
    idl.required(arguments, 1, 'has');
    const header = idl.byte(name);
    if (!host.isToken(header)) throw new TypeError(`'${header}' is no header name`);
    const key = header.toLowerCase();
    return this.#list.some(([k]) => k === key);
  }
  set(name, value) {
    idl.required(arguments, 2, 'set');
    const header = idl.byte(name);
    const text = normalize(idl.byte(value));
    if (!this.#validate(header, text)) return;
    if (this.#guard === 'request-no-cors' && !host.isNoCorsSafelisted(header, text)) return;
    const key = header.toLowerCase();
    const first = this.#list.find(([k]) => k === key);
    if (first) {
      first[1] = text;
      this.#list = this.#list.filter((it) => it[0] !== key || it === first);
    } else {
      this.#list.push([key, text, header]);
    }
    this.#sorted = null;
    this.#removePrivileged();
  }

  static pairs(headers) {
    if (!headers.#sorted) {
      const names = [...new Set(headers.#list.map(([k]) => k))].sort();
      headers.#sorted = names.flatMap((key) => (key === 'set-cookie'
        ? headers.getSetCookie().map((value) => [key, value])
        : [[key, headers.#combined(key)]]));
    }
    return headers.#sorted;
  }
  static lines(headers) { return headers.#list.map(([key, value, name]) => [name ?? key, value]); }
  // Of lines whose names are in lower case; they are the object's from now on.
  static fromLines(guard, list) {
    const headers = new Headers();
    headers.#list = list;
    headers.#guard = guard;
    return headers;
  }
  static copy(headers) { return fromLines(headers.#guard, headers.#list.map((line) => [...line])); }
  static guard(headers, guard) { headers.#guard = guard; }
  static is(value) { return idl.isObject(value) && #list in value; }
}
const { pairs, lines, fromLines, copy, guard, is } = Headers;
for (const name of ['pairs', 'lines', 'fromLines', 'copy', 'guard', 'is']) delete Headers[name];
Object.defineProperty(Headers, 'length', { value: 0 });

const make = (guard, lines = []) => fromLines(guard, lines.map(([name, value]) => [name.toLowerCase(), value, name]));
// Adds what is not there. Says whether it is there now: a guard may have left it out.
const add = (headers, name, value) => {
  if (!call(has, headers, name)) call(append, headers, name, value);
  return call(has, headers, name);
};
const { has, append } = Headers.prototype;
const fill = (headers, init) => {
  if (is(init) && init[Symbol.iterator] === Headers.prototype[Symbol.iterator]) {
    for (const [name, value] of lines(init)) headers.append(name, value);
    return;
  }
  for (const [name, value] of idl.pairs(init, idl.byte)) headers.append(name, value);
};
shared.iterable(Headers, 'Headers', pairs);
expose(Headers);
shared.headers = { lines, make, fromLines, copy, guard, fill, add };

// https://fetch.spec.whatwg.org/#concept-body-mime-type
shared.mimeOf = (headers) => {
  const value = headers.get('content-type');
  return value === null ? null : host.mimeType(value) ?? null;
};
