// https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#timers

const { idl, apply, call } = shared;
const { Math, Number, Object } = globalThis;
const { then } = Promise.prototype;
const settled = Promise.resolve();
const set = new shared.Map();
let last = 0;
let nesting = 0;

const start = (repeat) => function (handler, timeout = 0, ...args) {
  idl.required(arguments, 1, repeat ? 'setInterval' : 'setTimeout');
  const callback = typeof handler === 'function' ? handler : idl.string(handler);
  let delay = Math.max(0, Number(timeout) | 0);
  const level = nesting + 1;
  if (level > 5 && delay < 4) delay = 4;
  const id = ++last;
  set.set(id, { callback, args, delay, repeat, level });
  host.setTimer(id, delay);
  return id;
};
const stop = function (id = 0) {
  const number = Number(id) | 0;
  if (set.delete(number)) host.clearTimer(number);
};

shared.hooks.timer = (id) => {
  const timer = set.get(id);
  if (!timer) return;
  if (!timer.repeat) set.delete(id);
  nesting = timer.level;
  try {
    if (typeof timer.callback === 'function') apply(timer.callback, globalThis, timer.args);
    else (0, eval)(timer.callback);
  } catch (error) {
    shared.report(error);
  } finally {
    nesting = 0;
  }
  if (timer.repeat && set.get(id) === timer) {
    timer.level += 1;
    host.setTimer(id, timer.level > 5 ? Math.max(timer.delay, 4) : timer.delay);
  }
};

shared.hooks.discardTimers = () => set.clear();

const methods = {
  setTimeout: start(false),
  setInterval: start(true),
  clearTimeout: stop,
  clearInterval(id = 0) { stop(id); },
  queueMicrotask(callback) {
    idl.required(arguments, 1, 'queueMicrotask');
    if (typeof callback !== 'function') throw new TypeError('the callback is no function');
    call(then, settled, () => {
      try {
        callback();
      } catch (error) {
        shared.report(error);
      }
    });
  },
};
for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(value, 'name', { value: name });
  Object.defineProperty(value, 'length', { value: name.startsWith('clear') ? 0 : 1 });
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: true, configurable: true });
}
// Queues a separate task of the prelude.
shared.queueTask = (callback, delay = 0) => methods.setTimeout(callback, delay);
