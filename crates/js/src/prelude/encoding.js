// https://encoding.spec.whatwg.org/#api and https://html.spec.whatwg.org/multipage/webappapis.html#atob

const { idl, expose } = shared;
const { Boolean, Object, String, Uint8Array } = globalThis;

class TextEncoder {
  get encoding() { return 'utf-8'; }
  encode(input = '') { return new Uint8Array(host.utf8Encode(idl.usv(input))); }
  encodeInto(source, destination) {
    idl.required(arguments, 2, 'encodeInto');
    const text = idl.usv(source);
    if (!(destination instanceof Uint8Array)) throw new TypeError('the destination is no Uint8Array');
    let read = 0;
    let written = 0;
    for (const character of text) {
      const bytes = new Uint8Array(host.utf8Encode(character));
      if (written + bytes.length > destination.length) break;
      destination.set(bytes, written);
      written += bytes.length;
      read += character.length;
    }
    return { read, written };
  }
}

class TextDecoder {
  #encoding;
  #fatal;
  #ignoreBOM;
  #decoder = null;
  constructor(label = 'utf-8', options = {}) {
    const name = host.encodingName(idl.usv(label));
    if (name === undefined || name === null) throw new RangeError(`'${label}' is no encoding`);
    const init = idl.dictionary(options, 'options');
    this.#encoding = name;
    this.#fatal = Boolean(init.fatal);
    this.#ignoreBOM = Boolean(init.ignoreBOM);
  }
  get encoding() { return this.#encoding; }
  get fatal() { return this.#fatal; }
  get ignoreBOM() { return this.#ignoreBOM; }
  decode(input = undefined, options = {}) {
    let bytes = new Uint8Array(0);
    if (input !== undefined) {
      bytes = idl.bytes(input) ?? (idl.isSharedBuffer(input) ? new Uint8Array(input).slice() : undefined);
      if (!bytes) throw new TypeError('the input is no buffer');
    }
    const stream = Boolean(idl.dictionary(options, 'options').stream);
    this.#decoder ??= host.decoder(this.#encoding, this.#fatal, this.#ignoreBOM);
    const decoder = this.#decoder;
    if (!stream) this.#decoder = null;
    return decoder(bytes, !stream);
  }
}
expose(TextEncoder);
expose(TextDecoder);

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const invalid = () => shared.domException('InvalidCharacterError', 'the string has a character that is not allowed');

const methods = {
  btoa(data) {
    idl.required(arguments, 1, 'btoa');
    const text = idl.string(data);
    let output = '';
    for (let i = 0; i < text.length; i += 3) {
      const codes = [text.charCodeAt(i), text.charCodeAt(i + 1), text.charCodeAt(i + 2)];
      if (codes.some((code) => code > 255)) throw invalid();
      const bits = (codes[0] << 16) | ((codes[1] || 0) << 8) | (codes[2] || 0);
      output += ALPHABET[bits >> 18] + ALPHABET[(bits >> 12) & 63];
      output += i + 1 < text.length ? ALPHABET[(bits >> 6) & 63] : '=';
      output += i + 2 < text.length ? ALPHABET[bits & 63] : '=';
    }
    return output;
  },
  atob(data) {
    idl.required(arguments, 1, 'atob');
    let text = idl.string(data).replace(/[\t\n\f\r ]/g, '');
    if (text.length % 4 === 0) text = text.replace(/==?$/, '');
    if (text.length % 4 === 1) throw invalid();
    let output = '';
    let bits = 0;
    let count = 0;
    for (const character of text) {
      const value = ALPHABET.indexOf(character);
      if (value < 0) throw invalid();
      bits = ((bits << 6) | value) & 0xffffff;
      count += 6;
      if (count >= 8) {
        count -= 8;
        output += String.fromCharCode((bits >> count) & 255);
      }
    }
    return output;
  },
};
for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: true, configurable: true });
}
shared.utf8 = (text) => new Uint8Array(host.utf8Encode(text));
// The bytes of all chunks: of an array, or of a set.
shared.concat = (chunks) => {
  let count = 0;
  let length = 0;
  let last;
  chunks.forEach((chunk) => {
    count += 1;
    length += chunk.length;
    last = chunk;
  });
  if (count === 1) return last;
  const whole = new Uint8Array(length);
  let offset = 0;
  chunks.forEach((chunk) => {
    whole.set(chunk, offset);
    offset += chunk.length;
  });
  return whole;
};
