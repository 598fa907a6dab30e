// https://dom.spec.whatwg.org/#events, for targets without parents.

const { idl, expose, constants } = shared;

class Event {
  #type;
  #bubbles;
  #cancelable;
  #composed;
  #target = null;
  #current = null;
  #phase = 0;
  #canceled = false;
  #stopped = false;
  #stoppedAtOnce = false;
  #passive = false;
  #dispatching = false;
  #initialized = true;
  #trusted = false;
  #time = host.now();

  constructor(type, eventInitDict = {}) {
    idl.required(arguments, 1, 'Event');
    const init = idl.dictionary(eventInitDict, 'eventInitDict');
    this.#type = idl.string(type);
    this.#bubbles = Boolean(init.bubbles);
    this.#cancelable = Boolean(init.cancelable);
    this.#composed = Boolean(init.composed);
  }
  get type() { return this.#type; }
  get target() { return this.#target; }
  get srcElement() { return this.#target; }
  get currentTarget() { return this.#current; }
  composedPath() { return this.#current === null ? [] : [this.#current]; }
  get eventPhase() { return this.#phase; }
  stopPropagation() { this.#stopped = true; }
  get cancelBubble() { return this.#stopped; }
  set cancelBubble(value) { if (value) this.#stopped = true; }
  stopImmediatePropagation() {
    this.#stopped = true;
    this.#stoppedAtOnce = true;
  }
  get bubbles() { return this.#bubbles; }
  get cancelable() { return this.#cancelable; }
  get returnValue() { return !this.#canceled; }
  set returnValue(value) { if (!value) this.preventDefault(); }
  preventDefault() { if (this.#cancelable && !this.#passive) this.#canceled = true; }
  get defaultPrevented() { return this.#canceled; }
  get composed() { return this.#composed; }
  get isTrusted() { return this.#trusted; }
  get timeStamp() { return this.#time; }
  initEvent(type, bubbles = false, cancelable = false) {
    idl.required(arguments, 1, 'initEvent');
    if (this.#dispatching) return;
    this.#initialized = true;
    this.#stopped = this.#stoppedAtOnce = this.#canceled = this.#trusted = false;
    this.#target = null;
    this.#type = idl.string(type);
    this.#bubbles = Boolean(bubbles);
    this.#cancelable = Boolean(cancelable);
  }

  // Not for scripts: taken away below.
  static dispatch(event, target, listeners, trusted) {
    if (!trusted && (event.#dispatching || !event.#initialized)) {
      throw shared.dom('InvalidStateError', 'the event is being dispatched');
    }
    event.#trusted = trusted;
    event.#dispatching = true;
    event.#target = target;
    event.#current = target;
    event.#phase = 2;
    for (const capture of [true, false]) {
      if (event.#stopped) break;
      for (const listener of [...listeners]) {
        if (listener.removed || listener.type !== event.#type || listener.capture !== capture) continue;
        if (listener.once) {
          listener.removed = true;
          const index = listeners.indexOf(listener);
          if (index >= 0) listeners.splice(index, 1);
        }
        event.#passive = listener.passive;
        invoke(listener, event, target);
        event.#passive = false;
        if (event.#stoppedAtOnce) break;
      }
    }
    event.#phase = 0;
    event.#current = null;
    event.#dispatching = event.#stopped = event.#stoppedAtOnce = false;
    return !event.#canceled;
  }
}
const dispatch = Event.dispatch;
delete Event.dispatch;

const invoke = (listener, event, target) => {
  try {
    if (listener.handler) {
      const callback = listener.callback;
      if (listener.type === 'error' && target === globalThis && event instanceof ErrorEvent) {
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

// A private list of listeners, which any object can be given: the global, too.
class Bearer { constructor(object) { return object; } }
class Listeners extends Bearer {
  #list = [];
  static of(object) {
    const bearer = object ?? globalThis;
    if (!idl.isObject(bearer) || !(#list in bearer)) throw new TypeError('not an EventTarget');
    return bearer.#list;
  }
}
const listenersOf = Listeners.of;
shared.makeTarget = (object) => new Listeners(object);

const flatten = (options) => (idl.isObject(options) ? Boolean(options.capture) : Boolean(options));

class EventTarget {
  constructor() { new Listeners(this); }
  addEventListener(type, callback, options = undefined) {
    idl.required(arguments, 2, 'addEventListener');
    const list = listenersOf(this);
    const name = idl.string(type);
    if (callback !== null && callback !== undefined && !idl.isObject(callback)) {
      throw new TypeError('the listener is neither a function nor an object');
    }
    const more = idl.isObject(options) ? options : {};
    const capture = flatten(options);
    const once = Boolean(more.once);
    const passive = Boolean(more.passive);
    const signal = more.signal;
    if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError('the signal is no AbortSignal');
    if (callback === null || callback === undefined || signal?.aborted) return;
    const isSame = (it) => !it.handler && it.type === name && it.callback === callback && it.capture === capture;
    if (list.some(isSame)) return;
    const listener = { type: name, callback, capture, once, passive, removed: false, handler: false };
    list.push(listener);
    if (signal) shared.addAbortStep(signal, () => remove(list, listener));
  }
  removeEventListener(type, callback, options = undefined) {
    idl.required(arguments, 2, 'removeEventListener');
    const list = listenersOf(this);
    const name = idl.string(type);
    const capture = flatten(options);
    const listener = list.find(
      (it) => !it.handler && it.type === name && it.callback === callback && it.capture === capture);
    if (listener) remove(list, listener);
  }
  dispatchEvent(event) {
    idl.required(arguments, 1, 'dispatchEvent');
    const list = listenersOf(this);
    if (!(event instanceof Event)) throw new TypeError('the argument is no Event');
    return dispatch(event, this ?? globalThis, list, false);
  }
}
Object.defineProperty(EventTarget.prototype.addEventListener, 'length', { value: 2 });

const remove = (list, listener) => {
  listener.removed = true;
  const index = list.indexOf(listener);
  if (index >= 0) list.splice(index, 1);
};

// https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-attributes
shared.handlers = (object, types) => {
  for (const type of types) {
    const find = (list) => list.find((it) => it.handler && it.type === type);
    const accessors = Object.getOwnPropertyDescriptor({
      get [`on${type}`]() { return find(listenersOf(this))?.callback ?? null; },
      set [`on${type}`](value) {
        const list = listenersOf(this);
        const callback = idl.isObject(value) ? value : null;
        const listener = find(list);
        if (callback === null) {
          if (listener) remove(list, listener);
        } else if (listener) {
          listener.callback = callback;
        } else {
          list.push({ type, callback, capture: false, once: false, passive: false, removed: false, handler: true });
        }
      },
    }, `on${type}`);
    Object.defineProperty(object, `on${type}`, { ...accessors, enumerable: true, configurable: true });
  }
};

shared.fire = (target, event) => dispatch(event, target, listenersOf(target), true);
shared.hasListeners = (target) => listenersOf(target).length > 0;

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
    const init = idl.dictionary(eventInitDict);
    this.#computable = Boolean(init.lengthComputable);
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
