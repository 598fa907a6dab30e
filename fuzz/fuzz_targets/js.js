// Calls what a script is given, in an order and with values that bytes choose. `bytes` is an array of numbers.
(() => {
  let at = 0;
  let depth = 0;
  let steps = 0;
  const byte = () => bytes[at++] ?? 0;
  const from = (list) => list[byte() % list.length];
  const quiet = (action) => {
    try {
      return action();
    } catch {
      return undefined;
    }
  };
  // The interfaces that are ours, and the objects of the global.
  const isOurs = (value) => typeof value === 'function' && !Function.prototype.toString.call(value).includes('[native code]');
  const names = Object.getOwnPropertyNames(globalThis).sort();
  const ours = names.filter((name) => isOurs(quiet(() => globalThis[name])));
  const pool = [globalThis, navigator, performance, crypto, location, console];
  const keep = (value) => {
    if (value !== null && (typeof value === 'object' || typeof value === 'function') && pool.length < 200) pool.push(value);
    return value;
  };
  const detached = () => {
    const buffer = new ArrayBuffer(8);
    const view = new Uint8Array(buffer);
    structuredClone(buffer, { transfer: [buffer] });
    return from([buffer, view]);
  };
  const words = ['', 'GET', 'post', 'TRACE', 'http://api.test/', 'https://api.test/x?y#z', '//', 'https://u:p@api.test/', 'blob:null/0',
    'data:text/plain,x', 'about:blank', 'x', 'load', 'abort', 'readystatechange', 'json', 'arraybuffer', 'blob', 'text/html;charset=utf-16',
    'multipart/form-data; boundary=x', 'cors', 'no-cors', 'include', 'half', 'utf-8', 'content-type', 'sha256-x', '\ud800', 'e\u0301\0',
    'a'.repeat(70000), '%', '__proto__', 'constructor', '1', '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'];
  const values = [
    () => undefined, () => null, () => true, () => 0, () => -0, () => -1, () => NaN, () => Infinity, () => 2 ** 31, () => 2 ** 32,
    () => 2 ** 53, () => 1e308, () => 1n, () => Symbol('s'), () => Symbol.iterator, () => byte(), () => from(words), () => from(words),
    () => from(pool), () => from(pool), () => from(pool), () => detached(), () => new ArrayBuffer(byte()), () => new Uint8Array(byte() * 300),
    () => new ArrayBuffer(4, { maxByteLength: 64 }), () => new DataView(new ArrayBuffer(3), 1), () => new Float64Array(2),
    () => (typeof SharedArrayBuffer === 'function' ? new Uint8Array(new SharedArrayBuffer(4)) : null),
    () => [], () => [[from(words), from(words)]], () => [value(), value()], () => new Map([[from(words), from(words)]]),
    () => Object.create(null), () => Proxy.revocable({}, {}).proxy && pool[0],
    () => { const it = Proxy.revocable({}, {}); it.revoke(); return it.proxy; },
    () => new Proxy({}, { get() { throw new Error('get'); }, ownKeys() { throw new Error('keys'); } }),
    () => new Proxy(from(pool), {}), () => ({ toString() { throw new Error('text'); } }), () => ({ valueOf() { act(); return 3; } }),
    () => ({ toString() { act(); return from(words); } }), () => ({ get length() { throw new Error('length'); } }),
    () => ({ *[Symbol.iterator]() { act(); yield value(); } }), () => ({ [Symbol.iterator]() { return { next() { act(); return {}; } }; } }),
    () => ({ then(resolve) { act(); resolve(value()); } }), () => Promise.reject(value()).catch(() => {}), () => Promise.resolve(1),
    () => () => act(), () => function () { return act(); }, () => ({ handleEvent() { act(); } }), () => class {}, () => async () => act(),
    () => ({ method: from(words), body: value(), duplex: 'half', headers: value(), mode: from(words), signal: value(), integrity: from(words) }),
    () => ({ start: () => act(), pull: (controller) => { keep(controller); controller.enqueue(value()); }, cancel: () => act(), type: from([undefined, 'bytes']) }),
    () => ({ get method() { act(); return 'POST'; }, get body() { throw new Error('body'); } }), () => ({ detail: value(), cancelable: true }),
    () => { const list = [1, 2]; list.__proto__ = null; return list; }, () => new Date(NaN), () => /(?:)/g, () => new WeakRef(from(pool)),
  ];
  const value = () => (depth > 6 ? undefined : quiet(from(values)));
  const list = () => Array.from({ length: byte() % 5 }, value);
  const members = (object) => {
    const found = [];
    for (let it = object; it !== null && found.length < 200; it = Object.getPrototypeOf(it)) {
      if (it === Object.prototype || it === Function.prototype) break;
      found.push(...Reflect.ownKeys(it));
    }
    return found;
  };
  const act = () => {
    if (at >= bytes.length || depth > 8 || steps++ > 400) return undefined;
    depth += 1;
    try {
      return keep(perform(byte() % 8));
    } catch (error) {
      return keep(error);
    } finally {
      depth -= 1;
    }
  };
  const perform = (kind) => {
    const object = from(pool);
    switch (kind) {
      case 0: case 1: return Reflect.construct(globalThis[from(ours)], list());
      case 2: return globalThis[from(ours)](...list());
      case 3: {
        // Of another object's class: brands are checked.
        const method = quiet(() => from(pool)[from(members(from(pool)))]);
        return typeof method === 'function' ? Reflect.apply(method, value(), list()) : method;
      }
      case 4: return Reflect.set(object === globalThis ? {} : object, from(members(object)), value());
      case 5: {
        const type = globalThis[from(ours)];
        return typeof type.prototype === 'object' ? Reflect.construct(Object, [], type) : undefined;
      }
      default: {
        const name = from(members(object));
        const member = object[name];
        return typeof member === 'function' ? Reflect.apply(member, object, list()) : member;
      }
    }
  };
  addEventListener('unhandledrejection', (event) => event.preventDefault());
  addEventListener('error', (event) => event.preventDefault());
  while (at < bytes.length && steps < 400) act();
})();
