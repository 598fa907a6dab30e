// What the language gives, as it was before any script: what a script makes of it changes nothing here. Each file keeps the
// constructors that it goes on using; these are the methods.

const { bind, call } = Function.prototype;
const { apply } = Reflect;
shared.apply = apply;
// `Function.prototype.call` with the function for its first argument.
shared.call = apply(bind, call, [call]);

// Maps and sets that keep their methods.
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
