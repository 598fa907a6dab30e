// Errors that nobody catches (https://html.spec.whatwg.org/multipage/webappapis.html#report-the-exception).

/** How an error reads to a person. */
function describe(error) {
  try {
    if (error instanceof Error || error instanceof DOMException) {
      const head = error.name ? `${error.name}: ${error.message}` : `${error.message}`;
      const stack = typeof error.stack === "string" ? error.stack.trimEnd() : "";
      const frames = stack.split("\n").filter((line) => line && !line.includes("(crossing:"));
      return frames.length ? `${head}\n${frames.join("\n")}` : head;
    }
    return inspect(error);
  } catch {
    return "an error that cannot be shown";
  }
}

let reporting = false;

function reportException(error) {
  if (!reporting) {
    reporting = true;
    try {
      const message = error instanceof Error ? `Uncaught ${error.name}: ${error.message}` : `Uncaught ${describe(error)}`;
      const event = new ErrorEvent("error", { cancelable: true, message, error, filename: location.href });
      if (!fire(globalThis, event)) return;
    } catch (another) {
      native.uncaught(`Uncaught ${describe(another)}`);
    } finally {
      reporting = false;
    }
  }
  native.uncaught(`Uncaught ${describe(error)}`);
}

const rejected = new Map();

function rejection(promise, reason, handled) {
  if (handled) rejected.delete(promise);
  else rejected.set(promise, reason);
}

/** After the microtasks: rejections that nobody has handled by now. */
function reportRejections() {
  while (rejected.size > 0) {
    const [promise, reason] = rejected.entries().next().value;
    rejected.delete(promise);
    const event = new PromiseRejectionEvent("unhandledrejection", { promise, reason, cancelable: true });
    if (fire(globalThis, event)) native.uncaught(`Uncaught (in promise) ${describe(reason)}`);
  }
}
