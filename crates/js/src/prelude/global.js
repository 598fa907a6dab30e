// The global: a worker's, without its name. https://html.spec.whatwg.org/multipage/webappapis.html

const { idl } = shared;
const { ErrorEvent, Object, PromiseRejectionEvent, String } = globalThis;

for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent']) {
  Object.defineProperty(globalThis, name, Object.getOwnPropertyDescriptor(EventTarget.prototype, name));
}
shared.handlers(globalThis, ['error', 'unhandledrejection', 'rejectionhandled', 'load', 'message', 'online', 'offline']);

// A [Replaceable] attribute: what a script assigns takes its place.
const attribute = (name, value) => {
  const property = { enumerable: true, configurable: true };
  const set = (other) => Object.defineProperty(globalThis, name, { ...property, value: other, writable: true });
  Object.defineProperty(globalThis, name, { ...property, get: () => value, set });
};
shared.attribute = attribute;
attribute('self', globalThis);
attribute('origin', host.origin);
attribute('isSecureContext', /^(https:|http:\/\/(localhost|127\.|\[::1\]))/.test(host.url));
attribute('crossOriginIsolated', false);

// https://html.spec.whatwg.org/multipage/webappapis.html#report-an-exception
shared.report = (error) => {
  if (shared.isOutOfMemory(error)) suspectLackOfMemory();
  try {
    report(error);
  } catch {
    // The stack is too deep, or the memory too full, to report it now.
    unreported.push(error);
    suspectLackOfMemory();
  }
};
const unreported = [];
// How often null was thrown: it is reported when it is known that memory was not the cause.
let nulls = 0;
// Whether something may have failed because there was no memory.
let mayLackMemory = false;
const suspectLackOfMemory = () => {
  mayLackMemory = true;
  host.requestCheckpoint();
};
const report = (error) => {
  const isError = shared.isError(error);
  const message = shared.safely(() => {
    if (isError) return `${error.name}: ${error.message}`;
    return host.proxyTarget(error) === undefined ? String(error) : '[object Object]';
  }, '[object Object]');
  const stack = isError ? shared.safely(() => `${error.stack}`, '') : '';
  const place = /\(?([^\s()]+):(\d+):(\d+)\)?/.exec(stack) ?? [];
  const init = shared.muted?.has(place[1]) ? { __proto__: null, message: 'Script error.', cancelable: true } : {
    __proto__: null,
    message: `Uncaught ${message}`, filename: place[1] ?? '', lineno: place[2] ?? 0, colno: place[3] ?? 0, error,
    cancelable: true,
  };
  let handled = false;
  if (!reporting) {
    reporting = true;
    try {
      handled = !shared.fire(globalThis, 'error', ErrorEvent, init);
    } finally {
      reporting = false;
    }
  }
  if (handled) return;
  if (error === null) nulls += 1;
  else host.uncaught(shared.describe(error));
};
let reporting = false;
shared.hooks.report = (error) => shared.report(error);
globalThis.reportError = function reportError(e) {
  idl.required(arguments, 1, 'reportError');
  shared.report(e);
};

// https://html.spec.whatwg.org/multipage/webappapis.html#unhandled-promise-rejections
let rejected = new shared.Map();
shared.hooks.rejection = (promise, reason, handled) => {
  if (handled) rejected.delete(promise);
  else rejected.set(promise, reason);
};
// Returns whether the memory has to be checked first; then nothing has been reported yet.
shared.hooks.checkpoint = () => {
  if (!mayLackMemory && rejected.size === 0) return false;
  let look = mayLackMemory;
  rejected.forEach((reason) => { look ||= shared.isOutOfMemory(reason); });
  mayLackMemory = false;
  if (!look) reportErrors();
  return look;
};
const reportErrors = () => {
  for (const error of unreported.splice(0)) {
    try {
      report(error);
    } catch {
      host.uncaught(`${error?.message}`);
    }
  }
  for (; nulls > 0; nulls -= 1) host.uncaught('null');
  if (rejected.size === 0) return;
  const all = rejected;
  rejected = new shared.Map();
  all.forEach((reason, promise) => {
    const init = { __proto__: null, promise, reason, cancelable: true };
    if (shared.fire(globalThis, 'unhandledrejection', PromiseRejectionEvent, init)) host.uncaught(`(in promise) ${shared.describe(reason)}`);
  });
};
shared.hooks.reportErrors = reportErrors;
shared.hooks.discardErrors = () => {
  unreported.length = 0;
  nulls = 0;
  mayLackMemory = false;
  rejected.clear();
};

class Navigator {
  get userAgent() { return host.userAgent; }
  get language() { return 'en'; }
  get languages() { return Object.freeze(['en']); }
  get onLine() { return true; }
  get hardwareConcurrency() { return 1; }
  get platform() { return ''; }
}
shared.expose(Navigator);
attribute('navigator', new Navigator());

class Performance extends EventTarget {
  get timeOrigin() { return origin; }
  now() { return host.now(); }
  mark() {}
  measure() {}
  getEntries() { return []; }
  getEntriesByName() { return []; }
  getEntriesByType() { return []; }
  toJSON() { return { timeOrigin: origin }; }
}
const origin = Date.now() - host.now();
shared.expose(Performance);
attribute('performance', new Performance());
