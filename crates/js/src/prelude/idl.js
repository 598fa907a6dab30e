// Conversions of Web IDL (https://webidl.spec.whatwg.org/#js-type-mapping), and how a class looks to a script.

/** A function of the script's that is called with what it expects, whatever it does to the built-in objects. */
const { apply, ownKeys } = Reflect;

/** The host's nothing is undefined; here it is null. */
for (const [name, call] of Object.entries(native)) native[name] = (...args) => call(...args) ?? null;

function toText(value) {
  return `${value}`;
}

function toUsv(value) {
  return `${value}`.toWellFormed();
}

function toByteString(value) {
  const text = `${value}`;
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 255) {
      throw new TypeError(`Cannot convert to a ByteString: the character at ${i} has the value ${text.charCodeAt(i)}, which is above 255`);
    }
  }
  return text;
}

function toUnsignedLong(value) {
  return Number(value) >>> 0;
}

/** An integer within a range: `[EnforceRange]`. */
function toInteger(value, low, high) {
  const number = Number(value);
  if (!Number.isFinite(number) || Math.trunc(number) < low || Math.trunc(number) > high) {
    throw new TypeError(`${number} is outside of the range from ${low} to ${high}`);
  }
  return Math.trunc(number) + 0;
}

/** A dictionary: undefined and null are an empty one. */
function toDictionary(value, what) {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" && typeof value !== "function") throw new TypeError(`${what} is not an object`);
  return value;
}

/** One of a few words. */
function toEnum(value, words, what) {
  const word = `${value}`;
  if (!words.includes(word)) throw new TypeError(`'${word}' is no ${what}; there are: ${words.join(", ")}`);
  return word;
}

function toSequence(value, convert) {
  const items = [];
  for (const item of value) items.push(convert(item));
  return items;
}

function require(args, count, where) {
  if (args.length < count) {
    throw new TypeError(`${where} needs ${count} argument${count === 1 ? "" : "s"}, and got ${args.length}`);
  }
}

function isObject(value) {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function isBufferSource(value) {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

/** A copy of the bytes of a buffer source. */
function bytesOf(source) {
  if (ArrayBuffer.isView(source)) {
    return new Uint8Array(source.buffer.slice(source.byteOffset, source.byteOffset + source.byteLength));
  }
  return new Uint8Array(source.slice(0));
}

/** The bytes in a buffer of their own, for the host. */
function bufferOf(bytes) {
  if (bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength) return bytes.buffer;
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

function concat(chunks) {
  if (chunks.length === 1) return chunks[0];
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

/** Puts a property where scripts find it: not enumerable, as interfaces are. */
function expose(name, value) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}

/** Gives a class the looks of an interface, and exposes it. */
function exposeClass(Class, constants = {}, { hidden = false } = {}) {
  const prototype = Class.prototype;
  for (const key of ownKeys(prototype)) {
    if (key === "constructor" || typeof key === "symbol") continue;
    Object.defineProperty(prototype, key, { enumerable: true });
  }
  for (const key of Object.getOwnPropertyNames(Class)) {
    if (["prototype", "name", "length"].includes(key)) continue;
    Object.defineProperty(Class, key, { enumerable: true });
  }
  for (const [name, value] of Object.entries(constants)) {
    const property = { value, writable: false, enumerable: true, configurable: false };
    Object.defineProperty(Class, name, property);
    Object.defineProperty(prototype, name, property);
  }
  Object.defineProperty(prototype, Symbol.toStringTag, { value: Class.name, configurable: true });
  if (!hidden) expose(Class.name, Class);
}

/** Function-valued operations of a global, as enumerable as a browser's. */
function exposeFunctions(functions) {
  for (const [name, value] of Object.entries(functions)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
  }
}

/** An iterator's prototype, as Web IDL makes one for an iterable interface. */
function makeIterator(tag, entriesOf) {
  const states = new WeakMap();
  const prototype = Object.create(Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())));
  Object.defineProperty(prototype, "next", {
    enumerable: true, configurable: true, writable: true,
    value: function next() {
      const state = states.get(this);
      if (!state) throw new TypeError(`this is no ${tag}`);
      const entries = entriesOf(state.of);
      if (state.at >= entries.length) return { value: undefined, done: true };
      const [key, value] = entries[state.at++];
      const picked = state.kind === "key" ? key : state.kind === "value" ? value : [key, value];
      return { value: picked, done: false };
    },
  });
  Object.defineProperty(prototype, Symbol.toStringTag, { value: tag, configurable: true });
  return (of, kind) => {
    const iterator = Object.create(prototype);
    states.set(iterator, { of, kind, at: 0 });
    return iterator;
  };
}

/** `entries`, `keys`, `values`, `forEach` and the default iterator of a pair-iterable interface. */
function makeIterable(Class, entriesOf) {
  const iterate = makeIterator(`${Class.name} Iterator`, entriesOf);
  const methods = {
    entries() { entriesOf(this); return iterate(this, "entry"); },
    keys() { entriesOf(this); return iterate(this, "key"); },
    values() { entriesOf(this); return iterate(this, "value"); },
    forEach(callback, thisArg) {
      require(arguments, 1, "forEach");
      if (typeof callback !== "function") throw new TypeError("the callback is not a function");
      for (let i = 0, entries; (entries = entriesOf(this)), i < entries.length; i++) {
        apply(callback, thisArg, [entries[i][1], entries[i][0], this]);
      }
    },
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(Class.prototype, name, { value, writable: true, configurable: true, enumerable: true });
  }
  Object.defineProperty(Class.prototype, Symbol.iterator, {
    value: methods.entries, writable: true, configurable: true, enumerable: false,
  });
}
