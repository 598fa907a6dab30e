// `AbortController` and `AbortSignal` (https://dom.spec.whatwg.org/#aborting-ongoing-activities).

const signals = new WeakMap();
let makingSignal = false;

class AbortSignal extends EventTarget {
  constructor() {
    if (!makingSignal) throw new TypeError("Illegal constructor");
    super();
    signals.set(this, { aborted: false, reason: undefined, steps: [], followers: [] });
  }
  get aborted() { return signalState(this).aborted; }
  get reason() { return signalState(this).reason; }
  throwIfAborted() {
    const state = signalState(this);
    if (state.aborted) throw state.reason;
  }
  static abort(reason) {
    const signal = makeSignal();
    const state = signalState(signal);
    state.aborted = true;
    state.reason = reason === undefined ? new DOMException("The operation was aborted", "AbortError") : reason;
    return signal;
  }
  static timeout(milliseconds) {
    require(arguments, 1, "AbortSignal.timeout");
    const delay = toInteger(milliseconds, 0, Number.MAX_SAFE_INTEGER);
    const signal = makeSignal();
    startTimer(() => abortSignal(signal, new DOMException("The operation took too long", "TimeoutError")), delay, [], false);
    return signal;
  }
  static any(list) {
    require(arguments, 1, "AbortSignal.any");
    return dependentSignal(toSequence(list, (item) => {
      if (!(item instanceof AbortSignal)) throw new TypeError("one of them is no AbortSignal");
      return item;
    }));
  }
}

function signalState(signal) {
  const state = signals.get(signal);
  if (!state) throw new TypeError("this is no AbortSignal");
  return state;
}

function makeSignal() {
  makingSignal = true;
  try { return new AbortSignal(); } finally { makingSignal = false; }
}

function dependentSignal(sources) {
  const result = makeSignal();
  const aborted = sources.find((source) => signalState(source).aborted);
  if (aborted) {
    Object.assign(signalState(result), { aborted: true, reason: signalState(aborted).reason });
    return result;
  }
  for (const source of sources) signalState(source).followers.push(result);
  return result;
}

function abortSignal(signal, reason) {
  const state = signalState(signal);
  if (state.aborted) return;
  state.aborted = true;
  state.reason = reason === undefined ? new DOMException("The operation was aborted", "AbortError") : reason;
  const followers = state.followers.filter((follower) => !signalState(follower).aborted);
  for (const follower of followers) Object.assign(signalState(follower), { aborted: true, reason: state.reason });
  for (const one of [signal, ...followers]) {
    const steps = signalState(one).steps.splice(0);
    for (const step of steps) step();
    fire(one, new Event("abort"));
  }
}

/** Runs a step of the host's when the signal is aborted; gives what takes it back. */
function onAbort(signal, step) {
  const { steps } = signalState(signal);
  steps.push(step);
  return () => {
    const at = steps.indexOf(step);
    if (at >= 0) steps.splice(at, 1);
  };
}

handlerAttribute(AbortSignal.prototype, "abort");
exposeClass(AbortSignal);

class AbortController {
  #signal = makeSignal();
  get signal() { return this.#signal; }
  abort(reason) { abortSignal(this.#signal, reason); }
}
exposeClass(AbortController);
