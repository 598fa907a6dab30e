// What else a script finds on its global object.

/** [Location](https://html.spec.whatwg.org/multipage/nav-history-apis.html#location) of a worker: it goes nowhere. */
const location = Object.create({}, { [Symbol.toStringTag]: { value: "WorkerLocation", configurable: true } });
{
  const parts = native.location();
  for (const name of ["href", "origin", "protocol", "host", "hostname", "port", "pathname", "search", "hash"]) {
    Object.defineProperty(location, name, { get: () => parts[name], enumerable: true, configurable: true });
  }
  Object.defineProperty(location, "toString", { value: () => parts.href, enumerable: true });
}
