// https://dom.spec.whatwg.org/#events, for targets without parents.

const { idl, expose, constants, call } = shared;
const { Object } = globalThis;

// https://dom.spec.whatwg.org/#stop-propagation-flag and the other flags, in one number.
const BUBBLES = 1;
const CANCELABLE = 2;
const COMPOSED = 4;
const CANCELED = 8;
const PASSIVE = 64;
const DISPATCHING = 128;
const TRUSTED = 256;

// The natives keep the listeners. The flags of a listener, in one number:
const listeners = host.listeners;
const { CAPTURES, ONCE, PASSIVE: IS_PASSIVE, HANDLER, STOPPED, STOPPED_AT_ONCE, make, hasListener, setHandler } = listeners;
const { now } = host;

// In place of what a script gives: an event that is fired, and what its progress is.
const internalInit = { __proto__: null, loaded: 0, total: 0 };

// No private method: it would be one more property of each event.
class Event {
  #type;
  #flags;
  #target = null;
  #time = now();

  constructor(type, eventInitDict = undefined) {
    this.#flags = 0;
    if (eventInitDict === internalInit) {
      this.#type = type;
      return;
    }
    idl.required(arguments, 1, 'Event');
    this.#type = idl.string(type);
    if (eventInitDict === undefined) return;
    const { bubbles, cancelable, composed } = idl.dictionary(eventInitDict, 'eventInitDict');
    this.#flags = (bubbles ? BUBBLES : 0) | (cancelable ? CANCELABLE : 0) | (composed ? COMPOSED : 0);
  }
  get type() { return this.#type; }
  get target() { return this.#target; }
  get srcElement() { return this.#target; }
  // There are no parents: what is dispatched is at its target.
  get currentTarget() { return this.#flags & DISPATCHING ? this.#target : null; }
  composedPath() { return this.#flags & DISPATCHING ? [this.#target] : []; }
  get eventPhase() { return this.#flags & DISPATCHING ? 2 : 0; }
  stopPropagation() { this.#flags |= STOPPED; }
  get cancelBubble() { return (this.#flags & STOPPED) !== 0; }
  set cancelBubble(value) { if (value) this.#flags |= STOPPED; }
  stopImmediatePropagation() { this.#flags |= STOPPED | STOPPED_AT_ONCE; }
  get bubbles() { return (this.#flags & BUBBLES) !== 0; }
  get cancelable() { return (this.#flags & CANCELABLE) !== 0; }
  get returnValue() { return (this.#flags & CANCELED) === 0; }
  set returnValue(value) { if (!value) this.preventDefault(); }
  preventDefault() { if ((this.#flags & (CANCELABLE | PASSIVE)) === CANCELABLE) this.#flags |= CANCELED; }
  get defaultPrevented() { return (this.#flags & CANCELED) !== 0; }
  get composed() { return (this.#flags & COMPOSED) !== 0; }
  get isTrusted() { return (this.#flags & TRUSTED) !== 0; }
  get timeStamp() { return this.#time; }
  initEvent(type, bubbles = false, cancelable = false) {
    idl.required(arguments, 1, 'initEvent');
    if (this.#flags & DISPATCHING) return;
    this.#flags = (this.#flags & COMPOSED) | (bubbles ? BUBBLES : 0) | (cancelable ? CANCELABLE : 0);
    this.#target = null;
    this.#type = idl.string(type);
  }

  // Not for scripts: taken away below.
  static dispatch(event, target, list, trusted) {
    const flags = event.#flags;
    if (!trusted && flags & DISPATCHING) throw shared.domException('InvalidStateError', 'the event is being dispatched');
    event.#flags = (flags & ~TRUSTED) | DISPATCHING | trusted;
    event.#target = target;
    if (!(flags & STOPPED)) listeners.dispatch(list, event.#type, invoke, event, target);
    endDispatch(event);
    return !(event.#flags & CANCELED);
  }
  // The start and the end of the dispatch of a new, trusted event, for natives that invoke the listeners themselves.
  static beginDispatch(event, target) {
    event.#flags |= DISPATCHING | TRUSTED;
    event.#target = target;
  }
  static endDispatch(event) { event.#flags &= ~(DISPATCHING | STOPPED | STOPPED_AT_ONCE); }
  static is(value) { return idl.isObject(value) && #flags in value; }
  // Called for each listener; returns the flags that stop the event.
  static invoke(event, target, callback, flags) {
    if (flags & IS_PASSIVE) event.#flags |= PASSIVE;
    try {
      if (!(flags & HANDLER)) {
        if (typeof callback === 'function') call(callback, target, event);
        else call(handleEventOf(callback), callback, event);
      } else if (typeof callback === 'function') {
        if (target === self && event.#type === 'error' && event instanceof ErrorEvent) {
          const { message, filename, lineno, colno, error } = event;
          if (call(callback, target, message, filename, lineno, colno, error) === true) cancel(event);
        } else if (call(callback, target, event) === false) {
          cancel(event);
        }
      }
    } catch (error) {
      shared.report(error);
    }
    if (flags & IS_PASSIVE) event.#flags &= ~PASSIVE;
    return event.#flags & (STOPPED | STOPPED_AT_ONCE);
  }
}
const { dispatch, beginDispatch, endDispatch, invoke, is: isEvent } = Event;
for (const name of ['dispatch', 'beginDispatch', 'endDispatch', 'invoke', 'is']) delete Event[name];

// Whatever a script does to the prototype.
const cancel = (event) => call(preventDefault, event);
const { preventDefault } = Event.prototype;

const handleEventOf = (callback) => {
  const handle = callback.handleEvent;
  if (typeof handle !== 'function') throw new TypeError('handleEvent is no function');
  return handle;
};

// The global, and its listeners: it is older than its class.
const self = globalThis;
const globalListeners = make();

const checkCallback = (callback) => {
  if (callback !== null && callback !== undefined && !idl.isObject(callback)) {
    throw new TypeError('the listener is neither a function nor an object');
  }
};
const flatten = (options) => ((idl.isObject(options) ? options.capture : options) ? CAPTURES : 0);

class EventTarget {
  #listeners = make();
  // Not for scripts: taken away below.
  static listenersOf(object) {
    if (object === self || object === undefined || object === null) return globalListeners;
    try {
      return object.#listeners;
    } catch {
      throw new TypeError('Illegal invocation');
    }
  }
  addEventListener(type, callback, options = undefined) {
    idl.required(arguments, 2, 'addEventListener');
    const list = listenersOf(this);
    const name = idl.string(type);
    checkCallback(callback);
    let flags = flatten(options);
    let signal;
    if (idl.isObject(options)) {
      if (options.once) flags |= ONCE;
      if (options.passive) flags |= IS_PASSIVE;
      signal = options.signal;
    }
    if (signal !== undefined && !shared.isSignal(signal)) throw new TypeError('the signal is no AbortSignal');
    if (callback === null || callback === undefined || signal?.aborted) return;
    const number = listeners.add(list, name, callback, flags);
    if (signal && number !== undefined) shared.addAbortStep(signal, () => listeners.removeById(list, number));
  }
  removeEventListener(type, callback, options = undefined) {
    idl.required(arguments, 2, 'removeEventListener');
    const list = listenersOf(this);
    checkCallback(callback);
    listeners.remove(list, idl.string(type), callback, flatten(options));
  }
  dispatchEvent(event) {
    idl.required(arguments, 1, 'dispatchEvent');
    const list = listenersOf(this);
    if (!isEvent(event)) throw new TypeError('the argument is no Event');
    return dispatch(event, this ?? globalThis, list, 0);
  }
}
const { listenersOf } = EventTarget;
shared.listenersOf = listenersOf;
delete EventTarget.listenersOf;
Object.defineProperty(EventTarget.prototype.addEventListener, 'length', { value: 2 });

// https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-attributes
shared.handlers = (object, types, listOf = listenersOf) => {
  for (const type of types) {
    const accessors = Object.getOwnPropertyDescriptor({
      get [`on${type}`]() { return listeners.handler(listOf(this), type); },
      set [`on${type}`](value) { setHandler(listOf(this), type, value); },
    }, `on${type}`);
    Object.defineProperty(object, `on${type}`, { ...accessors, enumerable: true, configurable: true });
  }
};

// Fires an event, and returns whether it was not cancelled. Without a listener, no event is made.
shared.fire = (target, type, Kind = Event, init = internalInit) => {
  const list = listenersOf(target);
  return hasListener(list, type) ? dispatch(new Kind(type, init), target, list, TRUSTED) : true;
};
// Fires a ProgressEvent.
shared.fireProgress = (target, type, loaded, total) => {
  const list = listenersOf(target);
  if (!hasListener(list, type)) return;
  internalInit.loaded = loaded;
  internalInit.total = total;
  dispatch(new ProgressEvent(type, internalInit), target, list, TRUSTED);
};
// For natives that invoke the listeners themselves: makes an event, and begins its dispatch.
shared.beginEvent = (target, type, Kind, loaded, total) => {
  internalInit.loaded = loaded;
  internalInit.total = total;
  const event = new Kind(type, internalInit);
  beginDispatch(event, target);
  return event;
};
shared.invokeListener = invoke;
shared.endEvent = endDispatch;

class CustomEvent extends Event {
  #detail;
  constructor(type, eventInitDict = undefined) {
    idl.required(arguments, 1, 'CustomEvent');
    super(type, eventInitDict);
    this.#detail = idl.dictionary(eventInitDict).detail ?? null;
  }
  get detail() { return this.#detail; }
  initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
    this.initEvent(type, bubbles, cancelable);
    this.#detail = detail;
  }
}

class ProgressEvent extends Event {
  // Whether the length is computable, what is loaded, and the total: three fields would cost as much again.
  #progress;
  constructor(type, eventInitDict = undefined) {
    super(type, eventInitDict);
    if (eventInitDict === internalInit) {
      this.#progress = [internalInit.total !== 0, internalInit.loaded, internalInit.total];
      return;
    }
    idl.required(arguments, 1, 'ProgressEvent');
    const { lengthComputable, loaded, total } = idl.dictionary(eventInitDict);
    this.#progress = [
      !!lengthComputable,
      loaded === undefined ? 0 : idl.double(loaded),
      total === undefined ? 0 : idl.double(total),
    ];
  }
  get lengthComputable() { return this.#progress[0]; }
  get loaded() { return this.#progress[1]; }
  get total() { return this.#progress[2]; }
}

class ErrorEvent extends Event {
  #init;
  constructor(type, eventInitDict = undefined) {
    idl.required(arguments, 1, 'ErrorEvent');
    super(type, eventInitDict);
    this.#init = { __proto__: null, ...idl.dictionary(eventInitDict) };
  }
  get message() { return idl.string(this.#init.message ?? ''); }
  get filename() { return idl.string(this.#init.filename ?? ''); }
  get lineno() { return idl.unsignedLong(this.#init.lineno ?? 0); }
  get colno() { return idl.unsignedLong(this.#init.colno ?? 0); }
  get error() { return this.#init.error; }
}

class PromiseRejectionEvent extends Event {
  #promise;
  #reason;
  constructor(type, eventInitDict) {
    idl.required(arguments, 2, 'PromiseRejectionEvent');
    super(type, eventInitDict);
    this.#promise = eventInitDict.promise;
    this.#reason = eventInitDict.reason;
  }
  get promise() { return this.#promise; }
  get reason() { return this.#reason; }
}

class MessageEvent extends Event {
  #init;
  constructor(type, eventInitDict = undefined) {
    idl.required(arguments, 1, 'MessageEvent');
    super(type, eventInitDict);
    this.#init = { __proto__: null, ...idl.dictionary(eventInitDict) };
  }
  get data() { return this.#init.data === undefined ? null : this.#init.data; }
  get origin() { return idl.usv(this.#init.origin ?? ''); }
  get lastEventId() { return idl.string(this.#init.lastEventId ?? ''); }
  get source() { return null; }
  get ports() { return Object.freeze([]); }
}

for (const type of [Event, EventTarget, CustomEvent, ProgressEvent, ErrorEvent, PromiseRejectionEvent, MessageEvent]) {
  expose(type);
}
constants(Event, { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 });
