// `EventSource` (https://html.spec.whatwg.org/multipage/server-sent-events.html).

class EventSource extends EventTarget {
  #url;
  #include;
  #state = 0;
  #cancel = () => {};
  #delay = 3000;
  #lastId = "";
  #timer = null;

  constructor(url, init) {
    require(arguments, 1, "EventSource");
    super();
    const parts = native.urlParse(toUsv(url), location.href);
    if (parts === null) throw new DOMException(`'${url}' is not a URL`, "SyntaxError");
    this.#url = parts.href;
    this.#include = Boolean(toDictionary(init, "the init").withCredentials);
    this.#connect();
  }
  get url() { return this.#url; }
  get withCredentials() { return this.#include; }
  get readyState() { return this.#state; }
  close() {
    this.#state = 2;
    this.#cancel();
    if (this.#timer !== null) stopTimer(this.#timer);
  }

  #connect() {
    const lines = [["Accept", "text/event-stream"], ["Cache-Control", "no-cache"]];
    if (this.#lastId !== "") lines.push(["Last-Event-ID", native.latin1(bufferOf(encodeUtf8(this.#lastId)))]);
    const request = {
      url: this.#url, method: "GET", mode: "cors", credentials: this.#include ? "include" : "same-origin", cache: "no-store",
      redirect: "follow", referrer: "about:client", referrerPolicy: "", headers: makeHeaders(lines, "request"),
    };
    const reader = new EventReader((event) => this.#message(event), (delay) => { this.#delay = delay; });
    let origin = location.origin;
    this.#cancel = startFetch(request, null, {
      head: (head) => {
        const type = native.mimeEssence(getHeader(head.headers, "content-type") ?? "");
        if (head.status !== 200 || type !== "text/event-stream") return this.#fail();
        origin = native.urlParse(head.url, null)?.origin ?? origin;
        reader.origin = origin;
        if (this.#state === 2) return undefined;
        this.#state = 1;
        fire(this, new Event("open"));
        return undefined;
      },
      chunk: (bytes) => { if (this.#state !== 2) reader.push(new Uint8Array(bytes)); },
      end: () => this.#again(),
      failed: () => (this.#state === 0 ? this.#fail() : this.#again()),
    });
  }

  #message({ type, data, id, origin }) {
    if (id !== null) this.#lastId = id;
    if (data === null || this.#state === 2) return;
    fire(this, new MessageEvent(type, { data, origin, lastEventId: this.#lastId }));
  }

  #fail() {
    if (this.#state === 2) return;
    this.#state = 2;
    this.#cancel();
    fire(this, new Event("error"));
  }

  #again() {
    if (this.#state === 2) return;
    this.#state = 0;
    fire(this, new Event("error"));
    if (this.#state === 0) this.#timer = startTimer(() => this.#connect(), this.#delay, [], false);
  }
}

/** Splits a stream of bytes into events. */
class EventReader {
  constructor(onEvent, onRetry) {
    Object.assign(this, { onEvent, onRetry, origin: "", rest: "", data: [], type: "", id: null, first: true });
    this.decoder = new TextDecoder("utf-8");
  }
  push(bytes) {
    let text = this.rest + this.decoder.decode(bytes, { stream: true });
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(text);
      if (!end) break;
      this.line(text.slice(0, end.index));
      text = text.slice(end.index + end[0].length);
    }
    this.rest = text;
  }
  line(line) {
    if (line === "") return this.flush();
    const colon = line.indexOf(":");
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.data.push(value);
    else if (field === "event") this.type = value;
    else if (field === "id" && !value.includes("\0")) this.id = value;
    else if (field === "retry" && /^[0-9]+$/.test(value)) this.onRetry(Number(value));
    return undefined;
  }
  flush() {
    const { data, type, id, origin } = this;
    this.onEvent({ type: type || "message", data: data.length ? data.join("\n") : null, id, origin });
    [this.data, this.type] = [[], ""];
  }
}

for (const type of ["open", "message", "error"]) handlerAttribute(EventSource.prototype, type);
exposeClass(EventSource, { CONNECTING: 0, OPEN: 1, CLOSED: 2 });
