// `console` (https://console.spec.whatwg.org/): to the host, which knows where a line belongs.

/** A value as a person reads it. */
function inspect(value, depth = 0, seen = []) {
  if (typeof value === "string") return depth === 0 ? value : JSON.stringify(value);
  if (typeof value === "symbol") return value.toString();
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[function ${value.name || "(anonymous)"}]`;
  if (!isObject(value)) return Object.is(value, -0) ? "-0" : String(value);
  if (seen.includes(value)) return "[circular]";
  if (value instanceof Error || value instanceof DOMException) return describe(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof URL) return value.href;
  const inner = [...seen, value];
  const show = (item) => inspect(item, depth + 1, inner);
  if (Array.isArray(value)) {
    return depth > 3 ? "[…]" : `[${value.slice(0, 100).map(show).join(", ")}${value.length > 100 ? ", …" : ""}]`;
  }
  const name = value.constructor?.name;
  const prefix = name && name !== "Object" ? `${name} ` : "";
  if (depth > 3) return `${prefix}{…}`;
  if (value instanceof Map) return `Map {${[...value].map(([k, v]) => `${show(k)} => ${show(v)}`).join(", ")}}`;
  if (value instanceof Set) return `Set {${[...value].map(show).join(", ")}}`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer {${value.byteLength} bytes}`;
  if (ArrayBuffer.isView(value)) return `${prefix}[${Array.from(value.length === undefined ? [] : value).slice(0, 100).join(", ")}]`;
  if (value instanceof Headers) return `Headers {${[...value].map(([k, v]) => `${k}: ${JSON.stringify(v)}`).join(", ")}}`;
  if (value instanceof Response) return `Response {status: ${value.status}, type: "${value.type}", url: "${value.url}"}`;
  const pairs = Object.keys(value).slice(0, 100).map((key) => {
    const label = /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
    let shown;
    try { shown = show(value[key]); } catch (error) { shown = `[threw ${describe(error)}]`; }
    return `${label}: ${shown}`;
  });
  return `${prefix}{${pairs.join(", ")}}`;
}

/** `%s`, `%d` and their like (https://console.spec.whatwg.org/#formatter). */
function format(args) {
  const rest = [...args];
  if (typeof rest[0] === "string" && rest.length > 1) {
    const text = rest.shift().replace(/%([sdifoOc%])/g, (whole, kind) => {
      if (kind === "%") return "%";
      if (rest.length === 0) return whole;
      const arg = rest.shift();
      if (kind === "s") return typeof arg === "string" ? arg : inspect(arg, 1);
      if (kind === "d" || kind === "i") return typeof arg === "symbol" ? "NaN" : String(parseInt(arg, 10));
      if (kind === "f") return typeof arg === "symbol" ? "NaN" : String(parseFloat(arg));
      return kind === "c" ? "" : inspect(arg, 1);
    });
    return [text, ...rest.map((arg) => inspect(arg))].join(" ");
  }
  return rest.map((arg) => inspect(arg)).join(" ");
}

{
  const counts = new Map();
  const timers = new Map();
  let indent = "";
  const print = (level, args) => native.print(level, format(args).replace(/^/gm, indent));
  const label = (value) => (value === undefined ? "default" : toText(value));
  const console = Object.create({}, { [Symbol.toStringTag]: { value: "console", configurable: true } });
  const methods = {
    log(...args) { print("log", args); },
    info(...args) { print("info", args); },
    debug(...args) { print("debug", args); },
    warn(...args) { print("warn", args); },
    error(...args) { print("error", args); },
    trace(...args) { print("error", ["Trace:", ...args]); },
    dir(value) { print("log", [inspect(value, 1)]); },
    dirxml(...args) { print("log", args); },
    table(value) { print("log", [inspect(value, 1)]); },
    assert(condition, ...args) { if (!condition) print("error", args.length ? ["Assertion failed:", ...args] : ["Assertion failed"]); },
    count(name) {
      const key = label(name);
      counts.set(key, (counts.get(key) ?? 0) + 1);
      print("log", [`${key}: ${counts.get(key)}`]);
    },
    countReset(name) { counts.delete(label(name)); },
    group(...args) { if (args.length) print("log", args); indent += "  "; },
    groupCollapsed(...args) { methods.group(...args); },
    groupEnd() { indent = indent.slice(2); },
    time(name) { timers.set(label(name), performance.now()); },
    timeLog(name, ...args) {
      const began = timers.get(label(name));
      if (began !== undefined) print("log", [`${label(name)}: ${(performance.now() - began).toFixed(3)} ms`, ...args]);
    },
    timeEnd(name) { methods.timeLog(name); timers.delete(label(name)); },
    clear() {},
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(console, name, { value, writable: true, configurable: true, enumerable: true });
  }
  expose("console", console);
}
