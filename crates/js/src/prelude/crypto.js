// https://w3c.github.io/webcrypto/#Crypto-interface, as far as random numbers go.

const { idl } = shared;
const { Uint8Array } = globalThis;
const privateKey = Symbol();
const INTEGERS = ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array',
  'BigInt64Array', 'BigUint64Array'];

class Crypto {
  constructor(key) {
    if (key !== privateKey) throw new TypeError('Illegal constructor');
  }
  getRandomValues(array) {
    idl.required(arguments, 1, 'getRandomValues');
    if (!idl.isView(array)) throw new TypeError('the argument is no view of a buffer');
    if (!INTEGERS.includes(idl.typeName(array))) throw shared.domException('TypeMismatchError', 'the array holds no integers');
    const { buffer, byteOffset, byteLength } = array;
    if (byteLength > 65536) throw shared.domException('QuotaExceededError', 'more than 65536 bytes at once');
    new Uint8Array(buffer, byteOffset, byteLength).set(new Uint8Array(host.random(byteLength)));
    return array;
  }
  randomUUID() {
    const bytes = new Uint8Array(host.random(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }
}
Object.defineProperty(Crypto, 'length', { value: 0 });
// For pages over https, and on this machine.
if (!globalThis.isSecureContext) delete Crypto.prototype.randomUUID;
shared.expose(Crypto);
shared.attribute('crypto', new Crypto(privateKey));
