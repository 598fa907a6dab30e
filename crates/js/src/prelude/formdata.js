// https://xhr.spec.whatwg.org/#interface-formdata, and multipart/form-data, there and back.

const { idl, expose } = shared;
const { File, Math, RegExp, Uint8Array } = globalThis;

class FormData {
  #list = [];
  constructor(form = undefined, submitter = null) {
    if (form !== undefined) throw new TypeError('there are no forms here');
  }
  static entry(args, what) {
    idl.required(args, 2, what);
    const name = idl.usv(args[0]);
    const value = args[1];
    if (!shared.isBlob(value)) {
      if (args.length > 2) throw new TypeError('the value is no Blob');
      return [name, idl.usv(value)];
    }
    if (shared.isFile(value) && args[2] === undefined) return [name, value];
    const filename = args[2] === undefined ? 'blob' : idl.usv(args[2]);
    const more = shared.isFile(value) ? { lastModified: value.lastModified } : {};
    return [name, new File([value], filename, { type: value.type, ...more })];
  }
  append(name, value, filename = undefined) { this.#list.push(entry(arguments, 'append')); }
  delete(name) {
    idl.required(arguments, 1, 'delete');
    const key = idl.usv(name);
    this.#list = this.#list.filter(([k]) => k !== key);
  }
  get(name) {
    idl.required(arguments, 1, 'get');
    const key = idl.usv(name);
    return this.#list.find(([k]) => k === key)?.[1] ?? null;
  }
  getAll(name) {
    idl.required(arguments, 1, 'getAll');
    const key = idl.usv(name);
    return this.#list.filter(([k]) => k === key).map(([, v]) => v);
  }
  has(name) {
    idl.required(arguments, 1, 'has');
    const key = idl.usv(name);
    return this.#list.some(([k]) => k === key);
  }
  set(name, value, filename = undefined) {
    const made = entry(arguments, 'set');
    const index = this.#list.findIndex(([k]) => k === made[0]);
    if (index < 0) {
      this.#list.push(made);
    } else {
      this.#list[index] = made;
      this.#list = this.#list.filter(([k], i) => k !== made[0] || i === index);
    }
  }
  static pairs(data) { return data.#list; }
  static is(value) { return idl.isObject(value) && #list in value; }
}
const { entry, pairs, is } = FormData;
for (const name of ['entry', 'pairs', 'is']) delete FormData[name];
for (const name of ['append', 'set']) Object.defineProperty(FormData.prototype[name], 'length', { value: 2 });
Object.defineProperty(FormData, 'length', { value: 0 });
shared.iterable(FormData, 'FormData', pairs);
expose(FormData);
shared.isFormData = is;

// https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart/form-data-encoding-algorithm
const crlf = (text) => text.replace(/\r\n?|\n/g, '\r\n');
const escape = (text) => text.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
shared.multipart = (data) => {
  let random = '';
  while (random.length < 24) random += Math.floor(Math.random() * 36).toString(36);
  const boundary = `----crossing${random}`;
  const chunks = [];
  for (const [name, value] of pairs(data)) {
    let head = `--${boundary}\r\nContent-Disposition: form-data; name="${escape(crlf(name))}"`;
    if (typeof value === 'string') {
      chunks.push(shared.utf8(`${head}\r\n\r\n${crlf(value)}\r\n`));
    } else {
      head += `; filename="${escape(value.name)}"\r\nContent-Type: ${value.type || 'application/octet-stream'}\r\n\r\n`;
      chunks.push(shared.utf8(head), shared.blobBytes(value), shared.utf8('\r\n'));
    }
  }
  chunks.push(shared.utf8(`--${boundary}--\r\n`));
  return { bytes: shared.concat(chunks), boundary };
};

// https://fetch.spec.whatwg.org/#multipart/form-data-parser, on bytes as characters.
const broken = () => new TypeError('the body is no multipart/form-data');
// Without taking a byte order mark away.
const utf8Of = (text) => host.decoder('utf-8', false, true)(new Uint8Array(host.latin1Encode(text)), true);
shared.parseMultipart = (bytes, boundary) => {
  const text = host.latin1Decode(bytes);
  const data = new FormData();
  const delimiter = `--${boundary}`;
  let position = 0;
  for (;;) {
    if (!text.startsWith(delimiter, position)) throw broken();
    position += delimiter.length;
    const rest = text.slice(position);
    if (rest === '--' || rest === '--\r\n') return data;
    if (!text.startsWith('\r\n', position)) throw broken();
    position += 2;
    const end = text.indexOf('\r\n\r\n', position - 2);
    if (end < 0) throw broken();
    const part = readHead(text.slice(position, Math.max(end, position)));
    position = end + 4;
    const close = text.indexOf(`\r\n${delimiter}`, position);
    if (close < 0) throw broken();
    const body = text.slice(position, close);
    position = close + 2;
    if (part.filename === undefined) {
      data.append(part.name, utf8Of(body));
    } else {
      data.append(part.name, new File([host.latin1Encode(body)], part.filename, { type: part.type }));
    }
  }
};
const readHead = (text) => {
  const part = { name: undefined, filename: undefined, type: 'text/plain' };
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) throw broken();
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'content-type') part.type = value;
    if (name !== 'content-disposition') continue;
    if (!/^form-data\s*;/i.test(value)) throw broken();
    const get = (key) => {
      const found = new RegExp(`;\\s*${key}="([^"]*)"`).exec(value);
      return found ? utf8Of(found[1]).replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%22', '"') : undefined;
    };
    part.name = get('name');
    part.filename = get('filename');
  }
  if (part.name === undefined) throw broken();
  return part;
};
