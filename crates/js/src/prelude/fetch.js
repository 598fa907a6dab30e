// https://fetch.spec.whatwg.org/#fetch-method

const { idl, Body } = shared;
const { Object, Request, Uint8Array } = globalThis;
const withResolvers = Promise.withResolvers.bind(Promise);
const listeners = new shared.Map();

shared.hooks.fetch = (id, kind, value) => {
  const onEvent = listeners.get(id);
  if (kind === 'end' || kind === 'failed') listeners.delete(id);
  onEvent?.(kind, value);
};

// Begins a fetch, and returns its number. `onEvent` gets its head, its chunks and its end.
shared.startFetch = (parts, onEvent) => {
  const id = host.fetch(parts);
  listeners.set(id, onEvent);
  return id;
};
shared.cancelFetch = (id) => {
  listeners.delete(id);
  host.cancel(id);
};

const failure = () => new TypeError('Failed to fetch');

const begin = (request, bytes, resolve, reject) => {
  const { state, headers, body, signal } = request;
  if (state.url.startsWith('blob:')) {
    if (signal) shared.unfollowSignal(signal);
    return fromBlob(state, resolve, reject);
  }
  const source = body?.streamed && bytes === null ? shared.lockStream(body.stream) : null;
  let incoming = null;
  const finish = () => {
    if (!signal) return;
    removeAbortStep();
    shared.unfollowSignal(signal);
  };
  const fail = (reason, later = reason) => {
    finish();
    reject(reason);
    incoming?.fail(later);
  };
  const onEvent = (kind, value) => {
    switch (kind) {
      case 'head': {
        const { 0: type, 1: status, 2: statusText, 3: url, 4: redirected, 5: hasBody, 6: lines } = value;
        if (hasBody) incoming = new shared.Incoming(() => shared.cancelFetch(id));
        resolve(shared.makeResponse(
          { type, status, statusText, url, redirected }, lines, hasBody ? Body.from({ __proto__: null, incoming }) : null));
        break;
      }
      case 'chunk': incoming?.push(new Uint8Array(value)); break;
      case 'end':
        finish();
        incoming?.close();
        break;
      case 'wanted': send(source, id, fail); break;
      default:
        source?.cancel(failure());
        fail(failure(), new TypeError('the body broke off'));
    }
  };
  // The state is the prototype: the native half reads its fields, too.
  const parts = Object.create(state);
  parts.headers = headers ? shared.headers.lines(headers) : [];
  parts.body = bytes;
  parts.streamed = source !== null;
  const id = shared.startFetch(parts, onEvent);
  const removeAbortStep = signal && shared.addAbortStep(signal, () => {
    shared.cancelFetch(id);
    source?.cancel(signal.reason);
    fail(signal.reason);
  });
};

// Sends the next piece of a body that the script streams.
const send = (source, id, fail) => source.read({
  chunk(piece) {
    if (piece instanceof Uint8Array) return host.sendUploadChunk(id, piece);
    const error = new TypeError('a chunk of the body is no Uint8Array');
    source.cancel(error);
    shared.cancelFetch(id);
    fail(error);
  },
  close() { host.sendUploadChunk(id, null); },
  fail(error) {
    shared.cancelFetch(id);
    fail(error instanceof TypeError ? error : failure());
  },
});

// https://fetch.spec.whatwg.org/#scheme-fetch, for a URL of this script's own store.
const fromBlob = (state, resolve, reject) => {
  if (!state.blob || state.method !== 'GET') return reject(failure());
  const bytes = shared.blobBytes(state.blob);
  const lines = [['content-length', `${bytes.length}`], ['content-type', host.mimeType(state.blob.type) ? state.blob.type : '']];
  resolve(shared.makeResponse(
    { type: 'basic', status: 200, statusText: 'OK', url: state.url, redirected: false }, lines, Body.from({ __proto__: null, bytes })));
};

const start = (request, resolve, reject) => {
  const { body, signal } = request;
  if (signal?.aborted) {
    if (body?.stream && !body.stream.locked) body.stream.cancel(signal.reason).catch(() => {});
    reject(signal.reason);
  } else if (!body) {
    begin(request, null, resolve, reject);
  } else if (body.streamed) {
    begin(request, null, resolve, reject);
  } else if (body.bytes && !body.stream) {
    begin(request, body.bytes, resolve, reject);
  } else {
    body.consume((bytes) => {
      if (signal?.aborted) return reject(signal.reason);
      try {
        begin(request, bytes, resolve, reject);
      } catch (error) {
        reject(error);
      }
    }, (error) => reject(error instanceof TypeError ? error : failure()));
  }
};

const method = {
  fetch(input, init = {}) {
    // No function for the constructor of promises: it would catch even the engine's own end of the script.
    const { promise, resolve, reject } = withResolvers();
    try {
      idl.required(arguments, 1, 'fetch');
      start(shared.requestInternals(new Request(input, init)), resolve, reject);
    } catch (error) {
      reject(error);
    }
    return promise;
  },
};
Object.defineProperty(method.fetch, 'length', { value: 1 });
Object.defineProperty(globalThis, 'fetch', { value: method.fetch, writable: true, enumerable: true, configurable: true });
