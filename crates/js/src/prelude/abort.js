// https://dom.spec.whatwg.org/#aborting-ongoing-activities

const { idl, expose } = shared;
const { Math, Number } = globalThis;
const privateKey = Symbol();

class AbortSignal extends EventTarget {
  #aborted = false;
  #reason = undefined;
  #steps = new shared.Set();
  #sources = new shared.Set();
  #dependents = new shared.Set();
  #dependent = false;

  constructor(key) {
    if (key !== privateKey) throw new TypeError('Illegal constructor');
    super();
  }
  static abort(reason = undefined) {
    const signal = new AbortSignal(privateKey);
    signal.#aborted = true;
    signal.#reason = reason === undefined ? shared.domException('AbortError', 'the operation was aborted') : reason;
    return signal;
  }
  static timeout(milliseconds) {
    idl.required(arguments, 1, 'timeout');
    const delay = idl.enforceRange(milliseconds, 0, Number.MAX_SAFE_INTEGER);
    const signal = new AbortSignal(privateKey);
    shared.queueTask(() => signal.#abort(shared.domException('TimeoutError', 'the operation took too long')), Math.min(delay, 2 ** 31 - 1));
    return signal;
  }
  static any(signals) {
    idl.required(arguments, 1, 'any');
    return dependentSignal([...signals]);
  }
  static dependentSignal(list) {
    for (let i = 0; i < list.length; i++) if (!is(list[i])) throw new TypeError('an item is no AbortSignal');
    const result = new AbortSignal(privateKey);
    for (let i = 0; i < list.length; i++) {
      if (!list[i].#aborted) continue;
      result.#aborted = true;
      result.#reason = list[i].#reason;
      return result;
    }
    result.#dependent = true;
    const follow = (source) => {
      result.#sources.add(source);
      source.#dependents.add(result);
    };
    for (let i = 0; i < list.length; i++) {
      if (list[i].#dependent) list[i].#sources.forEach(follow);
      else follow(list[i]);
    }
    return result;
  }
  get aborted() { return this.#aborted; }
  get reason() { return this.#reason; }
  throwIfAborted() { if (this.#aborted) throw this.#reason; }

  // https://dom.spec.whatwg.org/#abortsignal-signal-abort
  #abort(reason) {
    if (this.#aborted) return;
    const why = reason === undefined ? shared.domException('AbortError', 'the operation was aborted') : reason;
    const all = new shared.Set();
    const take = (signal) => {
      if (signal.#aborted) return;
      signal.#aborted = true;
      signal.#reason = why;
      all.add(signal);
    };
    take(this);
    this.#dependents.forEach(take);
    all.forEach((signal) => {
      const steps = signal.#steps;
      signal.#steps = new shared.Set();
      steps.forEach((step) => step());
      shared.fire(signal, 'abort');
    });
  }
  static steps(signal, step) {
    if (!signal.#aborted) signal.#steps.add(step);
    return () => { signal.#steps.delete(step); };
  }
  // Follows nothing any more.
  static unfollow(signal) {
    signal.#sources.forEach((source) => source.#dependents.delete(signal));
    signal.#sources = new shared.Set();
  }
  static is(value) { return idl.isObject(value) && #aborted in value; }
  static make() { return new AbortSignal(privateKey); }
  static fire(signal, reason) { signal.#abort(reason); }
}
const { make, fire, is, dependentSignal } = AbortSignal;
shared.isSignal = is;
// Adds an abort algorithm; gives the function that removes it.
shared.addAbortStep = AbortSignal.steps;
delete AbortSignal.steps;
// Lets go of what a signal follows, which would keep it: for one that no script sees.
shared.unfollowSignal = AbortSignal.unfollow;
delete AbortSignal.unfollow;
delete AbortSignal.make;
delete AbortSignal.fire;
delete AbortSignal.is;
delete AbortSignal.dependentSignal;
shared.handlers(AbortSignal.prototype, ['abort']);
shared.makeSignal = make;
// A signal that follows another one, as a Request's does.
shared.followSignal = (signal) => dependentSignal([signal]);

class AbortController {
  #signal = make();
  get signal() { return this.#signal; }
  abort(reason = undefined) { fire(this.#signal, reason); }
}
Object.defineProperty(AbortController.prototype.abort, 'length', { value: 0 });
expose(AbortSignal);
expose(AbortController);
