// https://dom.spec.whatwg.org/#events, for targets without parents.

const { idl, expose, constants } = shared;

// https://dom.spec.whatwg.org/#stop-propagation-flag and its kin, in one number.
const BUBBLES = 1;
const CANCELABLE = 2;
const COMPOSED = 4;
const CANCELED = 8;
const STOPPED = 16;
const STOPPED_AT_ONCE = 32;
const PASSIVE = 64;
const DISPATCHING = 128;
const TRUSTED = 256;

// What a listener is, in one number.
const CAPTURES = 1;
const ONCE = 2;
const IS_PASSIVE = 4;
const REMOVED = 8;
// An event handler, as `onload`.
const HANDLER = 16;

// In place of what a script gives: an event that is fired, and what its progress is.
const fired = { __proto__: null, loaded: 0, total: 0 };

class Event {
  #type;
  #flags;
  #target = null;
  #current = null;
  #time = host.now();

  constructor(type, eventInitDict = undefined) {
    this.#flags = 0;
    if (eventInitDict === fired) {
      this.#type = type;
      return;
    }
    idl.required(arguments, 1, 'Event');
    this.#type = idl.string(type);
    if (eventInitDict === undefined) return;
    const { bubbles, cancelable, composed } = idl.dictionary(eventInitDict, 'eventInitDict');
    this.#flags = (bubbles ? BUBBLES : 0) | (cancelable ? CANCELABLE : 0) | (composed ? COMPOSED : 0);
  }
  #is(flag) { return (this.#flags & flag) !== 0; }
  get type() { return this.#type; }
  get target() { return this.#target; }
  get srcElement() { return this.#target; }
  get currentTarget() { return this.#current; }
  composedPath() { return this.#current === null ? [] : [this.#current]; }
  get eventPhase() { return this.#current === null ? 0 : 2; }
  stopPropagation() { this.#flags |= STOPPED; }
  get cancelBubble() { return this.#is(STOPPED); }
  set cancelBubble(value) { if (value) this.#flags |= STOPPED; }
  stopImmediatePropagation() { this.#flags |= STOPPED | STOPPED_AT_ONCE; }
  get bubbles() { return this.#is(BUBBLES); }
  get cancelable() { return this.#is(CANCELABLE); }
  get returnValue() { return !this.#is(CANCELED); }
  set returnValue(value) { if (!value) this.preventDefault(); }
  preventDefault() { if (this.#is(CANCELABLE) && !this.#is(PASSIVE)) this.#flags |= CANCELED; }
  get defaultPrevented() { return this.#is(CANCELED); }
  get composed() { return this.#is(COMPOSED); }
  get isTrusted() { return this.#is(TRUSTED); }
  get timeStamp() { return this.#time; }
  initEvent(type, bubbles = false, cancelable = false) {
    idl.required(arguments, 1, 'initEvent');
    if (this.#is(DISPATCHING)) return;
    this.#flags = (this.#flags & COMPOSED) | (bubbles ? BUBBLES : 0) | (cancelable ? CANCELABLE : 0);
    this.#target = null;
    this.#type = idl.string(type);
  }

  // Not for scripts: taken away below.
  static dispatch(event, target, listeners, trusted) {
    const flags = event.#flags;
    if (!trusted && flags & DISPATCHING) throw shared.dom('InvalidStateError', 'the event is being dispatched');
    event.#flags = (flags & ~TRUSTED) | DISPATCHING | trusted;
    event.#target = target;
    event.#current = target;
    const type = event.#type;
    if (hasCapturing(listeners)) event.#visit(target, listeners, type, CAPTURES);
    if (!(event.#flags & STOPPED)) event.#visit(target, listeners, type, 0);
    event.#current = null;
    event.#flags &= ~(DISPATCHING | STOPPED | STOPPED_AT_ONCE);
    return !(event.#flags & CANCELED);
  }
  // Those that capture, or the others.
  #visit(target, listeners, type, capture) {
    // A copy, unless there is but one: they come and go meanwhile.
    const count = listeners.length;
    const all = count === 1 ? listeners : listeners.slice();
    for (let i = 0; i < count; i++) {
      const listener = all[i];
      const traits = listener.traits;
      if (listener.type !== type || (traits & (CAPTURES | REMOVED)) !== capture) continue;
      if (traits & ONCE) remove(listeners, listener);
      if (traits & IS_PASSIVE) this.#flags |= PASSIVE;
      invoke(listener, this, target);
      this.#flags &= ~PASSIVE;
      if (this.#flags & STOPPED_AT_ONCE) return;
    }
  }
}
const dispatch = Event.dispatch;
delete Event.dispatch;

const hasCapturing = (listeners) => {
  for (let i = 0; i < listeners.length; i++) if (listeners[i].traits & CAPTURES) return true;
  return false;
};

const invoke = (listener, event, target) => {
  try {
    if (listener.traits & HANDLER) {
      const callback = listener.callback;
      if (target === self && listener.type === 'error' && event instanceof ErrorEvent) {
        if (callback.call(target, event.message, event.filename, event.lineno, event.colno, event.error) === true) {
          event.preventDefault();
        }
      } else if (callback.call(target, event) === false) {
        event.preventDefault();
      }
    } else if (typeof listener.callback === 'function') {
      listener.callback.call(target, event);
    } else {
      const handle = listener.callback.handleEvent;
      if (typeof handle !== 'function') throw new TypeError('handleEvent is no function');
      handle.call(listener.callback, event);
    }
  } catch (error) {
    shared.report(error);
  }
};

// The global, and its listeners: it is older than its class.
const self = globalThis;
const ofGlobal = [];

const flatten = (options) => ((idl.isObject(options) ? options.capture : options) ? CAPTURES : 0);

class EventTarget {
  #listeners = [];
  // Not for scripts: taken away below.
  static of(object) {
    if (object === self || object === undefined || object === null) return ofGlobal;
    try {
      return object.#listeners;
    } catch {
      throw new TypeError('not an EventTarget');
    }
  }
  addEventListener(type, callback, options = undefined) {
    idl.required(arguments, 2, 'addEventListener');
    const list = listenersOf(this);
    const name = idl.string(type);
    if (callback !== null && callback !== undefined && !idl.isObject(callback)) {
      throw new TypeError('the listener is neither a function nor an object');
    }
    const more = idl.isObject(options) ? options : {};
    const capture = flatten(options);
    const once = more.once ? ONCE : 0;
    const passive = more.passive ? IS_PASSIVE : 0;
    const signal = more.signal;
    if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError('the signal is no AbortSignal');
    if (callback === null || callback === undefined || signal?.aborted) return;
    if (find(list, name, callback, capture)) return;
    const listener = { type: name, callback, traits: capture | once | passive };
    list.push(listener);
    if (signal) shared.addAbortStep(signal, () => remove(list, listener));
  }
  removeEventListener(type, callback, options = undefined) {
    idl.required(arguments, 2, 'removeEventListener');
    const list = listenersOf(this);
    const name = idl.string(type);
    const capture = flatten(options);
    const listener = find(list, name, callback, capture);
    if (listener) remove(list, listener);
  }
  dispatchEvent(event) {
    idl.required(arguments, 1, 'dispatchEvent');
    const list = listenersOf(this);
    if (!(event instanceof Event)) throw new TypeError('the argument is no Event');
    return dispatch(event, this ?? globalThis, list, 0);
  }
}
const listenersOf = EventTarget.of;
delete EventTarget.of;
Object.defineProperty(EventTarget.prototype.addEventListener, 'length', { value: 2 });

const find = (list, type, callback, capture) => {
  for (let i = 0; i < list.length; i++) {
    const it = list[i];
    if (it.type === type && it.callback === callback && (it.traits & (HANDLER | CAPTURES)) === capture) return it;
  }
  return undefined;
};
const remove = (list, listener) => {
  listener.traits |= REMOVED;
  const index = list.indexOf(listener);
  if (index >= 0) list.splice(index, 1);
};

// https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-attributes
const handlerOf = (list, type) => {
  for (let i = 0; i < list.length; i++) if (list[i].type === type && list[i].traits & HANDLER) return list[i];
  return undefined;
};
shared.handlers = (object, types) => {
  for (const type of types) {
    const accessors = Object.getOwnPropertyDescriptor({
      get [`on${type}`]() { return handlerOf(listenersOf(this), type)?.callback ?? null; },
      set [`on${type}`](value) {
        const list = listenersOf(this);
        const callback = idl.isObject(value) ? value : null;
        const listener = handlerOf(list, type);
        if (callback === null) {
          if (listener) remove(list, listener);
        } else if (listener) {
          listener.callback = callback;
        } else {
          list.push({ type, callback, traits: HANDLER });
        }
      },
    }, `on${type}`);
    Object.defineProperty(object, `on${type}`, { ...accessors, enumerable: true, configurable: true });
  }
};

// Fires an event, and says whether it was not cancelled; one that nobody hears is not made.
shared.fire = (target, type, Kind = Event, init = fired) => {
  const listeners = listenersOf(target);
  for (let i = 0; i < listeners.length; i++) {
    if (listeners[i].type === type) return dispatch(new Kind(type, init), target, listeners, TRUSTED);
  }
  return true;
};
// Fires a ProgressEvent.
shared.fireProgress = (target, type, loaded, total) => {
  fired.loaded = loaded;
  fired.total = total;
  shared.fire(target, type, ProgressEvent, fired);
};
shared.hasListeners = (target) => listenersOf(target).length > 0;
// Of which types somebody hears events: the sum of their bits.
shared.heard = (target, bits) => {
  const listeners = listenersOf(target);
  let heard = 0;
  for (let i = 0; i < listeners.length; i++) heard |= bits[listeners[i].type];
  return heard;
};

class CustomEvent extends Event {
  #detail;
  constructor(type, eventInitDict = {}) {
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
  #computable;
  #loaded;
  #total;
  constructor(type, eventInitDict = {}) {
    super(type, eventInitDict);
    if (eventInitDict === fired) {
      this.#loaded = fired.loaded;
      this.#total = fired.total;
      this.#computable = fired.total !== 0;
      return;
    }
    const init = eventInitDict ?? {};
    this.#computable = !!init.lengthComputable;
    this.#loaded = init.loaded === undefined ? 0 : idl.double(init.loaded);
    this.#total = init.total === undefined ? 0 : idl.double(init.total);
  }
  get lengthComputable() { return this.#computable; }
  get loaded() { return this.#loaded; }
  get total() { return this.#total; }
}

class ErrorEvent extends Event {
  #init;
  constructor(type, eventInitDict = {}) {
    super(type, eventInitDict);
    this.#init = { ...idl.dictionary(eventInitDict) };
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
    super(type, eventInitDict);
    this.#promise = eventInitDict.promise;
    this.#reason = eventInitDict.reason;
  }
  get promise() { return this.#promise; }
  get reason() { return this.#reason; }
}

class MessageEvent extends Event {
  #init;
  constructor(type, eventInitDict = {}) {
    super(type, eventInitDict);
    this.#init = { ...idl.dictionary(eventInitDict) };
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
