// Events (https://dom.spec.whatwg.org/#events), without a tree: an event has one target.

const listenersOf = new WeakMap();
const handlersOf = new WeakMap();

class Event {
  #type;
  #bubbles;
  #cancelable;
  #composed;
  #canceled = false;
  #trusted = false;
  #dispatching = false;
  #stopped = false;
  #target = null;
  #current = null;
  #time = performance.now();

  constructor(type, init) {
    require(arguments, 1, "Event");
    init = toDictionary(init, "the event's init");
    this.#type = toText(type);
    this.#bubbles = Boolean(init.bubbles);
    this.#cancelable = Boolean(init.cancelable);
    this.#composed = Boolean(init.composed);
  }

  get type() { return this.#type; }
  get target() { return this.#target; }
  get srcElement() { return this.#target; }
  get currentTarget() { return this.#current; }
  get eventPhase() { return this.#current === null ? 0 : 2; }
  get bubbles() { return this.#bubbles; }
  get cancelable() { return this.#cancelable; }
  get composed() { return this.#composed; }
  get defaultPrevented() { return this.#canceled; }
  get isTrusted() { return this.#trusted; }
  get timeStamp() { return this.#time; }
  get cancelBubble() { return this.#stopped; }
  set cancelBubble(stop) { if (stop) this.#stopped = true; }
  get returnValue() { return !this.#canceled; }
  set returnValue(go) { if (!go) this.preventDefault(); }
  composedPath() { return this.#current === null ? [] : [this.#current]; }
  stopPropagation() { this.#stopped = true; }
  stopImmediatePropagation() { this.#stopped = true; this.#immediate = true; }
  preventDefault() { if (this.#cancelable && !this.#passive) this.#canceled = true; }
  initEvent(type, bubbles = false, cancelable = false) {
    require(arguments, 1, "initEvent");
    if (this.#dispatching) return;
    [this.#type, this.#bubbles, this.#cancelable, this.#canceled] = [toText(type), Boolean(bubbles), Boolean(cancelable), false];
  }

  #immediate = false;
  #passive = false;

  static #dispatch(event, target, trusted) {
    if (event.#dispatching) throw new DOMException("the event is being dispatched", "InvalidStateError");
    event.#dispatching = true;
    event.#trusted = trusted;
    event.#target = target;
    event.#current = target;
    const listeners = listenersOf.get(target)?.get(event.#type) ?? [];
    for (const listener of [...listeners]) {
      if (listener.removed) continue;
      if (listener.once) removeListener(target, event.#type, listener.callback, listener.capture);
      event.#passive = listener.passive;
      try {
        listener.run(target, event);
      } catch (error) {
        reportException(error);
      }
      event.#passive = false;
      if (event.#immediate) break;
    }
    event.#dispatching = event.#stopped = event.#immediate = false;
    event.#current = null;
    return !event.#canceled;
  }

  /** Lets the host dispatch, and no script. */
  static takeDispatch() {
    delete Event.takeDispatch;
    return Event.#dispatch;
  }
}

const dispatch = Event.takeDispatch();
exposeClass(Event, { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 });

function fire(target, event) {
  return dispatch(event, target, true);
}

function removeListener(target, type, callback, capture) {
  const list = listenersOf.get(target)?.get(type);
  const at = list?.findIndex((listener) => listener.callback === callback && listener.capture === capture) ?? -1;
  if (at < 0) return;
  list[at].removed = true;
  list.splice(at, 1);
}

/** The target that `this` is: a function of the global's may be called without one. */
function targetOf(value) {
  const target = value ?? globalThis;
  if (!(target instanceof EventTarget) && target !== globalThis) throw new TypeError("this is no EventTarget");
  return target;
}

class EventTarget {
  addEventListener(type, callback, options) {
    const target = targetOf(this);
    require(arguments, 2, "addEventListener");
    type = toText(type);
    const more = isObject(options) ? options : { capture: options };
    const [capture, once, passive, signal] = [Boolean(more.capture), Boolean(more.once), Boolean(more.passive), more.signal];
    if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError("the signal is no AbortSignal");
    if (callback !== null && callback !== undefined && !isObject(callback)) throw new TypeError("the listener is no object");
    if (signal?.aborted || callback === null || callback === undefined) return;
    let types = listenersOf.get(target);
    if (!types) listenersOf.set(target, (types = new Map()));
    let list = types.get(type);
    if (!list) types.set(type, (list = []));
    if (list.some((listener) => listener.callback === callback && listener.capture === capture)) return;
    const run = (self, event) => {
      if (typeof callback === "function") return apply(callback, self, [event]);
      const handle = callback.handleEvent;
      if (typeof handle !== "function") throw new TypeError("handleEvent is not a function");
      return apply(handle, callback, [event]);
    };
    list.push({ callback, capture, once, passive, removed: false, run });
    if (signal) onAbort(signal, () => removeListener(target, type, callback, capture));
  }

  removeEventListener(type, callback, options) {
    const target = targetOf(this);
    require(arguments, 2, "removeEventListener");
    removeListener(target, toText(type), callback, Boolean(isObject(options) ? options.capture : options));
  }

  dispatchEvent(event) {
    const target = targetOf(this);
    require(arguments, 1, "dispatchEvent");
    if (!(event instanceof Event)) throw new TypeError("that is no Event");
    return dispatch(event, target, false);
  }
}
exposeClass(EventTarget);

function hasListeners(target) {
  return [...(listenersOf.get(target)?.values() ?? [])].some((list) => list.length > 0);
}

/** An event handler attribute: `onload`. Its place among the listeners is where it was first set. */
function handlerAttribute(prototype, type, owner) {
  const name = `on${type}`;
  Object.defineProperty(prototype, name, {
    enumerable: true,
    configurable: true,
    get() {
      owner?.(this);
      return handlersOf.get(targetOf(this))?.get(type)?.value ?? null;
    },
    set(value) {
      owner?.(this);
      const target = targetOf(this);
      let handlers = handlersOf.get(target);
      if (!handlers) handlersOf.set(target, (handlers = new Map()));
      const next = isObject(value) ? value : null;
      const known = handlers.get(type);
      if (known) {
        if (next === null) {
          removeListener(target, type, known.listener, false);
          handlers.delete(type);
        } else {
          known.value = next;
        }
        return;
      }
      if (next === null) return;
      const entry = { value: next, listener: null };
      entry.listener = (event) => {
        if (typeof entry.value !== "function") return;
        const isError = type === "error" && event instanceof ErrorEvent && target === globalThis;
        const args = isError ? [event.message, event.filename, event.lineno, event.colno, event.error] : [event];
        const result = apply(entry.value, target, args);
        if (isError ? result === true : result === false) event.preventDefault();
      };
      handlers.set(type, entry);
      apply(EventTarget.prototype.addEventListener, target, [type, entry.listener]);
    },
  });
}

class CustomEvent extends Event {
  #detail;
  constructor(type, init) {
    require(arguments, 1, "CustomEvent");
    super(type, init);
    this.#detail = toDictionary(init, "the event's init").detail ?? null;
  }
  get detail() { return this.#detail; }
}
exposeClass(CustomEvent);

class ProgressEvent extends Event {
  #computable;
  #loaded;
  #total;
  constructor(type, init) {
    require(arguments, 1, "ProgressEvent");
    super(type, init);
    init = toDictionary(init, "the event's init");
    this.#computable = Boolean(init.lengthComputable);
    this.#loaded = Number(init.loaded ?? 0);
    this.#total = Number(init.total ?? 0);
  }
  get lengthComputable() { return this.#computable; }
  get loaded() { return this.#loaded; }
  get total() { return this.#total; }
}
exposeClass(ProgressEvent);

class ErrorEvent extends Event {
  #init;
  constructor(type, init) {
    require(arguments, 1, "ErrorEvent");
    super(type, init);
    this.#init = { ...toDictionary(init, "the event's init") };
  }
  get message() { return toText(this.#init.message ?? ""); }
  get filename() { return toText(this.#init.filename ?? ""); }
  get lineno() { return toUnsignedLong(this.#init.lineno ?? 0); }
  get colno() { return toUnsignedLong(this.#init.colno ?? 0); }
  get error() { return this.#init.error; }
}
exposeClass(ErrorEvent);

class MessageEvent extends Event {
  #init;
  constructor(type, init) {
    require(arguments, 1, "MessageEvent");
    super(type, init);
    this.#init = { ...toDictionary(init, "the event's init") };
  }
  get data() { return this.#init.data ?? null; }
  get origin() { return toUsv(this.#init.origin ?? ""); }
  get lastEventId() { return toText(this.#init.lastEventId ?? ""); }
  get source() { return this.#init.source ?? null; }
  get ports() { return Object.freeze([...(this.#init.ports ?? [])]); }
}
exposeClass(MessageEvent);

class PromiseRejectionEvent extends Event {
  #init;
  constructor(type, init) {
    require(arguments, 2, "PromiseRejectionEvent");
    super(type, init);
    this.#init = { promise: init.promise, reason: init.reason };
  }
  get promise() { return this.#init.promise; }
  get reason() { return this.#init.reason; }
}
exposeClass(PromiseRejectionEvent);
