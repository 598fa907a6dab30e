// https://console.spec.whatwg.org/

const format = (args) => {
  const rest = [...args];
  const parts = [];
  if (typeof rest[0] === 'string' && rest.length > 1) {
    parts.push(rest.shift().replace(/%[sdifoOjc%]/g, (directive) => {
      if (directive === '%%') return '%';
      if (rest.length === 0) return directive;
      const value = rest.shift();
      switch (directive) {
        case '%s': return typeof value === 'string' ? value : shared.inspect(value);
        case '%d': case '%i': return number(Number.parseInt, value);
        case '%f': return number(Number.parseFloat, value);
        case '%c': return '';
        default: return shared.inspect(value);
      }
    }));
  }
  for (const value of rest) parts.push(typeof value === 'string' ? value : shared.inspect(value));
  return parts.join(' ');
};

// What is no number, also for what would throw on the way to one.
const number = (parse, value) => {
  if (typeof value === 'symbol' || host.proxyTarget(value) !== undefined) return 'NaN';
  return shared.safely(() => String(parse(value)), 'NaN');
};

let indentation = '';
const print = (level, text) => host.print(level, shared.idl.usv(indentation + text.replaceAll('\n', `\n${indentation}`)));
const counts = new Map();
const times = new Map();
const label = (value) => (value === undefined ? 'default' : `${value}`);

const methods = {
  log(...data) { print('log', format(data)); },
  info(...data) { print('log', format(data)); },
  debug(...data) { print('log', format(data)); },
  warn(...data) { print('warn', format(data)); },
  error(...data) { print('error', format(data)); },
  dir(item) { print('log', shared.inspect(item)); },
  dirxml(...data) { print('log', format(data)); },
  table(data) { print('log', shared.inspect(data)); },
  trace(...data) { print('log', `Trace: ${format(data)}\n${new Error().stack.trimEnd()}`); },
  assert(condition = false, ...data) {
    if (!condition) print('error', data.length ? `Assertion failed: ${format(data)}` : 'Assertion failed');
  },
  clear() {},
  count(name) {
    const key = label(name);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    print('log', `${key}: ${counts.get(key)}`);
  },
  countReset(name) { counts.delete(label(name)); },
  group(...data) {
    if (data.length) print('log', format(data));
    indentation += '  ';
  },
  groupCollapsed(...data) { methods.group(...data); },
  groupEnd() { indentation = indentation.slice(2); },
  time(name) { times.set(label(name), host.now()); },
  timeLog(name, ...data) {
    const key = label(name);
    if (times.has(key)) print('log', format([`${key}: ${(host.now() - times.get(key)).toFixed(3)} ms`, ...data]));
  },
  timeEnd(name) {
    methods.timeLog(name);
    times.delete(label(name));
  },
};
const console = Object.create({});
Object.assign(console, methods);
Object.defineProperty(console, Symbol.toStringTag, { value: 'console', configurable: true });
Object.defineProperty(globalThis, 'console', { value: console, writable: true, configurable: true });
