const { idl } = shared;
shared.extractBody = (body) => {
  const bytes = idl.bytes(body);
  if (bytes) return { bytes, type: undefined, kind: 'bytes' };
  return { bytes: new Uint8Array(host.utf8Encode(idl.usv(body))), type: 'text/plain;charset=UTF-8', kind: 'text' };
};
