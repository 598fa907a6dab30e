// How a console shows values.

const { Array, ArrayBuffer, DOMException, Date, Error, Function, Map, Number, Object, Promise, RegExp, Set, String } = globalThis;
const quote = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
const MAX_ITEMS = 100;
const MAX_DEPTH = 3;

// Does not throw what a value throws. When there is no stack or memory left it throws, and the value can be reported later.
const show = (value, depth, seen) => shared.safely(() => shown(value, depth, seen), '[cannot be shown]');

const shown = (value, depth, seen) => {
  switch (typeof value) {
    case 'string': return quote(value);
    case 'bigint': return `${value}n`;
    case 'symbol': return value.toString();
    case 'number': return Object.is(value, -0) ? '-0' : String(value);
    case 'function': case 'object': break;
    default: return String(value);
  }
  if (value === null) return 'null';
  if (seen.includes(value)) return '[Circular]';
  const target = host.proxyTarget(value);
  // What a proxy's traps would say is not asked.
  if (target === null) return typeof value === 'function' ? 'Proxy([Function])' : 'Proxy (revoked)';
  if (target !== undefined) {
    return seen.length > 2 * MAX_DEPTH ? '[Proxy]' : `Proxy(${show(target, depth, [...seen, value])})`;
  }
  if (typeof value === 'function') {
    const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : 'Function';
    return `[${kind} ${ownString(value, 'name') || '(anonymous)'}]`;
  }
  const named = className(value);
  if (named === undefined) return depth > MAX_DEPTH ? '[Object]' : properties(value, 'Object', depth, [...seen, value]);
  if (value instanceof Error || value instanceof DOMException) {
    return depth === 0 && value.stack ? shared.describe(value) : `[${value.name}: ${value.message}]`;
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (depth > MAX_DEPTH) return Array.isArray(value) ? '[Array]' : '[Object]';
  return compound(value, named, depth, [...seen, value]);
};

const own = (value, key) => Object.getOwnPropertyDescriptor(value, key)?.value;
const ownString = (value, key) => (typeof own(value, key) === 'string' ? own(value, key) : '');

// What its constructor is called; undefined where a proxy is among its prototypes, which every look at it would ask.
const className = (value) => {
  let name;
  let at = value;
  for (let left = MAX_ITEMS; at !== null; left--) {
    if (left === 0 || host.proxyTarget(at) !== undefined) return undefined;
    const constructor = name === undefined ? own(at, 'constructor') : undefined;
    if (typeof constructor === 'function' && host.proxyTarget(constructor) === undefined) {
      name = ownString(constructor, 'name') || undefined;
    }
    at = Object.getPrototypeOf(at);
  }
  return name ?? (Object.getPrototypeOf(value) === null ? '[Object: null prototype]' : 'Object');
};

const compound = (value, named, depth, seen) => {
  const inner = (item) => show(item, depth + 1, seen);
  if (Array.isArray(value)) {
    return bracket('', '[', [...value.slice(0, MAX_ITEMS).map(inner), ...more(value.length)], ']');
  }
  if (shared.idl.isTypedArray(value)) {
    const items = [...value.subarray(0, MAX_ITEMS)].map(inner);
    return bracket(`${value.constructor.name}(${value.length}) `, '[', [...items, ...more(value.length)], ']');
  }
  if (value instanceof ArrayBuffer) return `ArrayBuffer(${value.byteLength})`;
  if (value instanceof Map) {
    return bracket(`Map(${value.size}) `, '{', [...value].map(([k, v]) => `${inner(k)} => ${inner(v)}`), '}');
  }
  if (value instanceof Set) return bracket(`Set(${value.size}) `, '{', [...value].map(inner), '}');
  if (value instanceof Promise) return 'Promise {}';
  return properties(value, named, depth, seen);
};

const properties = (value, name, depth, seen) => {
  const keys = Object.keys(value);
  const shown = keys.slice(0, MAX_ITEMS).map((key) => {
    const property = Object.getOwnPropertyDescriptor(value, key);
    const text = property.get ? '[Getter]' : property.set ? '[Setter]' : show(property.value, depth + 1, seen);
    return `${/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? key : quote(key)}: ${text}`;
  });
  return bracket(name === 'Object' ? '' : `${name} `, '{', [...shown, ...more(keys.length)], '}');
};

const more = (size) => (size > MAX_ITEMS ? [`… ${size - MAX_ITEMS} more`] : []);

const bracket = (head, open, items, close) => {
  if (items.length === 0) return `${head}${open}${close}`;
  const line = open === '[' ? `${head}[${items.join(', ')}]` : `${head}{ ${items.join(', ')} }`;
  if (line.length <= 76 && !line.includes('\n')) return line;
  return `${head}${open}\n  ${items.join(',\n').replaceAll('\n', '\n  ')}\n${close}`;
};

shared.inspect = (value) => show(value, 0, []);
shared.hooks.inspect = (value) => shared.idl.usv(shared.inspect(value));
