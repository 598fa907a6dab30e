//! Texts, bytes, and chance.

use std::cell::RefCell;
use std::collections::HashMap;

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};
use rquickjs::{ArrayBuffer, Object, Result};

use super::{bytes_of, put, to_byte_string};

pub(super) fn install<'js>(native: &Object<'js>) -> Result<()> {
    put(native, "utf8Encode", |ctx: rquickjs::Ctx<'js>, text: String| {
        ArrayBuffer::new(ctx, text.into_bytes())
    })?;
    put(native, "utf8Decode", |bytes: ArrayBuffer<'_>| {
        UTF_8.decode_with_bom_removal(&bytes_of(&bytes)).0.into_owned()
    })?;
    put(native, "latin1", |bytes: ArrayBuffer<'_>| to_byte_string(&bytes_of(&bytes)))?;
    put(native, "encodingName", |label: String| {
        let encoding = Encoding::for_label_no_replacement(label.as_bytes());
        encoding.map(|encoding| encoding.name().to_ascii_lowercase())
    })?;
    decoders(native)?;
    put(native, "random", |ctx: rquickjs::Ctx<'js>, count: usize| {
        ArrayBuffer::new(ctx, random(count.min(65_536)))
    })?;
    put(native, "randomHex", |digits: usize| {
        let bytes = random(digits.min(1024).div_ceil(2));
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    })
}

/// Bytes that nobody can guess; zeros where the system has none to give.
fn random(count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    let _ = getrandom::fill(&mut bytes);
    bytes
}

/// Decoders in the middle of a stream.
#[derive(Default)]
struct Decoders {
    last: u32,
    open: HashMap<u32, Decoder>,
}

fn decoders<'js>(native: &Object<'js>) -> Result<()> {
    let decoders: std::rc::Rc<RefCell<Decoders>> = std::rc::Rc::default();
    let shared = decoders.clone();
    put(native, "decoderNew", move |name: String, keep_bom: bool| {
        let encoding = Encoding::for_label(name.as_bytes()).unwrap_or(UTF_8);
        let decoder = if keep_bom {
            encoding.new_decoder_without_bom_handling()
        } else {
            encoding.new_decoder_with_bom_removal()
        };
        let mut decoders = shared.borrow_mut();
        decoders.last += 1;
        let id = decoders.last;
        decoders.open.insert(id, decoder);
        id
    })?;
    put(native, "decoderPush", move |id: u32, bytes: ArrayBuffer<'_>, last: bool, fatal: bool| {
        let mut decoders = decoders.borrow_mut();
        let mut decoder = decoders.open.remove(&id)?;
        let text = decode(&mut decoder, &bytes_of(&bytes), last, fatal)?;
        if !last {
            decoders.open.insert(id, decoder);
        }
        Some(text)
    })
}

/// The text; `None` where the bytes are malformed and that is fatal.
fn decode(decoder: &mut Decoder, bytes: &[u8], last: bool, fatal: bool) -> Option<String> {
    let room = decoder.max_utf8_buffer_length(bytes.len())?;
    let mut text = String::with_capacity(room);
    if fatal {
        let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, last);
        (result == DecoderResult::InputEmpty).then_some(text)
    } else {
        let _ = decoder.decode_to_string(bytes, &mut text, last);
        Some(text)
    }
}
