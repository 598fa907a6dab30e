// The rest of a worker's global scope.

class WorkerNavigator {
  get userAgent() { return native.userAgent(); }
  get appName() { return "Netscape"; }
  get appCodeName() { return "Mozilla"; }
  get product() { return "Gecko"; }
  get platform() { return ""; }
  get language() { return "en-US"; }
  get languages() { return Object.freeze(["en-US"]); }
  get onLine() { return true; }
  get hardwareConcurrency() { return 1; }
  sendBeacon(url, data = null) {
    require(arguments, 1, "sendBeacon");
    const parts = native.urlParse(toUsv(url), location.href);
    if (parts === null || !["http:", "https:"].includes(parts.protocol)) throw new TypeError(`'${url}' is no URL of HTTP`);
    const body = data === null || data === undefined ? null : { ...extractBody(data, { keepalive: true }), used: false };
    if (body && body.bytes.byteLength > 64 * 1024) return false;
    const type = body?.type ?? null;
    const plain = type === null || native.noCorsSafelisted("content-type", type);
    const headers = makeHeaders(type === null ? [] : [["Content-Type", type]], "request");
    const request = {
      url: parts.href, method: "POST", mode: plain ? "no-cors" : "cors", credentials: "include", cache: "default",
      redirect: "follow", referrer: "about:client", referrerPolicy: "", headers,
    };
    const nothing = () => {};
    startFetch(request, body, { head: nothing, chunk: nothing, end: nothing, failed: nothing });
    return true;
  }
}
exposeClass(WorkerNavigator, {}, { hidden: true });

/** [structuredClone](https://html.spec.whatwg.org/multipage/structured-data.html#dom-structuredclone), for what can be here. */
function cloneValue(value, seen) {
  if (typeof value === "symbol" || typeof value === "function") {
    throw new DOMException(`${typeof value === "function" ? "a function" : "a symbol"} cannot be cloned`, "DataCloneError");
  }
  if (!isObject(value)) return value;
  if (seen.has(value)) return seen.get(value);
  const remember = (copy) => { seen.set(value, copy); return copy; };
  if (value instanceof Date) return remember(new Date(value.getTime()));
  if (value instanceof RegExp) return remember(new RegExp(value.source, value.flags));
  if (value instanceof Boolean || value instanceof Number || value instanceof String) return remember(Object(value.valueOf()));
  if (value instanceof ArrayBuffer) return remember(value.slice(0));
  if (ArrayBuffer.isView(value)) {
    const buffer = cloneValue(value.buffer, seen);
    return remember(new value.constructor(buffer, value.byteOffset, value.length ?? value.byteLength));
  }
  if (value instanceof Map) {
    const copy = remember(new Map());
    for (const [k, v] of [...value]) copy.set(cloneValue(k, seen), cloneValue(v, seen));
    return copy;
  }
  if (value instanceof Set) {
    const copy = remember(new Set());
    for (const item of [...value]) copy.add(cloneValue(item, seen));
    return copy;
  }
  if (value instanceof DOMException) return remember(new DOMException(value.message, value.name));
  if (value instanceof Error) {
    const kinds = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
    const copy = remember(new (kinds[value.name] ?? Error)(value.message));
    copy.stack = value.stack;
    return copy;
  }
  if (value instanceof File) return remember(new File([value], value.name, { type: value.type, lastModified: value.lastModified }));
  if (value instanceof Blob) return remember(makeBlob(blobOf(value).bytes, value.type));
  const isPlain = Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value)) || !(Symbol.toStringTag in value);
  if (!isPlain) throw new DOMException(`${value[Symbol.toStringTag]} cannot be cloned`, "DataCloneError");
  const copy = remember(Array.isArray(value) ? new Array(value.length) : {});
  for (const key of Object.keys(value)) copy[key] = cloneValue(value[key], seen);
  return copy;
}

exposeFunctions({
  structuredClone(value) {
    require(arguments, 1, "structuredClone");
    return cloneValue(value, new Map());
  },
  addEventListener: EventTarget.prototype.addEventListener,
  removeEventListener: EventTarget.prototype.removeEventListener,
  dispatchEvent: EventTarget.prototype.dispatchEvent,
});

for (const type of ["error", "unhandledrejection", "rejectionhandled", "load", "message", "online", "offline"]) {
  handlerAttribute(globalThis, type);
}

class Crypto {
  getRandomValues(view) {
    if (!ArrayBuffer.isView(view)) throw new TypeError("that is no view of a buffer");
    if (view.byteLength > 65536) throw new DOMException("more than 65536 bytes at once", "QuotaExceededError");
    new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(new Uint8Array(native.random(view.byteLength)));
    return view;
  }
  randomUUID() {
    const bytes = new Uint8Array(native.random(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }
}
exposeClass(Crypto, {}, { hidden: true });

for (const [name, value] of Object.entries({
  self: globalThis,
  location,
  navigator: new WorkerNavigator(),
  crypto: new Crypto(),
  isSecureContext: native.isSecureContext(),
  crossOriginIsolated: false,
})) {
  Object.defineProperty(globalThis, name, { get: () => value, enumerable: true, configurable: true });
}
// A script may put something else there.
Object.defineProperty(globalThis, "origin", { value: location.origin, writable: true, enumerable: true, configurable: true });
