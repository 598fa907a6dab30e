// https://fetch.spec.whatwg.org/#fetch-method

const { idl, Body } = shared;
const withResolvers = Promise.withResolvers.bind(Promise);
const waiting = new Map();

shared.hooks.fetch = (id, kind, value) => {
  const hear = waiting.get(id);
  if (kind === 'end' || kind === 'failed') waiting.delete(id);
  hear?.(kind, value);
};

// Begins a conversation; `hear` is told of its head, its chunks and its end. Gives the function that cancels it.
const converse = (asked, hear) => {
  const id = host.fetch(asked);
  waiting.set(id, hear);
  const cancel = () => {
    waiting.delete(id);
    host.cancel(id);
  };
  cancel.put = (piece) => host.fetchPiece(id, piece);
  return cancel;
};
shared.converse = converse;

const failure = () => new TypeError('Failed to fetch');

const responseOf = ([type, status, statusText, url, redirected, hasBody, headers], incoming) => shared.makeResponse(
  { type, status, statusText, url, redirected, headers }, hasBody ? Body.of({ incoming }) : null);

const begin = (request, bytes, resolve, reject) => {
  const { state, headers, body, signal } = request;
  const source = body?.streamed && bytes === null ? shared.source(body.stream) : null;
  let incoming = null;
  let cancel = () => {};
  const unfollow = shared.addAbortStep(signal, () => {
    cancel();
    source?.cancel(signal.reason);
    reject(signal.reason);
    incoming?.fail(signal.reason);
  });
  const hear = (kind, value) => {
    switch (kind) {
      case 'head':
        incoming = new shared.Incoming(() => cancel());
        resolve(responseOf(value, incoming));
        break;
      case 'chunk': incoming.push(new Uint8Array(value)); break;
      case 'end':
        unfollow();
        incoming.close();
        break;
      case 'wanted': source.read(pieces); break;
      default:
        unfollow();
        source?.cancel(failure());
        reject(failure());
        incoming?.fail(new TypeError('the body broke off'));
    }
  };
  // The next piece of a body that the script streams.
  const giveUp = (error) => {
    cancel();
    unfollow();
    reject(error);
    incoming?.fail(error);
  };
  const pieces = {
    chunk(piece) {
      if (piece instanceof Uint8Array) return cancel.put(piece);
      const error = new TypeError('a chunk of the body is no Uint8Array');
      source.cancel(error);
      giveUp(error);
    },
    close() { cancel.put(null); },
    fail(error) { giveUp(error instanceof TypeError ? error : failure()); },
  };
  if (state.url.startsWith('blob:')) return fromBlob(state, resolve, reject);
  cancel = converse({
    url: state.url, method: state.method, headers: shared.headers.lines(headers), body: bytes,
    streamed: source !== null, mode: state.mode, credentials: state.credentials, redirect: state.redirect,
    cache: state.cache, referrer: state.referrer, referrerPolicy: state.referrerPolicy, integrity: state.integrity,
  }, hear);
};

// https://fetch.spec.whatwg.org/#scheme-fetch, for a URL of this script's own store.
const fromBlob = (state, resolve, reject) => {
  if (!state.blob || state.method !== 'GET') return reject(failure());
  const bytes = shared.blobBytes(state.blob);
  const headers = [['content-length', `${bytes.length}`], ['content-type', host.mimeType(state.blob.type) ? state.blob.type : '']];
  resolve(shared.makeResponse(
    { type: 'basic', status: 200, statusText: 'OK', url: state.url, redirected: false, headers }, Body.of({ bytes })));
};

const start = (request, resolve, reject) => {
  const { body, signal } = request;
  if (signal.aborted) {
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
      if (signal.aborted) return reject(signal.reason);
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
      start(shared.insideRequest(new Request(input, init)), resolve, reject);
    } catch (error) {
      reject(error);
    }
    return promise;
  },
};
Object.defineProperty(method.fetch, 'length', { value: 1 });
Object.defineProperty(globalThis, 'fetch', { value: method.fetch, writable: true, enumerable: true, configurable: true });
