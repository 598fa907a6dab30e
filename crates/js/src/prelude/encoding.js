// `TextEncoder` and `TextDecoder` (https://encoding.spec.whatwg.org/#api).

function encodeUtf8(text) {
  return new Uint8Array(native.utf8Encode(text.toWellFormed()));
}

function decodeUtf8(bytes) {
  return native.utf8Decode(bufferOf(bytes));
}

class TextEncoder {
  get encoding() { textEncoder(this); return "utf-8"; }
  encode(text = "") { textEncoder(this); return encodeUtf8(toUsv(text)); }
  encodeInto(text, into) {
    textEncoder(this);
    require(arguments, 2, "encodeInto");
    text = toUsv(text);
    if (!(into instanceof Uint8Array)) throw new TypeError("the destination is no Uint8Array");
    let [read, written] = [0, 0];
    for (const point of text) {
      const bytes = encodeUtf8(point);
      if (written + bytes.length > into.length) break;
      into.set(bytes, written);
      read += point.length;
      written += bytes.length;
    }
    return { read, written };
  }
}

function textEncoder(value) {
  if (!(value instanceof TextEncoder)) throw new TypeError("this is no TextEncoder");
}
exposeClass(TextEncoder);

class TextDecoder {
  #label;
  #fatal;
  #ignoreBom;
  #decoder = null;
  constructor(label = "utf-8", options) {
    const name = native.encodingName(toText(label));
    if (name === null) throw new RangeError(`'${label}' is no encoding`);
    options = toDictionary(options, "the options");
    [this.#label, this.#fatal, this.#ignoreBom] = [name, Boolean(options.fatal), Boolean(options.ignoreBOM)];
  }
  get encoding() { return this.#label; }
  get fatal() { return this.#fatal; }
  get ignoreBOM() { return this.#ignoreBom; }
  decode(input, options) {
    const stream = Boolean(toDictionary(options, "the options").stream);
    if (input !== undefined && !isBufferSource(input)) throw new TypeError("the input is no buffer");
    const bytes = input === undefined ? new Uint8Array() : bytesOf(input);
    this.#decoder ??= native.decoderNew(this.#label, this.#ignoreBom);
    const text = native.decoderPush(this.#decoder, bufferOf(bytes), !stream, this.#fatal);
    if (!stream || text === null) this.#decoder = null;
    if (text === null) throw new TypeError(`the bytes are no ${this.#label}`);
    return text;
  }
}
exposeClass(TextDecoder);
