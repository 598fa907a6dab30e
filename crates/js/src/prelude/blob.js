// https://w3c.github.io/FileAPI/

const { idl, expose } = shared;
const { Date, Math, Number, ProgressEvent, Symbol, Uint8Array } = globalThis;

const typeOf = (value) => {
  const text = idl.string(value);
  return /^[\x20-\x7e]*$/.test(text) ? text.toLowerCase() : '';
};
const nativeEndings = (text) => text.replace(/\r\n?|\n/g, '\n');

class Blob {
  #bytes;
  #type;
  constructor(blobParts = undefined, options = {}) {
    let chunks = [];
    const init = idl.dictionary(options, 'options');
    if (blobParts !== undefined) {
      if (!idl.isObject(blobParts) || typeof blobParts[Symbol.iterator] !== 'function') {
        throw new TypeError('the parts are no sequence');
      }
      const parts = [];
      for (const part of blobParts) {
        parts.push(isBlob(part) ? part : idl.bytes(part) ?? idl.usv(part));
      }
      const endings = init.endings === undefined ? 'transparent'
        : idl.enumeration(init.endings, ['transparent', 'native'], 'line ending');
      chunks = parts.map((part) => {
        if (typeof part === 'string') return shared.utf8(endings === 'native' ? nativeEndings(part) : part);
        return part instanceof Uint8Array ? part : bytesOf(part);
      });
    }
    this.#bytes = chunks.length ? shared.concat(chunks) : new Uint8Array(0);
    this.#type = init.type === undefined ? '' : typeOf(init.type);
  }
  get size() { return this.#bytes.length; }
  get type() { return this.#type; }
  slice(start = undefined, end = undefined, contentType = undefined) {
    const size = this.#bytes.length;
    const at = (value, otherwise) => {
      if (value === undefined) return otherwise;
      const number = idl.longLongClamp(value);
      return number < 0 ? Math.max(size + number, 0) : Math.min(number, size);
    };
    const from = at(start, 0);
    const to = Math.max(at(end, size), from);
    const part = new Blob();
    part.#bytes = this.#bytes.subarray(from, to);
    part.#type = contentType === undefined ? '' : typeOf(contentType);
    return part;
  }
  stream() { return shared.streamOf(this.#bytes); }
  async text() { return host.utf8Decode(this.#bytes); }
  async arrayBuffer() { return this.#bytes.slice().buffer; }
  async bytes() { return this.#bytes.slice(); }
  // Of a type that is not to be normalised.
  static make(bytes, type) {
    const blob = new Blob();
    blob.#bytes = bytes;
    blob.#type = type;
    return blob;
  }
  static bytesOf(blob) { return blob.#bytes; }
  static isBlob(value) { return idl.isObject(value) && #bytes in value; }
}
const { bytesOf, isBlob } = Blob;
shared.makeBlob = Blob.make;
delete Blob.make;
delete Blob.bytesOf;
delete Blob.isBlob;
Object.defineProperty(Blob, 'length', { value: 0 });
Object.defineProperty(Blob.prototype.slice, 'length', { value: 0 });
shared.isBlob = isBlob;
shared.blobBytes = bytesOf;

class File extends Blob {
  #name;
  #modified;
  constructor(fileBits, fileName, options = {}) {
    idl.required(arguments, 2, 'File');
    if (fileBits === undefined) throw new TypeError('the parts are no sequence');
    super(fileBits, options);
    this.#name = idl.usv(fileName);
    const modified = idl.dictionary(options).lastModified;
    this.#modified = modified === undefined ? Date.now() : Math.trunc(Number(modified)) || 0;
  }
  get name() { return this.#name; }
  get lastModified() { return this.#modified; }
  get webkitRelativePath() { return ''; }
  static isFile(value) { return idl.isObject(value) && #name in value; }
}
shared.isFile = File.isFile;
delete File.isFile;
expose(Blob);
expose(File);

class FileReader extends EventTarget {
  #state = 0;
  #result = null;
  #error = null;
  #generation = 0;
  get readyState() { return this.#state; }
  get result() { return this.#result; }
  get error() { return this.#error; }
  readAsArrayBuffer(blob) { this.#read(blob, (bytes) => bytes.slice().buffer); }
  readAsBinaryString(blob) { this.#read(blob, (bytes) => host.latin1Decode(bytes)); }
  readAsText(blob, encoding = undefined) {
    const label = encoding === undefined ? 'utf-8' : host.encodingName(idl.string(encoding)) ?? 'utf-8';
    this.#read(blob, (bytes) => host.decoder(label, false, false)(bytes, true));
  }
  readAsDataURL(blob) {
    this.#read(blob, (bytes) => `data:${blob.type || 'application/octet-stream'};base64,${btoa(host.latin1Decode(bytes))}`);
  }
  #read(blob, convert) {
    if (!isBlob(blob)) throw new TypeError('the argument is no Blob');
    if (this.#state === 1) throw shared.domException('InvalidStateError', 'a reading is under way');
    this.#state = 1;
    this.#result = null;
    this.#error = null;
    const generation = ++this.#generation;
    const bytes = bytesOf(blob);
    const fire = (type) => shared.fire(this, type, ProgressEvent, {
      lengthComputable: true, loaded: type === 'loadstart' ? 0 : bytes.length, total: bytes.length,
    });
    shared.queueTask(() => {
      if (generation !== this.#generation) return;
      fire('loadstart');
      shared.queueTask(() => {
        if (generation !== this.#generation) return;
        if (bytes.length) fire('progress');
        this.#result = convert(bytes);
        this.#state = 2;
        fire('load');
        if (this.#state !== 1) fire('loadend');
      });
    });
  }
  abort() {
    this.#generation += 1;
    this.#result = null;
    if (this.#state !== 1) return;
    this.#state = 2;
    this.#error = shared.domException('AbortError', 'the reading was aborted');
    for (const type of ['abort', 'loadend']) shared.fireProgress(this, type, 0, 0);
  }
}
shared.handlers(FileReader.prototype, ['loadstart', 'progress', 'load', 'abort', 'error', 'loadend']);
shared.constants(FileReader, { EMPTY: 0, LOADING: 1, DONE: 2 });
expose(FileReader);

// https://w3c.github.io/FileAPI/#BlobURLStore
const store = new Map();
let last = 0;
shared.blobURL = (object) => {
  if (!isBlob(object)) throw new TypeError('the argument is no Blob');
  last += 1;
  const url = `blob:${host.origin}/${`${last}`.padStart(8, '0')}-0000-4000-8000-000000000000`;
  store.set(url, object);
  host.storeBlob(url, bytesOf(object), host.mimeType(object.type) ? object.type : '');
  return url;
};
shared.revokeBlobURL = (url) => {
  store.delete(url);
  host.revokeBlob(url);
};
shared.blobOf = (url) => store.get(url.split('#')[0]);
