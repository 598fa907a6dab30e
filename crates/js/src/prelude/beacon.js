// https://w3c.github.io/beacon/#sec-processing-model

const { idl } = shared;
const { URL } = globalThis;

class Beacons {
  sendBeacon(url, data = null) {
    idl.required(arguments, 1, 'sendBeacon');
    const address = idl.usv(url);
    const parsed = shared.resolve(address);
    if (!parsed || !/^https?:$/.test(parsed.protocol)) throw new TypeError(`'${address}' is no URL to send to`);
    const body = data === null || data === undefined ? { bytes: null } : shared.extractBody(data, 'fetch');
    if (body.stream) throw new TypeError('a beacon has no streamed body');
    if (body.bytes?.length > 65536) return false;
    const isSafelisted = body.type === undefined || host.isNoCorsSafelisted('content-type', body.type);
    shared.startFetch({
      url: parsed.href, method: 'POST', headers: body.type === undefined ? [] : [['Content-Type', body.type]],
      body: body.bytes, mode: isSafelisted ? 'no-cors' : 'cors', credentials: 'include', redirect: 'follow',
      cache: 'default', referrer: 'about:client', referrerPolicy: '',
    }, () => {});
    return true;
  }
}
const method = Object.getOwnPropertyDescriptor(Beacons.prototype, 'sendBeacon');
Object.defineProperty(method.value, 'length', { value: 1 });
Object.defineProperty(Object.getPrototypeOf(navigator), 'sendBeacon', { ...method, enumerable: true });
