//! Where lines of output are written: to the standard streams, or from the child process to its parent.

use std::io::{self, Read, Write};

use crate::output;

/// The longest frame, in bytes.
const MAX_FRAME: usize = 64 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Out,
    Err,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineSink {
    /// The standard streams.
    Direct,
    /// Frames on standard output. Each names its stream, so that the order of lines is kept.
    Framed,
}

impl LineSink {
    pub(super) fn write_line(self, stream: Stream, line: &str) {
        match (self, stream) {
            (LineSink::Direct, Stream::Out) => output::print(format!("{line}\n").as_bytes()),
            (LineSink::Direct, Stream::Err) => output::complain(line),
            (LineSink::Framed, stream) => {
                // A parent that no longer reads also ends this process.
                let _ = write_frames(&mut io::stdout().lock(), stream, &format!("{line}\n"));
            }
        }
    }
}

/// Writes the text in frames: a byte for the stream, the length in four bytes, and the text.
fn write_frames(to: &mut impl Write, stream: Stream, text: &str) -> io::Result<()> {
    let mut rest = text;
    while !rest.is_empty() {
        let (frame, after) = rest.split_at(rest.floor_char_boundary(MAX_FRAME));
        to.write_all(&[if stream == Stream::Out { 1 } else { 2 }])?;
        to.write_all(&u32::try_from(frame.len()).unwrap_or(0).to_be_bytes())?;
        to.write_all(frame.as_bytes())?;
        rest = after;
    }
    to.flush()
}

/// Reads the next frame. `None` at the end, and for a malformed frame.
pub(super) fn read_frame(from: &mut impl Read) -> Option<(Stream, Vec<u8>)> {
    let mut head = [0; 5];
    from.read_exact(&mut head).ok()?;
    let stream = match head[0] {
        1 => Stream::Out,
        2 => Stream::Err,
        _ => return None,
    };
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
    if length > MAX_FRAME {
        return None;
    }
    let mut text = vec![0; length];
    from.read_exact(&mut text).ok()?;
    Some((stream, text))
}

/// Untrusted text for a terminal, without control characters, so that it cannot set colours or move the cursor.
pub(super) fn sanitize(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_in_order_and_malformed_ones_are_rejected() {
        let mut wire = Vec::new();
        let long = "ä".repeat(MAX_FRAME);
        write_frames(&mut wire, Stream::Out, "a\n").unwrap();
        write_frames(&mut wire, Stream::Err, &long).unwrap();
        let mut wire = &wire[..];
        assert_eq!(read_frame(&mut wire), Some((Stream::Out, b"a\n".to_vec())));
        let mut text = Vec::new();
        while let Some((stream, piece)) = read_frame(&mut wire) {
            assert_eq!(stream, Stream::Err);
            text.extend(piece);
        }
        assert!(text == long.as_bytes());
        for wrong in [&[1, 0xff, 0, 0, 0, 65][..], &[3, 0, 0, 0, 1, 65], &[1, 0, 0, 0, 2, 65], &[1]] {
            assert_eq!(read_frame(&mut &*wrong), None);
        }
    }

    #[test]
    fn a_terminal_gets_no_control_characters() {
        assert_eq!(
            sanitize(b"\x1b[31mred\x07\r\n\tend\xff"),
            "\u{fffd}[31mred\u{fffd}\u{fffd}\n\tend\u{fffd}"
        );
    }
}
