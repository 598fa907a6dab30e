// https://fetch.spec.whatwg.org/#bodies: what a body is made from, and how it is read.

const { idl, call } = shared;
const { Boolean, FormData, JSON, Object, Promise, Uint8Array } = globalThis;
const { toString: paramsToString } = URLSearchParams.prototype;

// https://fetch.spec.whatwg.org/#concept-bodyinit-extract
shared.extractBody = (object, use) => {
  if (shared.isBlob(object)) {
    return { __proto__: null, bytes: shared.blobBytes(object), type: object.type || undefined, kind: 'bytes' };
  }
  if (shared.isFormData(object)) {
    const { bytes, boundary } = shared.multipart(object);
    return { __proto__: null, bytes, type: `multipart/form-data; boundary=${boundary}`, kind: 'bytes' };
  }
  if (shared.isSearchParams(object)) {
    return { __proto__: null, bytes: shared.utf8(call(paramsToString, object)),
      type: 'application/x-www-form-urlencoded;charset=UTF-8', kind: 'text' };
  }
  if (use === 'fetch' && shared.isStream(object)) return { __proto__: null, stream: object, kind: 'stream' };
  const bytes = idl.bytes(object);
  if (bytes) return { __proto__: null, bytes, type: undefined, kind: 'bytes' };
  return { __proto__: null, bytes: shared.utf8(idl.usv(object)), type: 'text/plain;charset=UTF-8', kind: 'text' };
};

// A body: of bytes, of a stream, or of what the network brings.
class Body {
  #used = false;
  constructor(bytes, stream, incoming) {
    this.bytes = bytes;
    this.stream = stream;
    this.incoming = incoming;
    // Whether it was made from a script's stream.
    this.streamed = stream !== null;
  }
  static from({ bytes = null, stream = null, incoming = null }) { return new Body(bytes, stream, incoming); }
  get isUsed() { return this.stream ? shared.isDisturbed(this.stream) : this.#used; }
  get isUnusable() { return this.isUsed || Boolean(this.stream?.locked); }
  get asStream() {
    if (this.stream) return this.stream;
    if (this.#used) {
      this.stream = shared.streamOf(new Uint8Array(0));
      shared.readAll(this.stream, () => {}, () => {});
    } else {
      this.stream = this.incoming ? this.incoming.toStream() : shared.streamOf(this.bytes);
    }
    return this.stream;
  }
  // Reads everything. With callbacks, not promises: a script's `then` is not called, and a body that is complete is returned
  // immediately.
  consume(done, failed) {
    if (this.stream) return shared.readAll(this.stream, done, failed);
    this.#used = true;
    if (this.incoming) this.incoming.whole(done, failed);
    else done(this.bytes);
  }
  clone() {
    if (this.bytes && !this.stream) return Body.from({ __proto__: null, bytes: this.bytes });
    const [first, second] = shared.cloneStream(this.asStream);
    this.stream = first;
    const copy = Body.from({ __proto__: null, stream: second });
    copy.streamed = this.streamed;
    return copy;
  }
  // Moves everything into a new body; this one is used up.
  transfer() {
    const body = new Body(this.bytes, this.stream, this.incoming);
    body.streamed = this.streamed;
    if (this.stream) {
      // The old stream stays locked and disturbed.
      const [own] = [this.stream];
      const source = shared.lockStream(own);
      const { stream, state } = shared.makeByteStream((reason) => source.cancel(reason), () => source.read({
        chunk: (chunk) => state.enqueue(chunk),
        close: () => state.finish(),
        fail: (error) => state.fail(error),
      }));
      body.stream = stream;
      this.bytes = null;
    } else {
      this.#used = true;
    }
    return body;
  }
}
shared.Body = Body;

// What the network brings, piece by piece.
shared.Incoming = class Incoming {
  #chunks = new shared.Set();
  #ended = false;
  // Why the body is incomplete.
  failure = null;
  #waiting = null;
  #feed = null;
  #cancel;
  constructor(cancel) {
    this.#cancel = cancel;
  }
  push(chunk) {
    if (this.#feed) this.#feed.state.state === 'readable' && this.#feed.state.enqueue(chunk);
    else this.#chunks.add(chunk);
  }
  close() {
    if (this.#feed) this.#feed.state.state === 'readable' && this.#feed.state.close();
    this.#finish();
  }
  fail(error) {
    if (!this.#ended) this.failure = { error };
    this.#feed?.state.fail(error);
    this.#finish();
  }
  #finish() {
    if (this.#ended) return;
    this.#ended = true;
    const waiting = this.#waiting;
    // The callbacks may hold the body, and this must not hold both.
    this.#waiting = null;
    if (waiting) this.#settle(waiting.done, waiting.failed);
  }
  #settle(done, failed) {
    if (this.failure) return failed(this.failure.error);
    const chunks = this.#chunks;
    this.#chunks = new shared.Set();
    done(shared.concat(chunks));
  }
  whole(done, failed) {
    if (this.#ended) this.#settle(done, failed);
    else this.#waiting = { done, failed };
  }
  toStream() {
    this.#feed = shared.makeByteStream(() => this.#cancel());
    const { state, stream } = this.#feed;
    this.#chunks.forEach((chunk) => state.enqueue(chunk));
    this.#chunks = new shared.Set();
    if (this.failure) state.fail(this.failure.error);
    else if (this.#ended) state.close();
    return stream;
  }
};

// https://fetch.spec.whatwg.org/#body-mixin, for a class whose objects have the body and the headers that these give.
shared.bodyMixin = (type, bodyOf, headersOf) => {
  const mimeOf = (object) => shared.mimeOf(headersOf(object));
  const read = (convert) => (object) => new Promise((resolve, reject) => {
    const body = bodyOf(object);
    if (body?.incoming?.failure) throw body.incoming.failure.error;
    if (body?.isUnusable) throw new TypeError('the body is used already, or is locked');
    const done = (bytes) => {
      try {
        resolve(convert(bytes, object));
      } catch (error) {
        reject(error);
      }
    };
    if (body) body.consume(done, reject);
    else done(new Uint8Array(0));
  });
  const readers = {
    arrayBuffer: read((bytes) => bytes.slice().buffer),
    blob: read((bytes, object) => shared.makeBlob(bytes, mimeOf(object) ?? '')),
    bytes: read((bytes) => bytes.slice()),
    formData: read((bytes, object) => toFormData(bytes, mimeOf(object))),
    json: read((bytes) => JSON.parse(host.utf8Decode(bytes))),
    text: read((bytes) => host.utf8Decode(bytes)),
  };
  for (const [name, reader] of Object.entries(readers)) {
    const value = { [name]() { return reader(this); } }[name];
    Object.defineProperty(type.prototype, name, { value, writable: true, enumerable: true, configurable: true });
  }
  const accessors = {
    body() { return bodyOf(this)?.asStream ?? null; },
    bodyUsed() { return bodyOf(this)?.isUsed ?? false; },
  };
  for (const [name, getter] of Object.entries(accessors)) {
    Object.defineProperty(type.prototype, name, { get: getter, set: undefined, enumerable: true, configurable: true });
  }
};
const toFormData = (bytes, mime) => {
  const essence = mime?.split(';')[0];
  if (essence === 'multipart/form-data') {
    const boundary = host.mimeParameter(mime, 'boundary');
    if (!boundary) throw new TypeError('the type of the body names no boundary');
    return shared.parseMultipart(bytes, boundary);
  }
  if (essence === 'application/x-www-form-urlencoded') {
    const data = new FormData();
    for (const [name, value] of host.formParse(host.latin1Decode(bytes).length ? utf8Lossy(bytes) : '')) data.append(name, value);
    return data;
  }
  throw new TypeError('the type of the body is no form');
};
const utf8Lossy = (bytes) => host.decoder('utf-8', false, true)(bytes, true);
