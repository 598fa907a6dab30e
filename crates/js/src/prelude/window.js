// What a window has beyond a worker's global. https://html.spec.whatwg.org/multipage/nav-history-apis.html#the-window-object

const { Object } = globalThis;
const constant = (name, value) => {
  Object.defineProperty(globalThis, name, { value, writable: false, enumerable: true, configurable: false });
};
const replaceable = (name, value) => {
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: true, configurable: true });
};
constant('window', globalThis);
constant('top', globalThis);
for (const name of ['parent', 'frames']) replaceable(name, globalThis);
replaceable('length', 0);
replaceable('name', '');
replaceable('opener', null);
replaceable('closed', false);
Object.defineProperty(globalThis, 'frameElement', { get: () => null, set: undefined, enumerable: true, configurable: true });
shared.handlers(globalThis, ['pageshow', 'pagehide', 'beforeunload', 'unload', 'hashchange', 'storage']);

// The message is printed, and there is no answer.
replaceable('alert', function alert(message = '') { console.log(`${message}`); });
replaceable('confirm', function confirm() { return false; });
replaceable('prompt', function prompt() { return null; });

// A page stays where it is.
const stay = () => host.notice('the page would go elsewhere, and is not followed');
Object.defineProperty(globalThis, 'location', { ...Object.getOwnPropertyDescriptor(globalThis, 'location'), set: stay });
Object.defineProperty(Location.prototype, 'href', { ...Object.getOwnPropertyDescriptor(Location.prototype, 'href'), set: stay });
for (const name of ['assign', 'replace', 'reload']) {
  Object.defineProperty(Location.prototype, name, { value: stay, writable: true, enumerable: true, configurable: true });
}
