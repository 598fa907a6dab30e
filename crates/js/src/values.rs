//! Bytes, byte strings and exceptions, between the script and us.

use rquickjs::convert::Coerced;
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

/// An argument as a [`ByteString`](https://webidl.spec.whatwg.org/#js-ByteString): each character is a byte.
pub(crate) struct ByteString(pub(crate) String);

impl<'js> FromJs<'js> for ByteString {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<ByteString> {
        let UsvString(text) = UsvString::from_js(ctx, value)?;
        if text.chars().any(|char| char > '\u{ff}') {
            return Err(Exception::throw_type(ctx, "a character of the string is no byte"));
        }
        Ok(ByteString(text))
    }
}

/// An argument as a [`USVString`](https://webidl.spec.whatwg.org/#js-USVString): a surrogate without its other half is
/// replaced.
pub(crate) struct UsvString(pub(crate) String);

impl<'js> FromJs<'js> for UsvString {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<UsvString> {
        let text = Coerced::<rquickjs::String<'js>>::from_js(ctx, value)?.0.to_cstring()?;
        let mut whole = String::with_capacity(text.len());
        for chunk in text.as_bytes().utf8_chunks() {
            whole.push_str(chunk.valid());
            // The engine lends a lone surrogate as three bytes that are no UTF-8.
            if chunk.invalid().first() == Some(&0xed) {
                whole.push(char::REPLACEMENT_CHARACTER);
            }
        }
        Ok(UsvString(whole))
    }
}
