// Timers (https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#timers).

const timers = new Map();
let lastTimer = 0;

function startTimer(handler, delay, args, repeat) {
  const call = typeof handler === "function" ? handler : toText(handler);
  const id = ++lastTimer;
  delay = Math.max(0, Number(delay) || 0) | 0;
  timers.set(id, { call, args, delay, repeat });
  native.timerStart(id, delay);
  return id;
}

function stopTimer(id) {
  if (timers.delete(Number(id) | 0)) native.timerStop(Number(id) | 0);
}

/** The host says that a timer is due. */
function timerDue(id) {
  const timer = timers.get(id);
  if (!timer) return;
  if (!timer.repeat) timers.delete(id);
  try {
    if (typeof timer.call === "function") apply(timer.call, globalThis, timer.args);
    else (0, eval)(timer.call);
  } catch (error) {
    reportException(error);
  }
  if (timer.repeat && timers.has(id)) native.timerStart(id, Math.max(1, timer.delay));
}

exposeFunctions({
  setTimeout(handler, delay = 0, ...args) {
    require(arguments, 1, "setTimeout");
    return startTimer(handler, delay, args, false);
  },
  setInterval(handler, delay = 0, ...args) {
    require(arguments, 1, "setInterval");
    return startTimer(handler, delay, args, true);
  },
  clearTimeout(id = 0) { stopTimer(id); },
  clearInterval(id = 0) { stopTimer(id); },
  reportError(error) {
    require(arguments, 1, "reportError");
    reportException(error);
  },
  queueMicrotask(callback) {
    require(arguments, 1, "queueMicrotask");
    if (typeof callback !== "function") throw new TypeError("the callback is not a function");
    Promise.resolve().then(() => {
      try { callback(); } catch (error) { reportException(error); }
    });
  },
});
