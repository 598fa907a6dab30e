//! [Encodings](https://encoding.spec.whatwg.org/), by `encoding_rs`.

use std::cell::RefCell;

use encoding_rs::{DecoderResult, Encoding, UTF_8};
use rquickjs::{Ctx, Exception, Function, IntoJs, Result, TypedArray, Value};

use crate::values::{buffer, byte_string, bytes_of, to_byte_string};

pub(crate) fn utf8_encode<'js>(ctx: Ctx<'js>, text: String) -> Result<Value<'js>> {
    buffer(&ctx, text)
}

/// [UTF-8 decode](https://encoding.spec.whatwg.org/#utf-8-decode): a byte order mark goes away.
pub(crate) fn utf8_decode(bytes: TypedArray<'_, u8>) -> String {
    UTF_8.decode_with_bom_removal(&bytes_of(&bytes)).0.into_owned()
}

pub(crate) fn latin1_decode(bytes: TypedArray<'_, u8>) -> String {
    to_byte_string(&bytes_of(&bytes))
}

pub(crate) fn latin1_encode<'js>(ctx: Ctx<'js>, text: String) -> Result<Value<'js>> {
    buffer(&ctx, byte_string(&text))
}

/// The name of the encoding with this label, as `TextDecoder.encoding` has it; `null` if there is none.
pub(crate) fn encoding_name(label: String) -> Option<String> {
    Encoding::for_label_no_replacement(label.as_bytes()).map(|encoding| encoding.name().to_ascii_lowercase())
}

/// A decoder: a function of bytes and of whether they are the last.
pub(crate) fn decoder<'js>(
    ctx: Ctx<'js>,
    label: String,
    fatal: bool,
    keep_bom: bool,
) -> Result<Function<'js>> {
    let encoding = Encoding::for_label(label.as_bytes()).unwrap_or(UTF_8);
    let new = move || {
        if keep_bom {
            encoding.new_decoder_without_bom_handling()
        } else {
            encoding.new_decoder_with_bom_removal()
        }
    };
    let decoder = RefCell::new(new());
    Function::new(ctx, move |ctx: Ctx<'js>, bytes: TypedArray<'js, u8>, last: bool| -> Result<Value<'js>> {
        let bytes = bytes_of(&bytes);
        let mut decoder = decoder.borrow_mut();
        let mut text = String::new();
        let good = if fatal {
            // A malformed sequence gives no character, so the longest text is that of a decoder without replacement.
            text.reserve(decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(0));
            let (result, _) = decoder.decode_to_string_without_replacement(&bytes, &mut text, last);
            result == DecoderResult::InputEmpty
        } else {
            text.reserve(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(0));
            let _ = decoder.decode_to_string(&bytes, &mut text, last);
            true
        };
        if last || !good {
            *decoder = new();
        }
        if good {
            text.into_js(&ctx)
        } else {
            Err(Exception::throw_type(&ctx, "the bytes are not valid text"))
        }
    })
}
