// https://webidl.spec.whatwg.org/#idl-DOMException is the engine's. Here it is thrown, and errors are described.

const { DOMException, Error, InternalError, RangeError } = globalThis;
shared.domException = (name, message) => new DOMException(message, name);

// The lines of a stack that are the script's.
const ownLines = (stack) => stack.split('\n').filter((line) => line && !/\((crossing:|native\))/.test(line)).join('\n');

// A proxy is not asked.
const is = (value, Kind) => host.proxyTarget(value) === undefined && value instanceof Kind;

// Whether there was no stack or no memory left; where there is not even memory to say so, the engine throws null.
shared.isOutOfMemory = (error) => error === null
  || (is(error, InternalError) && error.message === 'out of memory');
shared.isExhausted = (error) => shared.isOutOfMemory(error)
  || (is(error, RangeError) && error.message.startsWith('Maximum call stack'));

shared.isError = (value) => is(value, DOMException) || is(value, Error);

// What a look at a value gives, or this where the value throws.
shared.safely = (look, otherwise) => {
  try {
    return look();
  } catch (error) {
    if (shared.isExhausted(error)) throw error;
    return otherwise;
  }
};

shared.describe = (error) => {
  if (!shared.isError(error)) return shared.idl.usv(shared.inspect(error));
  return shared.safely(() => {
    const head = error.name ? `${error.name}: ${error.message}` : `${error.message}`;
    const stack = typeof error.stack === 'string' ? ownLines(error.stack) : '';
    return shared.idl.usv(stack ? `${head}\n${stack}` : head);
  }, '[an error that cannot be shown]');
};
shared.hooks.describe = (error) => shared.describe(error);
