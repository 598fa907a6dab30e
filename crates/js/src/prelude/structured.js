// https://html.spec.whatwg.org/multipage/structured-data.html#dom-structuredclone

const { idl } = shared;
const { Array, BigInt, Blob, Boolean, DOMException, Date, Error, File, Map, Number, Object, Promise, RangeError, RegExp, Set, String } = globalThis;
const { toString } = Object.prototype;
const refuse = (what) => shared.domException('DataCloneError', `${what} cannot be cloned`);

const clone = (value, seen, transferred) => {
  if (typeof value === 'symbol' || typeof value === 'function') throw refuse(`a ${typeof value}`);
  if (!idl.isObject(value)) return value;
  if (seen.has(value)) return seen.get(value);
  const record = (copy) => {
    seen.set(value, copy);
    return copy;
  };
  const inner = (item) => clone(item, seen, transferred);
  const copyProperties = (copy) => {
    for (const key of Object.keys(value)) {
      Object.defineProperty(copy, key, { value: inner(value[key]), writable: true, enumerable: true, configurable: true });
    }
    return copy;
  };
  if (Array.isArray(value)) {
    const copy = record(new Array(value.length));
    return copyProperties(copy);
  }
  if (value instanceof Boolean) return record(Object(value.valueOf()));
  if (value instanceof Number) return record(new Number(value.valueOf()));
  if (value instanceof String) return record(new String(value.valueOf()));
  if (value instanceof BigInt) return record(Object(value.valueOf()));
  if (value instanceof Date) return record(new Date(value.getTime()));
  if (value instanceof RegExp) return record(new RegExp(value.source, value.flags));
  if (idl.isArrayBuffer(value)) {
    if (value.detached) throw refuse('a detached buffer');
    return record(transferred.includes(value) ? value.transfer() : value.slice(0));
  }
  if (idl.isView(value)) {
    const { byteOffset, byteLength, length } = value;
    const buffer = inner(value.buffer);
    return record(new value.constructor(buffer, byteOffset, value instanceof DataView ? byteLength : length));
  }
  if (value instanceof Map) {
    const copy = record(new Map());
    for (const [key, item] of [...value]) copy.set(inner(key), inner(item));
    return copy;
  }
  if (value instanceof Set) {
    const copy = record(new Set());
    for (const item of [...value]) copy.add(inner(item));
    return copy;
  }
  if (value instanceof DOMException) return record(new DOMException(value.message, value.name));
  if (value instanceof Error) {
    const names = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
    const copy = record(new (names[value.name] ?? Error)(value.message));
    copy.stack = value.stack;
    return copy;
  }
  if (shared.isBlob(value)) {
    const more = { type: value.type };
    return record(shared.isFile(value)
      ? new File([value], value.name, { ...more, lastModified: value.lastModified })
      : new Blob([value], more));
  }
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) {
    throw refuse('this object');
  }
  if (shared.call(toString, value) !== '[object Object]') throw refuse('a platform object');
  return copyProperties(record({}));
};

const method = {
  structuredClone(value, options = {}) {
    idl.required(arguments, 1, 'structuredClone');
    const { transfer } = idl.dictionary(options, 'options');
    const transferred = transfer === undefined ? [] : [...transfer];
    if (transferred.some((it) => !idl.isArrayBuffer(it) || it.detached)) throw refuse('what is to be transferred');
    return clone(value, new Map(), transferred);
  },
};
Object.defineProperty(method.structuredClone, 'length', { value: 1 });
Object.defineProperty(globalThis, 'structuredClone', { value: method.structuredClone, writable: true, enumerable: true, configurable: true });
