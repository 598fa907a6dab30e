// How a console shows values.

const { Array, ArrayBuffer, DOMException, Date, Error, Function, Map, Number, Object, Promise, RegExp, Set, String } = globalThis;
const quote = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
const MOST = 100;
const DEEPEST = 3;

const show = (value, depth, seen) => {
  switch (typeof value) {
    case 'string': return quote(value);
    case 'bigint': return `${value}n`;
    case 'symbol': return value.toString();
    case 'number': return Object.is(value, -0) ? '-0' : String(value);
    case 'function': {
      const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : 'Function';
      return `[${kind} ${value.name || '(anonymous)'}]`;
    }
    case 'object': break;
    default: return String(value);
  }
  if (value === null) return 'null';
  if (value instanceof Error || value instanceof DOMException) {
    return depth === 0 && value.stack ? shared.describe(value) : `[${value.name}: ${value.message}]`;
  }
  if (seen.includes(value)) return '[Circular]';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (depth > DEEPEST) return Array.isArray(value) ? '[Array]' : '[Object]';
  return compound(value, depth, [...seen, value]);
};

const compound = (value, depth, seen) => {
  const inner = (item) => show(item, depth + 1, seen);
  const more = (size) => (size > MOST ? [`… ${size - MOST} more`] : []);
  if (Array.isArray(value)) {
    return bracket('', '[', [...value.slice(0, MOST).map(inner), ...more(value.length)], ']');
  }
  if (shared.idl.isTypedArray(value)) {
    const items = [...value.subarray(0, MOST)].map(inner);
    return bracket(`${value.constructor.name}(${value.length}) `, '[', [...items, ...more(value.length)], ']');
  }
  if (value instanceof ArrayBuffer) return `ArrayBuffer(${value.byteLength})`;
  if (value instanceof Map) {
    return bracket(`Map(${value.size}) `, '{', [...value].map(([k, v]) => `${inner(k)} => ${inner(v)}`), '}');
  }
  if (value instanceof Set) return bracket(`Set(${value.size}) `, '{', [...value].map(inner), '}');
  if (value instanceof Promise) return 'Promise {}';
  const prototype = Object.getPrototypeOf(value);
  const name = prototype === null ? '[Object: null prototype]' : value.constructor?.name ?? 'Object';
  const keys = Object.keys(value);
  const shown = keys.slice(0, MOST).map((key) => {
    const property = Object.getOwnPropertyDescriptor(value, key);
    const text = property.get ? '[Getter]' : property.set ? '[Setter]' : inner(property.value);
    return `${/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? key : quote(key)}: ${text}`;
  });
  return bracket(name === 'Object' ? '' : `${name} `, '{', [...shown, ...more(keys.length)], '}');
};

const bracket = (head, open, items, close) => {
  if (items.length === 0) return `${head}${open}${close}`;
  const line = open === '[' ? `${head}[${items.join(', ')}]` : `${head}{ ${items.join(', ')} }`;
  if (line.length <= 76 && !line.includes('\n')) return line;
  return `${head}${open}\n  ${items.join(',\n').replaceAll('\n', '\n  ')}\n${close}`;
};

shared.inspect = (value) => show(value, 0, []);
shared.hooks.inspect = (value) => shared.idl.usv(shared.inspect(value));
