// `Blob`, `File` (https://w3c.github.io/FileAPI/) and `FormData` (https://xhr.spec.whatwg.org/#interface-formdata).

const blobStates = new WeakMap();

function blobOf(value) {
  const state = blobStates.get(value);
  if (!state) throw new TypeError("this is no Blob");
  return state;
}

function blobType(type) {
  const text = toText(type);
  return /[^\x20-\x7E]/.test(text) ? "" : text.toLowerCase();
}

class Blob {
  constructor(parts, options) {
    let chunks = [];
    if (parts !== undefined) {
      if (!isObject(parts)) throw new TypeError("the parts are no sequence");
      chunks = toSequence(parts, (part) => {
        if (part instanceof Blob) return blobOf(part).bytes;
        if (isBufferSource(part)) return bytesOf(part);
        return toUsv(part);
      });
    }
    options = toDictionary(options, "the options");
    const native_ = toEnum(options.endings ?? "transparent", ["transparent", "native"], "kind of line endings") === "native";
    chunks = chunks.map((chunk) => (typeof chunk === "string" ? encodeUtf8(native_ ? chunk.replace(/\r\n?/g, "\n") : chunk) : chunk));
    blobStates.set(this, { bytes: chunks.length ? concat(chunks) : new Uint8Array(), type: blobType(options.type ?? "") });
  }
  get size() { return blobOf(this).bytes.byteLength; }
  get type() { return blobOf(this).type; }
  slice(start, end, type) {
    const { bytes } = blobOf(this);
    return makeBlob(bytes.slice(start ?? 0, end ?? bytes.byteLength), blobType(type ?? ""));
  }
  async text() { return decodeUtf8(blobOf(this).bytes); }
  async arrayBuffer() { return blobOf(this).bytes.slice().buffer; }
  async bytes() { return blobOf(this).bytes.slice(); }
  stream() { return streamOfBytes(blobOf(this).bytes); }
}
exposeClass(Blob);

function makeBlob(bytes, type) {
  const blob = new Blob();
  blobStates.set(blob, { bytes, type });
  return blob;
}

function streamOfBytes(bytes) {
  return new ReadableStream({
    start(controller) {
      if (bytes.byteLength > 0) controller.enqueue(bytes.slice());
      controller.close();
    },
  });
}

class File extends Blob {
  #name;
  #modified;
  constructor(parts, name, options) {
    require(arguments, 2, "File");
    super(parts, options);
    this.#name = toUsv(name);
    this.#modified = Number(toDictionary(options, "the options").lastModified ?? Date.now());
  }
  get name() { return this.#name; }
  get lastModified() { return this.#modified; }
  get webkitRelativePath() { return ""; }
}
exposeClass(File);

const formStates = new WeakMap();

function formOf(value) {
  const list = formStates.get(value);
  if (!list) throw new TypeError("this is no FormData");
  return list;
}

function formEntry(where, args) {
  require(args, 2, where);
  const [name, value, filename] = args;
  if (value instanceof Blob) {
    const isFile = value instanceof File;
    if (isFile && filename === undefined) return [toUsv(name), value];
    const file = new File([value], filename === undefined ? "blob" : toUsv(filename), { type: value.type });
    return [toUsv(name), file];
  }
  if (filename !== undefined) throw new TypeError("only a Blob has a file name");
  return [toUsv(name), toUsv(value)];
}

class FormData {
  constructor(form) {
    if (form !== undefined) throw new TypeError("there are no forms here");
    formStates.set(this, []);
  }
  append(name, value, filename) { formOf(this).push(formEntry("append", arguments)); }
  set(name, value, filename) {
    const list = formOf(this);
    const entry = formEntry("set", arguments);
    const at = list.findIndex(([n]) => n === entry[0]);
    if (at < 0) list.push(entry);
    else formStates.set(this, list.filter(([n], i) => n !== entry[0] || i === at).map((old) => (old[0] === entry[0] ? entry : old)));
  }
  delete(name) {
    require(arguments, 1, "delete");
    name = toUsv(name);
    formStates.set(this, formOf(this).filter(([n]) => n !== name));
  }
  get(name) { require(arguments, 1, "get"); name = toUsv(name); return formOf(this).find(([n]) => n === name)?.[1] ?? null; }
  getAll(name) { require(arguments, 1, "getAll"); name = toUsv(name); return formOf(this).filter(([n]) => n === name).map(([, v]) => v); }
  has(name) { require(arguments, 1, "has"); name = toUsv(name); return formOf(this).some(([n]) => n === name); }
}
makeIterable(FormData, formOf);
exposeClass(FormData);

/** [multipart/form-data](https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data). */
function writeMultipart(form) {
  const boundary = `----crossing${native.randomHex(24)}`;
  const lines = (text) => text.replace(/\r\n?|\n/g, "\r\n");
  const escape = (text) => text.replace(/\n/g, "%0A").replace(/\r/g, "%0D").replace(/"/g, "%22");
  const chunks = [];
  for (const [name, value] of formOf(form)) {
    let head = `--${boundary}\r\nContent-Disposition: form-data; name="${escape(lines(name))}"`;
    if (typeof value === "string") {
      chunks.push(encodeUtf8(`${head}\r\n\r\n${lines(value)}\r\n`));
      continue;
    }
    head += `; filename="${escape(value.name)}"\r\nContent-Type: ${value.type || "application/octet-stream"}\r\n\r\n`;
    chunks.push(encodeUtf8(head), blobOf(value).bytes, encodeUtf8("\r\n"));
  }
  chunks.push(encodeUtf8(`--${boundary}--\r\n`));
  return { bytes: concat(chunks), type: `multipart/form-data; boundary=${boundary}` };
}

/** Reads such a body; null where it is none. */
function readMultipart(bytes, boundary) {
  // One character a byte, so that positions are the bytes'.
  const text = native.latin1(bufferOf(bytes));
  const form = new FormData();
  const mark = `--${boundary}`;
  let at = text.indexOf(mark);
  if (at < 0) return null;
  for (;;) {
    at += mark.length;
    if (text.startsWith("--", at)) return form;
    if (!text.startsWith("\r\n", at)) return null;
    const headEnd = text.indexOf("\r\n\r\n", at);
    const next = text.indexOf(`\r\n${mark}`, headEnd < 0 ? at : headEnd + 2);
    if (headEnd < 0 || next < 0) return null;
    const head = decodeUtf8(bytes.slice(at + 2, headEnd));
    const unescape = (value) => value.replace(/%0A/gi, "\n").replace(/%0D/gi, "\r").replace(/%22/g, '"');
    const disposition = /^content-disposition:\s*form-data;(.*)$/im.exec(head)?.[1] ?? "";
    const name = /(?:^|;|\s)name="([^"]*)"/.exec(disposition)?.[1];
    const filename = /filename="([^"]*)"/.exec(disposition)?.[1];
    if (name === undefined) return null;
    const value = bytes.slice(Math.min(headEnd + 4, next), next);
    if (filename === undefined) {
      form.append(unescape(name), decodeUtf8(value));
    } else {
      const type = /^content-type:\s*(.*)$/im.exec(head)?.[1]?.trim() ?? "text/plain";
      form.append(unescape(name), new File([value], unescape(filename), { type }));
    }
    at = next + 2;
  }
}
