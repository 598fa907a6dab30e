//! Bytes, byte strings and exceptions, between the script and us.

use rquickjs::{ArrayBuffer, Ctx, Exception, FromJs, Result, TypedArray, Value};

/// The bytes of a `Uint8Array`, copied; none if its buffer is detached.
#[allow(unsafe_code, reason = "the engine lends the memory of a buffer by pointer only")]
pub(crate) fn bytes_of(array: &TypedArray<'_, u8>) -> Vec<u8> {
    // SAFETY: no script runs between the borrow and the copy, so nothing detaches, resizes or writes the buffer.
    unsafe { array.as_bytes() }.unwrap_or_default().to_vec()
}

/// The bytes of a `Uint8Array`; `None` for `null` and `undefined`.
pub(crate) fn optional_bytes<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Option<Vec<u8>>> {
    if value.is_null() || value.is_undefined() {
        return Ok(None);
    }
    Ok(Some(bytes_of(&TypedArray::from_js(ctx, value)?)))
}

/// A new `ArrayBuffer`.
pub(crate) fn buffer<'js>(ctx: &Ctx<'js>, bytes: impl Into<Vec<u8>>) -> Result<Value<'js>> {
    Ok(ArrayBuffer::new(ctx.clone(), bytes.into())?.into_value())
}

/// A [`ByteString`](https://webidl.spec.whatwg.org/#idl-ByteString) as its bytes. The prelude has made sure that it is one.
pub(crate) fn byte_string(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect()
}

/// Bytes as a `ByteString`.
pub(crate) fn to_byte_string(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// Throws a `DOMException`.
pub(crate) fn throw_dom(ctx: &Ctx<'_>, name: &str, message: &str) -> rquickjs::Error {
    Exception::throw_dom(ctx, name, message)
}
