// The hooks of the prompt: values of promises, and completions.

const { Object, Set } = globalThis;
const evaluate = globalThis.eval;
const then = Promise.prototype.then;
let outcome;

// An evaluation gives the promise of an object with its value; if that is a promise, it is waited for as well. A proxy is not
// asked whether it is one.
shared.hooks.settle = (promise) => {
  outcome = undefined;
  const unwrapped = (async () => {
    const { value } = await promise;
    return [host.proxyTarget(value) === undefined ? await value : value];
  })();
  then.call(unwrapped, ([value]) => {
    globalThis._ = value;
    outcome = ['value', shared.idl.usv(shared.inspect(value))];
  }, (error) => { outcome = ['error', shared.describe(error)]; });
};
shared.hooks.settled = () => outcome;

const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

// The names that go on from `path`, a chain of names ('' is the global), with the start `start`.
shared.hooks.complete = (path, start) => {
  let object = globalThis;
  if (path !== '') {
    if (!path.split('.').every((name) => NAME.test(name))) return [];
    try {
      object = evaluate(path);
    } catch {
      return [];
    }
  }
  const found = new Set();
  const wanted = (name) => name.startsWith(start) && NAME.test(name) && (start !== '' || !name.startsWith('__'));
  let at = object === null || object === undefined ? null : Object(object);
  for (let depth = 0; at !== null && depth < 20; depth++) {
    for (const name of Object.getOwnPropertyNames(at)) if (wanted(name)) found.add(name);
    at = Object.getPrototypeOf(at);
  }
  return [...found].sort();
};
