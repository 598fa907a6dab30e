// The built-in functions, as they were before any script: a script that changes them changes nothing here. Each file stores the
// constructors that it uses; these are the methods.

const { bind, call } = Function.prototype;
const { apply } = Reflect;
shared.apply = apply;
// `Function.prototype.call` with the function for its first argument.
shared.call = apply(bind, call, [call]);

// Maps and sets with copies of the methods, which a script cannot change.
const withOwnMethods = (Kind) => {
  const Primordial = class extends Kind {};
  for (const key of Reflect.ownKeys(Kind.prototype)) {
    Object.defineProperty(Primordial.prototype, key, Object.getOwnPropertyDescriptor(Kind.prototype, key));
  }
  Object.setPrototypeOf(Primordial.prototype, null);
  return Primordial;
};
shared.Map = withOwnMethods(Map);
shared.Set = withOwnMethods(Set);
