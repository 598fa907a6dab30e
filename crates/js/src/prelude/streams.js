// https://streams.spec.whatwg.org/, the readable half.

const { idl, expose, call, markHandled, deferred, StreamState: State } = shared;
const { Math, Number, Object, Promise, Symbol, Uint8Array } = globalThis;
const privateKey = Symbol();

class ReadableStreamDefaultController {
  #state;
  constructor(key, state) {
    if (key !== privateKey) throw new TypeError('Illegal constructor');
    this.#state = state;
  }
  get desiredSize() {
    const { state, closing } = this.#state;
    return state === 'errored' ? null : state === 'closed' || closing ? 0 : this.#state.wants;
  }
  close() { this.#state.close(); }
  enqueue(chunk = undefined) { this.#state.enqueue(chunk); }
  error(e = undefined) { this.#state.fail(e); }
}

class ReadableByteStreamController {
  #state;
  constructor(key, state) {
    if (key !== privateKey) throw new TypeError('Illegal constructor');
    this.#state = state;
  }
  get byobRequest() { return null; }
  get desiredSize() {
    const { state } = this.#state;
    return state === 'errored' ? null : state === 'closed' ? 0 : this.#state.wants;
  }
  close() { this.#state.close(); }
  enqueue(chunk) {
    if (!idl.isView(chunk)) throw new TypeError('the chunk is no view of a buffer');
    if (chunk.byteLength === 0) throw new TypeError('the chunk is empty');
    const { buffer, byteOffset, byteLength } = chunk;
    if (buffer.detached) throw new TypeError('the buffer of the chunk is detached');
    this.#state.enqueue(new Uint8Array(buffer.transfer(), byteOffset, byteLength));
  }
  error(e = undefined) { this.#state.fail(e); }
}

class ReadableStream {
  #state;
  constructor(underlyingSource = undefined, strategy = {}) {
    if (underlyingSource === null) throw new TypeError('the source is no object');
    const source = underlyingSource === undefined ? {} : underlyingSource;
    if (source instanceof State) {
      this.#state = source;
      return;
    }
    const method = (name) => {
      const value = source[name];
      if (value !== undefined && typeof value !== 'function') throw new TypeError(`${name} is no function`);
      return value;
    };
    const cancel = method('cancel');
    const pull = method('pull');
    const start = method('start');
    const isBytes = source.type !== undefined;
    if (isBytes && `${source.type}` !== 'bytes') throw new TypeError("the type is neither absent nor 'bytes'");
    const { size, highWaterMark = isBytes ? 0 : 1 } = idl.dictionary(strategy);
    if (isBytes && size !== undefined) throw new RangeError('a byte stream has no size function');
    if (size !== undefined && typeof size !== 'function') throw new TypeError('size is no function');
    const mark = Number(highWaterMark);
    if (!(mark >= 0)) throw new RangeError('the high water mark is no number above or equal to zero');
    const state = new State({
      isBytes,
      highWaterMark: mark,
      size: isBytes ? (chunk) => chunk.byteLength : size ?? (() => 1),
      pull: () => pull && call(pull, source, controller),
      cancel: (reason) => cancel && call(cancel, source, reason),
    });
    const controller = new (isBytes ? ReadableByteStreamController : ReadableStreamDefaultController)(privateKey, state);
    this.#state = state;
    state.begin(() => start && call(start, source, controller));
  }
  static from(asyncIterable) {
    const method = asyncIterable?.[Symbol.asyncIterator] ?? asyncIterable?.[Symbol.iterator];
    if (typeof method !== 'function') throw new TypeError('the argument is not iterable');
    const iterator = call(method, asyncIterable);
    return new ReadableStream({
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(await value);
      },
      async cancel(reason) { await iterator.return?.(reason); },
    }, { highWaterMark: 0 });
  }
  get locked() { return this.#state.reader !== null; }
  cancel(reason = undefined) {
    try {
      if (this.locked) throw new TypeError('the stream is locked');
      return this.#state.cancelWith(reason);
    } catch (error) {
      return Promise.reject(error);
    }
  }
  getReader(options = {}) {
    const { mode } = idl.dictionary(options);
    if (mode === undefined) return new ReadableStreamDefaultReader(this);
    if (`${mode}` !== 'byob') throw new TypeError(`'${mode}' is no mode`);
    return new ReadableStreamBYOBReader(this);
  }
  tee() {
    const [first, second] = tee(this.#state, this.#state.isBytes ? (chunk) => chunk.slice() : undefined);
    return [new ReadableStream(first), new ReadableStream(second)];
  }
  async pipeTo(destination, options = {}) {
    const writer = destination.getWriter();
    const reader = this.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        await writer.write(value);
      }
      if (!options.preventClose) await writer.close();
    } catch (error) {
      if (!options.preventAbort) await writer.abort?.(error);
      throw error;
    } finally {
      reader.releaseLock();
      writer.releaseLock?.();
    }
  }
  pipeThrough(transform, options = {}) {
    markHandled(this.pipeTo(transform.writable, options));
    return transform.readable;
  }
  async *values({ preventCancel = false } = {}) {
    const reader = this.getReader();
    let finished = false;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) {
          finished = true;
          return;
        }
        yield value;
      }
    } catch (error) {
      finished = true;
      throw error;
    } finally {
      const cancelled = !finished && !preventCancel ? reader.cancel() : undefined;
      reader.releaseLock();
      await cancelled;
    }
  }
  static stateOf(stream) { return stream.#state; }
  static is(value) { return idl.isObject(value) && #state in value; }
}
const { stateOf, is } = ReadableStream;
delete ReadableStream.stateOf;
delete ReadableStream.is;
Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, {
  value: ReadableStream.prototype.values, writable: true, configurable: true,
});

const acquire = (reader, stream) => {
  if (!is(stream)) throw new TypeError('the argument is no ReadableStream');
  const state = stateOf(stream);
  if (state.reader) throw new TypeError('the stream is locked already');
  const closed = deferred();
  markHandled(closed.promise);
  if (state.state === 'closed') closed.resolve(undefined);
  if (state.state === 'errored') closed.reject(state.error);
  state.reader = { closed };
  return { state, closed };
};

// What both readers have in common.
class Reader {
  #held;
  constructor(stream) { this.#held = acquire(this, stream); }
  get closed() { return this.#held.closed.promise; }
  cancel(reason = undefined) {
    if (!this.#held.state) return Promise.reject(new TypeError('the reader is released'));
    return this.#held.state.cancelWith(reason);
  }
  releaseLock() {
    const { state } = this.#held;
    if (!state) return;
    const error = new TypeError('the reader was released');
    if (state.state === 'readable') {
      this.#held.closed.reject(error);
    } else {
      const closed = deferred();
      closed.reject(error);
      this.#held.closed = closed;
    }
    markHandled(this.#held.closed.promise);
    state.reader = null;
    const requests = state.requests;
    state.requests = [];
    for (const request of requests) request.fail(error);
    this.#held.state = null;
  }
  static held(reader) { return reader.#held.state; }
}
const { held } = Reader;
delete Reader.held;

class ReadableStreamDefaultReader extends Reader {
  constructor(stream) {
    idl.required(arguments, 1, 'ReadableStreamDefaultReader');
    super(stream);
  }
  read() {
    let state;
    try {
      state = held(this);
    } catch (error) {
      return Promise.reject(error);
    }
    if (!state) return Promise.reject(new TypeError('the reader is released'));
    const { promise, resolve, reject } = deferred();
    state.read({
      chunk: (value) => resolve({ value, done: false }),
      close: () => resolve({ value: undefined, done: true }),
      fail: reject,
    });
    return promise;
  }
}

class ReadableStreamBYOBReader extends Reader {
  constructor(stream) {
    idl.required(arguments, 1, 'ReadableStreamBYOBReader');
    if (!is(stream) || !stateOf(stream).isBytes) throw new TypeError('the stream is no byte stream');
    super(stream);
  }
  read(view) {
    const state = held(this);
    if (!state) return Promise.reject(new TypeError('the reader is released'));
    if (!idl.isView(view)) return Promise.reject(new TypeError('the argument is no view of a buffer'));
    if (view.byteLength === 0) return Promise.reject(new TypeError('the view is empty'));
    const { promise, resolve, reject } = deferred();
    const { byteOffset, byteLength, constructor } = view;
    const target = view.buffer.transfer();
    const unit = constructor.BYTES_PER_ELEMENT ?? 1;
    state.read({
      chunk: (chunk) => {
        const taken = chunk.subarray(0, byteLength);
        new Uint8Array(target, byteOffset, byteLength).set(taken);
        if (taken.length < chunk.length) {
          const rest = chunk.subarray(taken.length);
          state.queue.unshift([rest, rest.length]);
          state.queued += rest.length;
          if (state.state === 'closed') state.state = 'readable';
        }
        resolve({ value: new constructor(target, byteOffset, Math.floor(taken.length / unit)), done: false });
      },
      close: () => resolve({ value: new constructor(target, byteOffset, 0), done: true }),
      fail: reject,
    });
    return promise;
  }
}

// https://streams.spec.whatwg.org/#abstract-opdef-readablestreamdefaulttee
const tee = (source, copy) => {
  if (source.reader) throw new TypeError('the stream is locked');
  const closed = deferred();
  markHandled(closed.promise);
  source.reader = { closed };
  const cancelled = deferred();
  const reasons = [];
  let reading = false;
  let again = false;
  const pull = () => {
    if (reading) {
      again = true;
      return;
    }
    reading = true;
    source.read({
      chunk: (chunk) => queueMicrotask(() => {
        again = false;
        branches.forEach((branch, i) => {
          if (i in reasons || branch.state !== 'readable') return;
          branch.enqueue(copy && i === 1 ? copy(chunk) : chunk);
        });
        reading = false;
        if (again) pull();
      }),
      close: () => {
        reading = false;
        branches.forEach((branch, i) => {
          if (!(i in reasons) && branch.state === 'readable' && !branch.closing) branch.close();
        });
        if (!(0 in reasons) || !(1 in reasons)) cancelled.resolve(undefined);
      },
      fail: (error) => {
        reading = false;
        branches.forEach((branch) => branch.fail(error));
        cancelled.resolve(undefined);
      },
    });
  };
  const branch = (i) => {
    const state = new State({
      isBytes: source.isBytes, highWaterMark: source.isBytes ? 0 : 1, size: source.isBytes ? (c) => c.byteLength : () => 1, pull,
      cancel: (reason) => {
        reasons[i] = reason;
        if (0 in reasons && 1 in reasons) cancelled.resolve(source.cancelWith([reasons[0], reasons[1]]));
        return cancelled.promise;
      },
    });
    return state;
  };
  const branches = [branch(0), branch(1)];
  closed.promise.catch((error) => branches.forEach((it) => it.fail(error)));
  branches.forEach((it) => it.begin(() => undefined));
  return branches;
};

for (const type of [ReadableStream, ReadableStreamDefaultReader, ReadableStreamBYOBReader,
  ReadableStreamDefaultController, ReadableByteStreamController]) expose(type);
for (const name of ['closed', 'cancel', 'releaseLock']) {
  for (const type of [ReadableStreamDefaultReader, ReadableStreamBYOBReader]) {
    const property = Object.getOwnPropertyDescriptor(Reader.prototype, name);
    Object.defineProperty(type.prototype, name, { ...property, enumerable: true });
  }
}

// The two streams of a cloned body: a chunk of the second is a clone.
shared.cloneStream = (stream) => tee(stateOf(stream), (chunk) => structuredClone(chunk)).map((it) => new ReadableStream(it));
shared.isStream = is;
shared.isDisturbed = (stream) => stateOf(stream).disturbed;
// A byte stream of the prelude. The caller enqueues, finishes and fails.
shared.makeByteStream = (cancel, pull = () => {}) => {
  const state = new State({ isBytes: true, highWaterMark: 0, size: (chunk) => chunk.byteLength, pull, cancel });
  state.started = true;
  return { stream: new ReadableStream(state), state };
};
shared.streamOf = (bytes) => {
  const { stream, state } = shared.makeByteStream(() => {});
  if (bytes.length) state.enqueue(bytes.slice());
  state.close();
  return stream;
};
// Locks a stream, and reads it chunk by chunk.
shared.lockStream = (stream) => {
  const state = stateOf(stream);
  acquire(null, stream);
  state.disturbed = true;
  return { read: (handlers) => state.read(handlers), cancel: (reason) => markHandled(state.cancelWith(reason)) };
};
// All bytes of a stream; a chunk that is none rejects.
shared.readAll = (stream, done, failed) => {
  const state = stateOf(stream);
  const chunks = [];
  acquire(null, stream);
  const next = () => state.read({
    chunk: (chunk) => {
      if (!(chunk instanceof Uint8Array)) {
        const error = new TypeError('a chunk of the body is no Uint8Array');
        markHandled(state.cancelWith(error));
        return failed(error);
      }
      chunks.push(chunk);
      queueMicrotask(next);
    },
    close: () => done(chunks.length ? shared.concat(chunks) : new Uint8Array(0)),
    fail: failed,
  });
  next();
};
