// https://webidl.spec.whatwg.org/#idl-DOMException is the engine's; here is how we throw it, and how errors are told.

const { DOMException, Error } = globalThis;
shared.dom = (name, message) => new DOMException(message, name);

// The lines of a stack that are the script's.
const ownLines = (stack) => stack.split('\n').filter((line) => line && !/\((crossing:|native\))/.test(line)).join('\n');

shared.describe = (error) => {
  if (error instanceof DOMException || error instanceof Error) {
    const head = error.name ? `${error.name}: ${error.message}` : `${error.message}`;
    const stack = typeof error.stack === 'string' ? ownLines(error.stack) : '';
    return shared.idl.usv(stack ? `${head}\n${stack}` : head);
  }
  return shared.idl.usv(shared.inspect(error));
};
shared.hooks.describe = (error) => shared.describe(error);
