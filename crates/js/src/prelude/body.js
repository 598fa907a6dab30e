// Bodies (https://fetch.spec.whatwg.org/#body-mixin): of what a script gives, and of what it gets.

const bodyStates = new WeakMap();

/** [Extract a body](https://fetch.spec.whatwg.org/#concept-bodyinit-extract): its bytes or stream, and the type it brings. */
function extractBody(init, { keepalive = false } = {}) {
  if (init instanceof ReadableStream) {
    if (keepalive) throw new TypeError("a stream cannot be sent with keepalive");
    const state = streamOf(init);
    if (state.disturbed || state.reader) throw new TypeError("the stream was read, or is locked");
    return { bytes: null, stream: init, type: null, kind: "stream" };
  }
  if (init instanceof Blob) {
    const { bytes, type } = blobOf(init);
    return { bytes, stream: null, type: type === "" ? null : type, kind: "bytes" };
  }
  if (isBufferSource(init)) return { bytes: bytesOf(init), stream: null, type: null, kind: "bytes" };
  if (init instanceof FormData) return { ...writeMultipart(init), stream: null, kind: "bytes" };
  if (init instanceof URLSearchParams) {
    const type = "application/x-www-form-urlencoded;charset=UTF-8";
    return { bytes: encodeUtf8(native.formWrite(params(init).list)), stream: null, type, kind: "text" };
  }
  return { bytes: encodeUtf8(toUsv(init)), stream: null, type: "text/plain;charset=UTF-8", kind: "text" };
}

/** The body's stream, made when somebody asks for it. */
function bodyStream(body) {
  if (!body.stream) {
    body.stream = streamOfBytes(body.bytes);
    if (body.used) streamOf(body.stream).disturbed = true;
  }
  return body.stream;
}

function isUsed(body) {
  return Boolean(body) && (body.used || Boolean(body.stream && streamOf(body.stream).disturbed));
}

function isUnusable(body) {
  return Boolean(body) && (isUsed(body) || Boolean(body.stream && streamOf(body.stream).reader));
}

function cloneBody(body) {
  if (!body) return null;
  if (!body.stream) return { ...body };
  const [one, other] = teeStream(body.stream);
  body.stream = one;
  return { ...body, stream: other };
}

/** Every byte of a body that nobody else reads. */
async function readBody(body) {
  body.used = true;
  if (!body.stream) return body.bytes;
  const state = streamOf(body.stream);
  state.reader = { closed: Promise.withResolvers() };
  state.reader.closed.promise.catch(() => {});
  const chunks = [];
  try {
    for (;;) {
      const { value, done } = await readChunk(state);
      if (done) break;
      if (!(value instanceof Uint8Array)) throw new TypeError("a chunk of the body is no Uint8Array");
      chunks.push(value);
    }
  } finally {
    state.reader = null;
  }
  return chunks.length ? concat(chunks) : new Uint8Array();
}

/** `text()` and its like (https://fetch.spec.whatwg.org/#concept-body-consume-body). */
async function consume(object, convert) {
  const body = bodyOf(object);
  if (isUnusable(body)) throw new TypeError("the body was read, or is locked");
  const abort = requestSignal(object);
  if (abort?.aborted) throw abort.reason;
  return convert(body ? await readBody(body) : new Uint8Array());
}

function bodyOf(object) {
  if (!bodyStates.has(object)) throw new TypeError("this is neither a Request nor a Response");
  return bodyStates.get(object);
}

const bodyMixin = {
  get body() {
    const body = bodyOf(this);
    return body ? bodyStream(body) : null;
  },
  get bodyUsed() { return isUsed(bodyOf(this)); },
  async arrayBuffer() { return consume(this, (bytes) => bytes.slice().buffer); },
  async blob() { return consume(this, (bytes) => makeBlob(bytes.slice(), native.mimeType(typeOf(this)) ?? "")); },
  async bytes() { return consume(this, (bytes) => bytes.slice()); },
  async formData() {
    return consume(this, (bytes) => {
      const type = typeOf(this) ?? "";
      const essence = native.mimeEssence(type);
      if (essence === "application/x-www-form-urlencoded") {
        const form = new FormData();
        for (const [name, value] of native.formParse(native.latin1(bufferOf(bytes)))) form.append(name, value);
        return form;
      }
      const form = essence === "multipart/form-data" ? readMultipart(bytes, native.mimeParameter(type, "boundary") ?? "") : null;
      if (!form) throw new TypeError("the body is no form");
      return form;
    });
  },
  async json() { return consume(this, (bytes) => JSON.parse(decodeUtf8(bytes))); },
  async text() { return consume(this, decodeUtf8); },
};

function typeOf(object) {
  return getHeader(headersOf(object.headers).list, "content-type");
}

function mixBodyInto(Class) {
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(bodyMixin))) {
    Object.defineProperty(Class.prototype, name, property);
  }
}
