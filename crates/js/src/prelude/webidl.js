// Conversions of https://webidl.spec.whatwg.org/, and how an interface is made visible.

const idl = shared.idl = {};
const { call } = shared;
const { ArrayBuffer, BigInt, Map, Math, Number, Object, Reflect, String, Symbol, TypeError, Uint8Array } = globalThis;
const { toWellFormed } = String.prototype;

// Not by a template, for which the engine asks `String.prototype.concat`; a symbol is no string.
const string = idl.string = (value) => {
  if (typeof value === 'symbol') throw new TypeError('a symbol is no string');
  return String(value);
};
idl.usv = (value) => call(toWellFormed, string(value));
idl.byte = (value) => {
  const text = string(value);
  if (!host.isByteString(text)) throw new TypeError('a character of the string is no byte');
  return text;
};
idl.unsignedLong = (value) => +value >>> 0;
idl.unsignedShort = (value) => +value & 0xffff;
idl.unsignedLongLong = (value) => {
  const number = Math.trunc(+value);
  return Number.isFinite(number) ? Number(BigInt.asUintN(64, BigInt(number))) : 0;
};
idl.longLongClamp = (value) => {
  const number = +value;
  if (Number.isNaN(number)) return 0;
  return Math.min(Math.max(Math.trunc(number), -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
};
idl.double = (value) => {
  const number = +value;
  if (!Number.isFinite(number)) throw new TypeError('the number is not finite');
  return number;
};
idl.enforceRange = (value, min, max) => {
  const number = Math.trunc(+value);
  if (!(number >= min && number <= max)) throw new TypeError(`the number is not between ${min} and ${max}`);
  return number + 0;
};
idl.enumeration = (value, allowed, what) => {
  const text = string(value);
  for (let i = 0; i < allowed.length; i++) if (allowed[i] === text) return text;
  throw new TypeError(`'${text}' is no ${what}`);
};
idl.required = (args, count, what) => {
  if (args.length < count) {
    throw new TypeError(`${what}: ${count} argument${count === 1 ? '' : 's'} required, but ${args.length} given`);
  }
};
idl.dictionary = (value, what) => {
  if (value === undefined || value === null) return { __proto__: null };
  if (typeof value !== 'object' && typeof value !== 'function') throw new TypeError(`${what} is no dictionary`);
  return value;
};
idl.isObject = (value) => typeof value === 'function' || (typeof value === 'object' && value !== null);

// A record<ByteString, ByteString> or a sequence of pairs, as `Headers` and `URLSearchParams` take them.
idl.pairs = (value, convert) => {
  const method = value[Symbol.iterator];
  const pairs = [];
  if (method !== undefined && method !== null) {
    if (typeof method !== 'function') throw new TypeError('the iterator is no function');
    for (const item of { [Symbol.iterator]: () => call(method, value) }) {
      if (!idl.isObject(item)) throw new TypeError('an item is no pair');
      const pair = [...item].map(convert);
      if (pair.length !== 2) throw new TypeError('an item is no pair');
      pairs.push(pair);
    }
    return pairs;
  }
  const seen = new Map();
  for (const key of Reflect.ownKeys(value)) {
    const property = Reflect.getOwnPropertyDescriptor(value, key);
    if (!property || !property.enumerable) continue;
    seen.set(convert(key), convert(value[key]));
  }
  return [...seen];
};

// The bytes of a BufferSource, copied; undefined if it is none.
const typedArray = Object.getPrototypeOf(Uint8Array.prototype);
const tagOf = Object.getOwnPropertyDescriptor(typedArray, Symbol.toStringTag).get;
const lengthOf = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength').get;
idl.isArrayBuffer = (value) => {
  try {
    call(lengthOf, value);
    return true;
  } catch {
    return false;
  }
};
idl.isView = (value) => ArrayBuffer.isView(value);
idl.isTypedArray = (value) => idl.isObject(value) && call(tagOf, value) !== undefined;
idl.typeName = (value) => call(tagOf, value);
idl.bytes = (value) => {
  if (idl.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  if (idl.isArrayBuffer(value)) return new Uint8Array(value.slice(0));
  return undefined;
};
const sharedLength = typeof SharedArrayBuffer === 'function'
  && Object.getOwnPropertyDescriptor(SharedArrayBuffer.prototype, 'byteLength').get;
idl.isSharedBuffer = (value) => {
  if (!sharedLength) return false;
  try {
    call(sharedLength, value);
    return true;
  } catch {
    return false;
  }
};

// Gives a class the property attributes of an interface, and makes it a property of the global.
shared.expose = (type, name = type.name) => {
  const prototype = type.prototype;
  for (const [object, skipped] of [[prototype, ['constructor']], [type, ['length', 'name', 'prototype']]]) {
    for (const key of Reflect.ownKeys(object)) {
      if (typeof key === 'symbol' || skipped.includes(key)) continue;
      Object.defineProperty(object, key, { enumerable: true });
    }
  }
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
  Object.defineProperty(globalThis, name, { value: type, writable: true, configurable: true });
};
shared.constants = (type, values) => {
  for (const [name, value] of Object.entries(values)) {
    const property = { value, enumerable: true };
    Object.defineProperty(type, name, property);
    Object.defineProperty(type.prototype, name, property);
  }
};
// The members of an iterable<K, V>: entries() over `pairs`, a function of the object.
shared.iterable = (type, name, pairs) => {
  const iteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
  class Iterator {
    #target;
    #kind;
    #index = 0;
    constructor(target, kind) {
      this.#target = target;
      this.#kind = kind;
    }
    static step(self) {
      const list = pairs(self.#target);
      if (self.#index >= list.length) return { value: undefined, done: true };
      const [key, value] = list[self.#index++];
      const values = { keys: key, values: value, entries: [key, value] };
      return { value: values[self.#kind], done: false };
    }
  }
  const step = Iterator.step;
  const prototype = Object.create(iteratorPrototype, {
    next: { value: function next() { return step(this); }, writable: true, enumerable: true, configurable: true },
    [Symbol.toStringTag]: { value: `${name} Iterator`, configurable: true },
  });
  const make = (target, kind) => {
    pairs(target);
    return Object.setPrototypeOf(new Iterator(target, kind), prototype);
  };
  const methods = {
    entries() { return make(this, 'entries'); },
    keys() { return make(this, 'keys'); },
    values() { return make(this, 'values'); },
    forEach(callback, thisArgument = undefined) {
      idl.required(arguments, 1, 'forEach');
      pairs(this);
      if (typeof callback !== 'function') throw new TypeError('the callback is no function');
      for (let i = 0; ; i++) {
        const list = pairs(this);
        if (i >= list.length) break;
        call(callback, thisArgument, list[i][1], list[i][0], this);
      }
    },
  };
  Object.defineProperty(methods.forEach, 'length', { value: 1 });
  for (const [key, value] of Object.entries(methods)) {
    Object.defineProperty(type.prototype, key, { value, writable: true, enumerable: true, configurable: true });
  }
  Object.defineProperty(type.prototype, Symbol.iterator, { value: methods.entries, writable: true, configurable: true });
};
