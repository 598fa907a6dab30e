// https://streams.spec.whatwg.org/#rs-model: the state of a readable stream.

const { Math, Number, Object, Promise } = globalThis;
const markHandled = (promise) => {
  promise.catch(() => {});
  return promise;
};
const deferred = () => Promise.withResolvers();

// The state of a stream, behind its interfaces.
class State {
  state = 'readable';
  queue = [];
  queued = 0;
  error = undefined;
  reader = null;
  requests = [];
  disturbed = false;
  closing = false;
  started = false;
  pulling = false;
  pullAgain = false;
  isBytes = false;
  highWaterMark = 0;
  size = undefined;
  pull = undefined;
  cancel = undefined;
  constructor(source) {
    Object.assign(this, source);
  }
  get wants() {
    if (this.state !== 'readable' || this.closing) return 0;
    return this.highWaterMark - this.queued;
  }
  pullIfNeeded() {
    if (!this.started || this.state !== 'readable' || this.closing) return;
    if (this.requests.length === 0 && this.wants <= 0) return;
    if (this.pulling) {
      this.pullAgain = true;
      return;
    }
    this.pulling = true;
    let pulled;
    try {
      pulled = Promise.resolve(this.pull());
    } catch (error) {
      pulled = Promise.reject(error);
    }
    pulled.then(() => {
      this.pulling = false;
      if (this.pullAgain) {
        this.pullAgain = false;
        this.pullIfNeeded();
      }
    }, (error) => this.fail(error));
  }
  enqueue(chunk) {
    if (this.state !== 'readable' || this.closing) throw new TypeError('the stream takes no more chunks');
    if (this.requests.length > 0) {
      this.requests.shift().chunk(chunk);
    } else {
      let size;
      try {
        size = Number(this.size(chunk));
        if (!(size >= 0) || size === Infinity) throw new RangeError('the size of a chunk is no finite number');
      } catch (error) {
        this.fail(error);
        throw error;
      }
      this.queue.push([chunk, size]);
      this.queued += size;
    }
    this.pullIfNeeded();
  }
  close() {
    if (this.state !== 'readable' || this.closing) throw new TypeError('the stream is closed or errored');
    this.closing = true;
    if (this.queue.length === 0) this.finish();
  }
  finish() {
    if (this.state !== 'readable') return;
    this.state = 'closed';
    const requests = this.requests;
    this.requests = [];
    this.reader?.closed.resolve(undefined);
    for (const request of requests) request.close();
  }
  fail(error) {
    if (this.state !== 'readable') return;
    this.state = 'errored';
    this.error = error;
    this.queue = [];
    this.queued = 0;
    const requests = this.requests;
    this.requests = [];
    if (this.reader) {
      this.reader.closed.reject(error);
      markHandled(this.reader.closed.promise);
    }
    for (const request of requests) request.fail(error);
  }
  read(request) {
    this.disturbed = true;
    if (this.state === 'closed') return request.close();
    if (this.state === 'errored') return request.fail(this.error);
    if (this.queue.length > 0) {
      const [chunk, size] = this.queue.shift();
      this.queued = Math.max(0, this.queued - size);
      if (this.closing && this.queue.length === 0) this.finish();
      else this.pullIfNeeded();
      return request.chunk(chunk);
    }
    this.requests.push(request);
    this.pullIfNeeded();
  }
  cancelWith(reason) {
    this.disturbed = true;
    if (this.state === 'closed') return Promise.resolve(undefined);
    if (this.state === 'errored') return Promise.reject(this.error);
    this.queue = [];
    this.queued = 0;
    this.finish();
    try {
      return Promise.resolve(this.cancel(reason)).then(() => undefined);
    } catch (error) {
      return Promise.reject(error);
    }
  }
  begin(start) {
    const started = Promise.resolve(start());
    started.then(() => {
      this.started = true;
      this.pullIfNeeded();
    }, (error) => this.fail(error));
  }
}
shared.StreamState = State;
shared.markHandled = markHandled;
shared.deferred = deferred;
