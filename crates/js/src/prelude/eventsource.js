// https://html.spec.whatwg.org/multipage/server-sent-events.html

const { idl, expose, constants, fire } = shared;
const { Boolean, Event, Math, MessageEvent, Number, Uint8Array } = globalThis;
const MAX_WAIT = 60_000;

class EventSource extends EventTarget {
  #url;
  #credentials;
  #state = 0;
  #id = null;
  #wait = 3000;
  #timer = 0;
  #lastId = '';

  constructor(url, eventSourceInitDict = {}) {
    super();
    idl.required(arguments, 1, 'EventSource');
    const address = idl.usv(url);
    const parsed = shared.resolve(address);
    if (!parsed) throw shared.domException('SyntaxError', `'${address}' is no URL`);
    this.#url = parsed.href;
    this.#credentials = Boolean(idl.dictionary(eventSourceInitDict).withCredentials);
    this.#connect();
  }
  get url() { return this.#url; }
  get withCredentials() { return this.#credentials; }
  get readyState() { return this.#state; }
  close() {
    this.#state = 2;
    this.#cancel();
    clearTimeout(this.#timer);
  }

  #connect() {
    const headers = [['Accept', 'text/event-stream']];
    // It may come from a server, and goes to the same one: it is the browser's own header.
    if (this.#lastId !== '') headers.push(['Last-Event-ID', host.latin1Decode(shared.utf8(this.#lastId))]);
    const parser = new Parser((event) => this.#dispatch(event), (wait) => { this.#wait = Math.min(wait, MAX_WAIT); });
    let origin = '';
    const onEvent = (kind, value) => {
      if (this.#state === 2) return;
      if (kind === 'head') {
        const [, status, , url, , , lines] = value;
        const type = lines.find(([name]) => name === 'content-type')?.[1] ?? '';
        if (status !== 200 || host.mimeType(type)?.split(';')[0] !== 'text/event-stream') {
          this.#cancel();
          return this.#fail();
        }
        origin = host.urlParse(url, undefined)?.origin ?? '';
        parser.origin = origin;
        this.#state = 1;
        fire(this, 'open');
      } else if (kind === 'chunk') {
        parser.push(new Uint8Array(value));
      } else if (kind === 'failed' && this.#state === 0 && origin === '' && !this.#connected) {
        this.#fail();
      } else {
        this.#reconnect();
      }
      if (kind === 'head') this.#connected = true;
    };
    this.#id = shared.startFetch({
      url: this.#url, method: 'GET', headers, body: null, mode: 'cors',
      credentials: this.#credentials ? 'include' : 'same-origin', redirect: 'follow', cache: 'no-store',
      referrer: 'about:client', referrerPolicy: '',
    }, onEvent);
  }
  #connected = false;
  #cancel() { if (this.#id !== null) shared.cancelFetch(this.#id); }
  #fail() {
    this.#state = 2;
    fire(this, 'error');
  }
  #reconnect() {
    this.#state = 0;
    fire(this, 'error');
    if (this.#state !== 0) return;
    this.#timer = shared.queueTask(() => { if (this.#state === 0) this.#connect(); }, this.#wait);
  }
  #dispatch({ type, data, id, origin }) {
    if (this.#state === 2) return;
    this.#lastId = id;
    fire(this, type, MessageEvent, { data, origin, lastEventId: id });
  }
}

// https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
class Parser {
  origin = '';
  #decode = host.decoder('utf-8', false, false);
  #text = '';
  #data = '';
  #type = '';
  #id = '';
  #dispatch;
  #retry;
  constructor(dispatch, retry) {
    this.#dispatch = dispatch;
    this.#retry = retry;
  }
  push(bytes) {
    this.#text += this.#decode(bytes, false);
    for (;;) {
      const end = this.#text.search(/[\r\n]/);
      // A CR at the end may be half of a CRLF.
      if (end < 0 || (this.#text[end] === '\r' && end === this.#text.length - 1)) return;
      const line = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + (this.#text.startsWith('\r\n', end) ? 2 : 1));
      this.#line(line);
    }
  }
  #line(line) {
    if (line === '') return this.#emit();
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#type = value;
    else if (field === 'data') this.#data += `${value}\n`;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^[0-9]+$/.test(value)) this.#retry(Number(value));
  }
  #emit() {
    const data = this.#data;
    const type = this.#type || 'message';
    this.#data = '';
    this.#type = '';
    if (data !== '') this.#dispatch({ type, data: data.slice(0, -1), id: this.#id, origin: this.origin });
  }
}
Object.defineProperty(EventSource, 'length', { value: 1 });
shared.handlers(EventSource.prototype, ['open', 'message', 'error']);
expose(EventSource);
constants(EventSource, { CONNECTING: 0, OPEN: 1, CLOSED: 2 });
