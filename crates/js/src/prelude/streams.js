// `ReadableStream` (https://streams.spec.whatwg.org/#rs), as far as bodies need it: one queue, one default reader.

const streamStates = new WeakMap();

function streamOf(value) {
  const state = streamStates.get(value);
  if (!state) throw new TypeError("this is no ReadableStream");
  return state;
}

class ReadableStream {
  constructor(source, strategy) {
    source = source === undefined ? {} : source;
    if (!isObject(source)) throw new TypeError("the underlying source is not an object");
    if (source.type !== undefined && toText(source.type) !== "bytes") throw new RangeError(`'${source.type}' is no type of a source`);
    const high = Number(toDictionary(strategy, "the strategy").highWaterMark ?? (source.type === undefined ? 1 : 0));
    if (Number.isNaN(high) || high < 0) throw new RangeError("the high water mark is no size");
    const state = {
      status: "readable", error: undefined, queue: [], waiting: [], reader: null, disturbed: false,
      closing: false, pulling: false, pullAgain: false, started: false, high, source, bytes: source.type !== undefined,
    };
    streamStates.set(this, state);
    state.controller = makeController(state);
    const start = source.start === undefined ? undefined : apply(source.start, source, [state.controller]);
    Promise.resolve(start).then(() => { state.started = true; pullIfNeeded(state); }, (error) => errorStream(state, error));
  }
  get locked() { return streamOf(this).reader !== null; }
  cancel(reason) {
    try {
      if (streamOf(this).reader) throw new TypeError("the stream is locked");
    } catch (error) {
      return Promise.reject(error);
    }
    return cancelStream(streamOf(this), reason);
  }
  getReader(options) {
    const mode = toDictionary(options, "the options").mode;
    if (mode !== undefined && toText(mode) !== "byob") throw new TypeError(`'${mode}' is no mode of a reader`);
    if (mode !== undefined) throw new TypeError("this stream has no byte readers");
    return new ReadableStreamDefaultReader(this);
  }
  tee() {
    const state = streamOf(this);
    if (state.reader) throw new TypeError("the stream is locked");
    return teeStream(this);
  }
  async pipeTo(destination, options) {
    const writer = destination.getWriter();
    const reader = this.getReader();
    const signal = toDictionary(options, "the options").signal;
    for (;;) {
      signal?.throwIfAborted();
      const { value, done } = await reader.read();
      if (done) break;
      await writer.write(value);
    }
    reader.releaseLock();
    await writer.close();
  }
  pipeThrough(transform, options) {
    this.pipeTo(transform.writable, options).catch(() => {});
    return transform.readable;
  }
  values(options) {
    const reader = this.getReader();
    const keep = Boolean(toDictionary(options, "the options").preventCancel);
    return Object.setPrototypeOf({
      async next() {
        const result = await reader.read();
        if (result.done) reader.releaseLock();
        return result;
      },
      async return(value) {
        const ended = keep ? undefined : reader.cancel(value);
        reader.releaseLock();
        await ended;
        return { value, done: true };
      },
    }, asyncIteratorPrototype);
  }
  static from(iterable) {
    const iterator = iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]();
    return new ReadableStream({
      async pull(controller) {
        const { value, done } = await iterator.next();
        if (done) controller.close(); else controller.enqueue(await value);
      },
      async cancel(reason) { await iterator.return?.(reason); },
    }, { highWaterMark: 0 });
  }
}

const asyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype);
exposeClass(ReadableStream);
Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, {
  value: ReadableStream.prototype.values, writable: true, configurable: true,
});

let makingController = false;
const controllerStates = new WeakMap();

class ReadableStreamDefaultController {
  constructor() {
    if (!makingController) throw new TypeError("Illegal constructor");
  }
  get desiredSize() {
    const state = controllerStates.get(this);
    if (state.status === "errored") return null;
    return state.status === "closed" ? 0 : state.high - state.queue.length;
  }
  close() {
    const state = controllerStates.get(this);
    if (state.closing || state.status !== "readable") throw new TypeError("the stream is not open");
    closeStream(state);
  }
  enqueue(chunk) {
    const state = controllerStates.get(this);
    if (state.closing || state.status !== "readable") throw new TypeError("the stream is not open");
    if (state.bytes && !ArrayBuffer.isView(chunk)) throw new TypeError("the chunk is no view of bytes");
    enqueue(state, state.bytes ? bytesOf(chunk) : chunk);
  }
  error(reason) { errorStream(controllerStates.get(this), reason); }
}
exposeClass(ReadableStreamDefaultController);

function makeController(state) {
  makingController = true;
  try {
    const controller = new ReadableStreamDefaultController();
    controllerStates.set(controller, state);
    return controller;
  } finally {
    makingController = false;
  }
}

function enqueue(state, chunk) {
  const next = state.waiting.shift();
  if (next) next.resolve({ value: chunk, done: false });
  else state.queue.push(chunk);
  pullIfNeeded(state);
}

function closeStream(state) {
  if (state.status !== "readable") return;
  if (state.queue.length > 0) {
    state.closing = true;
    return;
  }
  state.status = "closed";
  for (const next of state.waiting.splice(0)) next.resolve({ value: undefined, done: true });
  state.reader?.closed.resolve(undefined);
}

function errorStream(state, error) {
  if (state.status !== "readable") return;
  Object.assign(state, { status: "errored", error, queue: [] });
  for (const next of state.waiting.splice(0)) next.reject(error);
  state.reader?.closed.reject(error);
}

async function cancelStream(state, reason) {
  state.disturbed = true;
  if (state.status === "closed") return undefined;
  if (state.status === "errored") throw state.error;
  state.queue = [];
  closeStream(state);
  const { cancel } = state.source;
  if (cancel !== undefined) await apply(cancel, state.source, [reason]);
  return undefined;
}

function pullIfNeeded(state) {
  if (!state.started || state.status !== "readable" || state.closing) return;
  if (state.waiting.length === 0 && state.queue.length >= state.high) return;
  const { pull } = state.source;
  if (pull === undefined) return;
  if (state.pulling) {
    state.pullAgain = true;
    return;
  }
  state.pulling = true;
  let pulled;
  try {
    pulled = Promise.resolve(apply(pull, state.source, [state.controller]));
  } catch (error) {
    pulled = Promise.reject(error);
  }
  pulled.then(() => {
    state.pulling = false;
    if (state.pullAgain) {
      state.pullAgain = false;
      pullIfNeeded(state);
    }
  }, (error) => errorStream(state, error));
}

/** The next chunk of a stream, for whoever holds its lock. */
function readChunk(state) {
  state.disturbed = true;
  if (state.queue.length > 0) {
    const value = state.queue.shift();
    if (state.closing && state.queue.length === 0) {
      state.closing = false;
      closeStream(state);
    } else {
      pullIfNeeded(state);
    }
    return Promise.resolve({ value, done: false });
  }
  if (state.status === "closed") return Promise.resolve({ value: undefined, done: true });
  if (state.status === "errored") return Promise.reject(state.error);
  const next = Promise.withResolvers();
  state.waiting.push(next);
  pullIfNeeded(state);
  return next.promise;
}

class ReadableStreamDefaultReader {
  #state;
  #held;
  constructor(stream) {
    require(arguments, 1, "ReadableStreamDefaultReader");
    const state = streamOf(stream);
    if (state.reader) throw new TypeError("the stream is locked");
    const closed = Promise.withResolvers();
    closed.promise.catch(() => {});
    this.#held = { closed };
    this.#state = state;
    state.reader = this.#held;
    if (state.status === "closed") closed.resolve(undefined);
    if (state.status === "errored") closed.reject(state.error);
  }
  get closed() { return this.#held.closed.promise; }
  async read() {
    if (!this.#state) throw new TypeError("the reader was released");
    return readChunk(this.#state);
  }
  async cancel(reason) {
    if (!this.#state) throw new TypeError("the reader was released");
    return cancelStream(this.#state, reason);
  }
  releaseLock() {
    const state = this.#state;
    if (!state) return;
    const error = new TypeError("the reader was released");
    for (const next of state.waiting.splice(0)) next.reject(error);
    const closed = state.status === "readable" ? this.#held.closed : Promise.withResolvers();
    closed.promise.catch(() => {});
    closed.reject(error);
    this.#held = { closed };
    state.reader = null;
    this.#state = undefined;
  }
}
exposeClass(ReadableStreamDefaultReader);

/** Two streams with the chunks of one. */
function teeStream(stream) {
  const state = streamOf(stream);
  const held = { closed: Promise.withResolvers() };
  held.closed.promise.catch(() => {});
  state.reader = held;
  const branches = [];
  const reasons = [];
  const canceled = Promise.withResolvers();
  let reading = false;
  const pull = () => {
    if (reading) return undefined;
    reading = true;
    return readChunk(state).then(({ value, done }) => {
      reading = false;
      for (const branch of branches) {
        if (branch.status !== "readable" || branch.closing) continue;
        if (done) closeStream(branch);
        else enqueue(branch, value instanceof Uint8Array && branch !== branches[0] ? value.slice() : value);
      }
    }, (error) => {
      for (const branch of branches) errorStream(branch, error);
    });
  };
  held.closed.promise.then(undefined, (error) => branches.forEach((branch) => errorStream(branch, error)));
  const make = (nth) => new ReadableStream({
    pull,
    cancel(reason) {
      reasons[nth] = reason;
      if (reasons.length === 2 && 0 in reasons && 1 in reasons) canceled.resolve(cancelStream(state, reasons));
      return canceled.promise;
    },
  }, { highWaterMark: 0 });
  const pair = [make(0), make(1)];
  branches.push(...pair.map(streamOf));
  return pair;
}
