// https://dom.spec.whatwg.org/#aborting-ongoing-activities

const { idl, expose } = shared;
const ours = Symbol();

class AbortSignal extends EventTarget {
  #aborted = false;
  #reason = undefined;
  #steps = [];
  #sources = [];
  #dependents = new Set();
  #dependent = false;

  constructor(key) {
    if (key !== ours) throw new TypeError('Illegal constructor');
    super();
  }
  static abort(reason = undefined) {
    const signal = new AbortSignal(ours);
    signal.#aborted = true;
    signal.#reason = reason === undefined ? shared.dom('AbortError', 'the operation was aborted') : reason;
    return signal;
  }
  static timeout(milliseconds) {
    idl.required(arguments, 1, 'timeout');
    const delay = idl.enforceRange(milliseconds, 0, Number.MAX_SAFE_INTEGER);
    const signal = new AbortSignal(ours);
    shared.later(() => signal.#abort(shared.dom('TimeoutError', 'the operation took too long')), Math.min(delay, 2 ** 31 - 1));
    return signal;
  }
  static any(signals) {
    idl.required(arguments, 1, 'any');
    const list = [...signals];
    if (list.some((it) => !(it instanceof AbortSignal))) throw new TypeError('an item is no AbortSignal');
    const result = new AbortSignal(ours);
    const done = list.find((it) => it.#aborted);
    if (done) {
      result.#aborted = true;
      result.#reason = done.#reason;
      return result;
    }
    result.#dependent = true;
    for (const signal of list) {
      for (const source of signal.#dependent ? signal.#sources : [signal]) {
        if (!result.#sources.includes(source)) result.#sources.push(source);
        source.#dependents.add(result);
      }
    }
    return result;
  }
  get aborted() { return this.#aborted; }
  get reason() { return this.#reason; }
  throwIfAborted() { if (this.#aborted) throw this.#reason; }

  // https://dom.spec.whatwg.org/#abortsignal-signal-abort
  #abort(reason) {
    if (this.#aborted) return;
    const all = [this, ...[...this.#dependents].filter((it) => !it.#aborted)];
    for (const signal of all) {
      signal.#aborted = true;
      signal.#reason = reason === undefined ? shared.dom('AbortError', 'the operation was aborted') : reason;
      reason = signal.#reason;
    }
    for (const signal of all) {
      const steps = signal.#steps;
      signal.#steps = [];
      for (const step of steps) step();
      shared.fire(signal, 'abort');
    }
  }
  static steps(signal, step) {
    if (!signal.#aborted) signal.#steps.push(step);
    return () => { signal.#steps = signal.#steps.filter((it) => it !== step); };
  }
  // Follows nothing any more.
  static leave(signal) {
    for (const source of signal.#sources) source.#dependents.delete(signal);
    signal.#sources = [];
  }
  static make() { return new AbortSignal(ours); }
  static fire(signal, reason) { signal.#abort(reason); }
}
const { make, fire } = AbortSignal;
// Adds an abort algorithm; gives the function that removes it.
shared.addAbortStep = AbortSignal.steps;
delete AbortSignal.steps;
// Lets go of what a signal follows, which would keep it: for one that no script sees.
shared.leaveSignal = AbortSignal.leave;
delete AbortSignal.leave;
delete AbortSignal.make;
delete AbortSignal.fire;
shared.handlers(AbortSignal.prototype, ['abort']);
shared.makeSignal = make;
// A signal that follows another one, as a Request's does.
shared.followSignal = (signal) => AbortSignal.any([signal]);

class AbortController {
  #signal = make();
  get signal() { return this.#signal; }
  abort(reason = undefined) { fire(this.#signal, reason); }
}
Object.defineProperty(AbortController.prototype.abort, 'length', { value: 0 });
expose(AbortSignal);
expose(AbortController);
