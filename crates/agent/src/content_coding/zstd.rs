//! zstd, block by block: the library pulls whole blocks, and a body comes in pieces.

use std::io::{self, Write};

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The longest frame header: magic number, descriptor, window, dictionary, content size.
const MAX_HEADER: usize = 4 + 1 + 1 + 4 + 8;
/// A browser looks no further back ([RFC 9659](https://www.rfc-editor.org/rfc/rfc9659.html#section-3)).
const MAX_WINDOW: u64 = 8 << 20;

/// Decodes what is written to it.
pub(crate) struct ZstdDecoder<W> {
    sink: W,
    frame: FrameDecoder,
    state: State,
    /// How long the checksum after the last block is.
    checksum: usize,
    waiting: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Header,
    Blocks,
    Over,
}

impl<W: Write> ZstdDecoder<W> {
    pub(crate) fn new(sink: W) -> Self {
        ZstdDecoder {
            sink,
            frame: FrameDecoder::new(),
            state: State::Header,
            checksum: 0,
            waiting: Vec::new(),
        }
    }

    pub(crate) fn get_mut(&mut self) -> &mut W {
        &mut self.sink
    }

    /// The end of the bytes.
    ///
    /// # Errors
    /// When it comes too early.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        if self.state == State::Header && !self.waiting.is_empty() {
            self.header()?;
            self.blocks()?;
        }
        let begun = self.state != State::Header || !self.waiting.is_empty();
        if begun && self.state != State::Over {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    fn header(&mut self) -> io::Result<()> {
        if window_size(&self.waiting).is_none_or(|window| window > MAX_WINDOW) {
            return Err(io::Error::other("no frame, or too large a window"));
        }
        self.checksum = if self.waiting[4] & 0x04 == 0 { 0 } else { 4 };
        let mut rest = self.waiting.as_slice();
        self.frame.init(&mut rest).map_err(io::Error::other)?;
        let read = self.waiting.len() - rest.len();
        self.waiting.drain(..read);
        self.state = State::Blocks;
        Ok(())
    }

    /// Decodes the blocks that are there as a whole, and gives what they hold before the next is decoded.
    fn blocks(&mut self) -> io::Result<()> {
        let mut at = 0;
        while self.state == State::Blocks
            && let Some(length) = block_length(&self.waiting[at..], self.checksum)
        {
            let Some(block) = self.waiting.get(at..at + length) else { break };
            let over = self
                .frame
                .decode_blocks(block, BlockDecodingStrategy::UptoBlocks(1))
                .map_err(io::Error::other)?;
            at += length;
            if over {
                self.state = State::Over;
            }
            self.frame.collect_to_writer(&mut self.sink)?;
        }
        self.waiting.drain(..at);
        Ok(())
    }
}

impl<W: Write> Write for ZstdDecoder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.state == State::Over {
            return Ok(0);
        }
        self.waiting.extend_from_slice(bytes);
        if self.state == State::Header && self.waiting.len() >= MAX_HEADER {
            self.header()?;
        }
        self.blocks()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The [window size](https://www.rfc-editor.org/rfc/rfc8878.html#section-3.1.1.1.2) that a frame header asks for.
fn window_size(header: &[u8]) -> Option<u64> {
    let (&descriptor, rest) = header.strip_prefix(&[0x28, 0xB5, 0x2F, 0xFD])?.split_first()?;
    let is_single_segment = descriptor & 0x20 != 0;
    if !is_single_segment {
        let window = u64::from(*rest.first()?);
        let base = 1u64 << (10 + (window >> 3));
        return Some(base + base / 8 * (window & 7));
    }
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let length = [1, 2, 4, 8][usize::from(descriptor >> 6)];
    let size = rest.get(dictionary..dictionary + length)?;
    Some(size.iter().rev().fold(0, |size, byte| size << 8 | u64::from(*byte)))
}

/// How long the next block is, with its header and, if it is the last, the checksum.
fn block_length(bytes: &[u8], checksum: usize) -> Option<usize> {
    let header = bytes.get(..3)?;
    let header = usize::from(header[0]) | usize::from(header[1]) << 8 | usize::from(header[2]) << 16;
    let is_repeated_byte = header >> 1 & 3 == 1;
    let size = if is_repeated_byte { 1 } else { header >> 3 };
    Some(3 + size + if header & 1 == 1 { checksum } else { 0 })
}
