// `Headers` (https://fetch.spec.whatwg.org/#headers-class). Which header a guard lets pass, the core says.

const headersStates = new WeakMap();

function headersOf(value) {
  const state = headersStates.get(value);
  if (!state) throw new TypeError("this is no Headers");
  return state;
}

function makeHeaders(list, guard) {
  const headers = new Headers();
  headersStates.set(headers, { list, guard });
  return headers;
}

const same = (name) => (entry) => entry[0].toLowerCase() === name.toLowerCase();

function getHeader(list, name) {
  const values = list.filter(same(name)).map(([, value]) => value);
  return values.length ? values.join(", ") : null;
}

/** Whether name and value may go in; throws for what is no header at all. */
function admits(state, name, value) {
  if (!native.isHeaderName(name)) throw new TypeError(`'${name}' is no name of a header`);
  if (!native.isHeaderValue(value)) throw new TypeError(`'${value}' is no value of a header`);
  if (state.guard === "immutable") throw new TypeError("these headers cannot be changed");
  return native.guardAdmits(state.guard, name, value);
}

function normalizeValue(value) {
  return value.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
}

function appendHeader(state, name, value) {
  value = normalizeValue(value);
  if (!admits(state, name, value)) return;
  if (state.guard === "request-no-cors") {
    const there = getHeader(state.list, name);
    if (!native.noCorsSafelisted(name, there === null ? value : `${there}, ${value}`)) return;
  }
  const known = state.list.find(same(name));
  state.list.push([known ? known[0] : name, value]);
  if (state.guard === "request-no-cors") removePrivileged(state);
}

function removePrivileged(state) {
  state.list = state.list.filter(([name]) => name.toLowerCase() !== "range");
}

function fillHeaders(state, init) {
  if (!isObject(init)) throw new TypeError("the headers are no object");
  const method = init[Symbol.iterator];
  if (method !== undefined && method !== null) {
    const pairs = toSequence(init, (pair) => {
      if (!isObject(pair)) throw new TypeError("each header must be a pair");
      return toSequence(pair, toByteString);
    });
    for (const pair of pairs) {
      if (pair.length !== 2) throw new TypeError("each header must be a pair");
      appendHeader(state, pair[0], pair[1]);
    }
    return;
  }
  const record = new Map();
  for (const key of ownKeys(init)) {
    const property = Reflect.getOwnPropertyDescriptor(init, key);
    if (!property?.enumerable) continue;
    const name = toByteString(key);
    record.set(name, toByteString(init[key]));
  }
  for (const [name, value] of record) appendHeader(state, name, value);
}

class Headers {
  constructor(init) {
    const state = { list: [], guard: "none" };
    headersStates.set(this, state);
    if (init !== undefined) fillHeaders(state, init);
  }
  append(name, value) {
    require(arguments, 2, "append");
    appendHeader(headersOf(this), toByteString(name), toByteString(value));
  }
  delete(name) {
    const state = headersOf(this);
    require(arguments, 1, "delete");
    name = toByteString(name);
    if (!admits(state, name, "")) return;
    if (state.guard === "request-no-cors" && !native.isNoCorsName(name)) return;
    if (!state.list.some(same(name))) return;
    state.list = state.list.filter((entry) => !same(name)(entry));
    if (state.guard === "request-no-cors") removePrivileged(state);
  }
  get(name) {
    const state = headersOf(this);
    require(arguments, 1, "get");
    name = toByteString(name);
    if (!native.isHeaderName(name)) throw new TypeError(`'${name}' is no name of a header`);
    return getHeader(state.list, name);
  }
  has(name) {
    const state = headersOf(this);
    require(arguments, 1, "has");
    name = toByteString(name);
    if (!native.isHeaderName(name)) throw new TypeError(`'${name}' is no name of a header`);
    return state.list.some(same(name));
  }
  set(name, value) {
    const state = headersOf(this);
    require(arguments, 2, "set");
    name = toByteString(name);
    value = normalizeValue(toByteString(value));
    if (!admits(state, name, value)) return;
    if (state.guard === "request-no-cors" && !native.noCorsSafelisted(name, value)) return;
    const at = state.list.findIndex(same(name));
    if (at < 0) {
      state.list.push([name, value]);
    } else {
      const kept = state.list[at][0];
      state.list = state.list.filter((entry, i) => i === at || !same(name)(entry));
      state.list[state.list.findIndex(same(name))] = [kept, value];
    }
    if (state.guard === "request-no-cors") removePrivileged(state);
  }
  getSetCookie() {
    return headersOf(this).list.filter(same("set-cookie")).map(([, value]) => value);
  }
}

/** [Sort and combine](https://fetch.spec.whatwg.org/#concept-header-list-sort-and-combine). */
function sortAndCombine(value) {
  const { list } = headersOf(value);
  const names = [...new Set(list.map(([name]) => name.toLowerCase()))].sort();
  return names.flatMap((name) => {
    if (name === "set-cookie") return list.filter(same(name)).map(([, v]) => [name, v]);
    return [[name, getHeader(list, name)]];
  });
}

makeIterable(Headers, sortAndCombine);
exposeClass(Headers);
