// `fetch()` (https://fetch.spec.whatwg.org/#fetch-method). The host fetches; here its answers become objects.

/** Fetches under way, by their number: what to do with each answer of the host's. */
const fetching = new Map();

/** Begins a fetch for the host; `sink` hears `head`, `chunk`, `end` and `failed`. */
function startFetch(request, body, sink) {
  const { url, method, mode, credentials, cache, redirect, referrer, referrerPolicy, headers } = request;
  const bytes = body ? bufferOf(body.bytes) : null;
  const options = {
    url, method, mode, credentials, cache, redirect, referrer, referrerPolicy,
    headers: headersOf(headers).list, isStream: body?.kind === "stream", timing: request.timing ?? "",
  };
  const id = native.fetchStart(options, bytes);
  if (typeof id === "string") {
    queueMicrotask(() => sink.failed(id));
    return () => {};
  }
  fetching.set(id, sink);
  return () => {
    fetching.delete(id);
    native.fetchCancel(id);
  };
}

/** The host's word about a fetch. */
function networkEvent(id, kind, payload) {
  const sink = fetching.get(id);
  if (!sink) return;
  if (kind === "end" || kind === "failed") fetching.delete(id);
  sink[kind](payload);
}

function networkError() {
  return new TypeError("Failed to fetch");
}

function fetchRequest(request) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const state = requestOf(request);
  const body = bodyOf(request);
  const { signal } = state;
  let stream = null;
  let cancel = () => {};
  const abort = () => {
    const { reason } = signalState(signal);
    cancel();
    reject(reason);
    if (stream) errorStream(streamOf(stream), reason);
    if (body?.stream) cancelStream(streamOf(body.stream), reason).catch(() => {});
  };
  if (signal.aborted) {
    abort();
    return promise;
  }
  const forget = onAbort(signal, abort);
  const sink = {
    head(head) {
      let pulled;
      if (head.body === "readable") {
        stream = new ReadableStream({ cancel() { forget(); cancel(); } });
        pulled = { bytes: null, stream, type: null, kind: "stream", used: false };
      }
      const headers = makeHeaders(head.headers, "immutable");
      resolve(makeResponse({ ...head, headers }, pulled ?? null));
    },
    chunk(bytes) {
      const inner = streamOf(stream);
      if (inner.status === "readable" && !inner.closing) enqueue(inner, new Uint8Array(bytes));
    },
    end() {
      forget();
      if (stream) closeStream(streamOf(stream));
    },
    failed(message) {
      forget();
      const error = new TypeError(message || "Failed to fetch");
      reject(error);
      if (stream) errorStream(streamOf(stream), error);
    },
  };
  const begin = () => { if (!signal.aborted) cancel = startFetch(state, body, sink); };
  if (body?.kind === "stream" && !body.bytes) {
    // A stream is read to its end before it is sent: it cannot be sent twice, and the core knows that.
    readBody(body).then((bytes) => { body.bytes = bytes; begin(); }, (error) => { forget(); reject(error); });
  } else {
    if (body) body.used = true;
    begin();
  }
  return promise;
}

exposeFunctions({
  fetch(input, init) {
    try {
      require(arguments, 1, "fetch");
      return fetchRequest(new Request(input, init));
    } catch (error) {
      return Promise.reject(error);
    }
  },
});
