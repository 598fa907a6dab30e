//! [Content codings](https://fetch.spec.whatwg.org/#handle-content-codings): gzip, deflate, br and zstd, one in another.

mod zstd;

use std::io::{self, Write};

use brotli_decompressor::writer::DecompressorWriter;
use bytes::Bytes;
use crossing::headers::grammar::token_list;
use crossing::{HeaderList, Reason};
use flate2::write::{DeflateDecoder, GzDecoder, ZlibDecoder};

use crate::error::TransportError;
use zstd::ZstdDecoder;

/// The value of `Accept-Encoding`.
pub(crate) const ACCEPTED: &str = "gzip, deflate, br, zstd";
/// More codings than this are an attack.
const MAX_LAYERS: usize = 8;

/// Decodes a body, bytes in, bytes out, and never holds more than it may return.
pub(crate) struct Decoder {
    /// The last coding is decoded first.
    layers: Vec<Layer>,
    input: Input,
}

/// Whether any byte was received: no bytes at all are an empty body under every coding.
#[derive(PartialEq, Eq)]
enum Input {
    Empty,
    NonEmpty,
}

enum Layer {
    Gzip(Box<GzDecoder<Sink>>),
    /// `deflate` means zlib, and some servers send bare deflate: the first two bytes decide.
    Deflate(Vec<u8>),
    Zlib(Box<ZlibDecoder<Sink>>),
    BareDeflate(Box<DeflateDecoder<Sink>>),
    Brotli(Box<DecompressorWriter<Sink>>),
    Zstd(Box<ZstdDecoder<Sink>>),
}

/// Takes a limited number of bytes.
#[derive(Default)]
pub(crate) struct Sink {
    out: Vec<u8>,
    room: u64,
    full: bool,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.room.checked_sub(bytes.len() as u64) {
            Some(room) => {
                self.room = room;
                self.out.extend_from_slice(bytes);
                Ok(bytes.len())
            }
            None => {
                self.full = true;
                Err(io::Error::other("the body is larger than the limit"))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Decoder {
    /// The decoder for `Content-Encoding`; `None` if there is nothing to decode. An unknown coding leaves the body as it is, as
    /// in every browser.
    pub(crate) fn from_headers(headers: &HeaderList) -> Option<Decoder> {
        let codings = token_list(headers, &http::header::CONTENT_ENCODING).ok()??;
        let mut layers = Vec::new();
        for coding in codings.into_iter().rev() {
            layers.push(match coding.to_ascii_lowercase().as_slice() {
                b"gzip" | b"x-gzip" => Layer::Gzip(Box::new(GzDecoder::new(Sink::default()))),
                b"deflate" => Layer::Deflate(Vec::new()),
                b"br" => Layer::Brotli(Box::new(DecompressorWriter::new(Sink::default(), 16 << 10))),
                b"zstd" => Layer::Zstd(Box::new(ZstdDecoder::new(Sink::default()))),
                b"identity" => continue,
                _ => return None,
            });
        }
        (1..=MAX_LAYERS).contains(&layers.len()).then_some(Decoder { layers, input: Input::Empty })
    }

    /// Decodes the next bytes, which may give nothing yet; at most `room` bytes.
    pub(crate) fn push(&mut self, bytes: &[u8], room: u64) -> Result<Bytes, TransportError> {
        if !bytes.is_empty() {
            self.input = Input::NonEmpty;
        }
        let (first, rest) = self.layers.split_first_mut().ok_or_else(|| broken("nothing"))?;
        let mut plain = first.push(bytes, room)?;
        for layer in rest {
            plain = layer.push(&plain, room)?;
        }
        Ok(plain.into())
    }

    /// The rest, when the body is at its end.
    pub(crate) fn finish(&mut self, room: u64) -> Result<Bytes, TransportError> {
        let mut plain = Vec::new();
        if self.input == Input::Empty {
            return Ok(plain.into());
        }
        for layer in &mut self.layers {
            let mut more = if plain.is_empty() { Vec::new() } else { layer.push(&plain, room)? };
            more.append(&mut layer.finish(room)?);
            plain = more;
        }
        Ok(plain.into())
    }
}

impl Layer {
    fn name(&self) -> &'static str {
        match self {
            Layer::Gzip(_) => "gzip",
            Layer::Deflate(_) | Layer::Zlib(_) | Layer::BareDeflate(_) => "deflate",
            Layer::Brotli(_) => "br",
            Layer::Zstd(_) => "zstd",
        }
    }

    fn push(&mut self, bytes: &[u8], room: u64) -> Result<Vec<u8>, TransportError> {
        if let Layer::Deflate(first) = self {
            first.extend_from_slice(bytes);
            let &[a, b, ..] = first.as_slice() else { return Ok(Vec::new()) };
            let is_zlib = a & 0x0F == 8 && (u16::from(a) << 8 | u16::from(b)).is_multiple_of(31);
            let bytes = std::mem::take(first);
            *self = if is_zlib {
                Layer::Zlib(Box::new(ZlibDecoder::new(Sink::default())))
            } else {
                Layer::BareDeflate(Box::new(DeflateDecoder::new(Sink::default())))
            };
            return self.push(&bytes, room);
        }
        self.run(room, |coder| write_until_end(coder, bytes))
    }

    fn finish(&mut self, room: u64) -> Result<Vec<u8>, TransportError> {
        if matches!(self, Layer::Deflate(first) if first.is_empty()) {
            return Ok(Vec::new());
        }
        let name = self.name();
        let Some(sink) = self.sink() else { return Err(broken(name)) };
        sink.room = room;
        let ended = match self {
            Layer::Gzip(coder) => coder.try_finish(),
            Layer::Zlib(coder) => coder.try_finish(),
            Layer::BareDeflate(coder) => coder.try_finish(),
            Layer::Brotli(coder) => coder.close(),
            Layer::Zstd(coder) => coder.finish(),
            Layer::Deflate(_) => Ok(()),
        };
        self.taken(ended)
    }

    fn run(
        &mut self,
        room: u64,
        step: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Vec<u8>, TransportError> {
        if let Some(sink) = self.sink() {
            sink.room = room;
        }
        let done = match self {
            Layer::Gzip(coder) => step(coder),
            Layer::Zlib(coder) => step(coder),
            Layer::BareDeflate(coder) => step(coder),
            Layer::Brotli(coder) => step(coder),
            Layer::Zstd(coder) => step(coder),
            Layer::Deflate(_) => Ok(()),
        };
        self.taken(done)
    }

    /// What has come out so far, or why nothing more does.
    fn taken(&mut self, done: io::Result<()>) -> Result<Vec<u8>, TransportError> {
        let name = self.name();
        let Some(sink) = self.sink() else { return Ok(Vec::new()) };
        match done {
            Ok(()) => Ok(std::mem::take(&mut sink.out)),
            Err(_) if sink.full => Err(TransportError::new(
                Reason::BodyTooLarge,
                format!("the body, {name} undone, is too large"),
            )),
            Err(_) => Err(broken(name)),
        }
    }

    fn sink(&mut self) -> Option<&mut Sink> {
        match self {
            Layer::Gzip(coder) => Some(coder.get_mut()),
            Layer::Zlib(coder) => Some(coder.get_mut()),
            Layer::BareDeflate(coder) => Some(coder.get_mut()),
            Layer::Brotli(coder) => Some(coder.get_mut()),
            Layer::Zstd(coder) => Some(coder.get_mut()),
            Layer::Deflate(_) => None,
        }
    }
}

/// What follows the end of the coded bytes is passed over, as browsers do it.
fn write_until_end(coder: &mut dyn Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match coder.write(bytes)? {
            0 => return coder.flush(),
            written => bytes = bytes.get(written..).unwrap_or_default(),
        }
    }
    coder.flush()
}

fn broken(name: &str) -> TransportError {
    TransportError::new(Reason::BrokenHttp, format!("the body is not what Content-Encoding: {name} says"))
}
