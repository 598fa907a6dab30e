//! Where what is said goes: to standard output and standard error, or from a script's own process to the one that started
//! it.

use std::io::{self, Read, Write};

use crate::output;

/// The longest piece that is told at once, in bytes.
const LONGEST: usize = 64 << 10;

/// One of the two streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Out,
    Err,
}

/// Where what is said goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voice {
    /// To the streams themselves.
    Own,
    /// Over standard output in pieces, each with its stream, so that their order stays.
    Relayed,
}

impl Voice {
    /// Says a line.
    pub(super) fn say(self, stream: Stream, line: &str) {
        match (self, stream) {
            (Voice::Own, Stream::Out) => output::print(format!("{line}\n").as_bytes()),
            (Voice::Own, Stream::Err) => output::complain(line),
            (Voice::Relayed, stream) => {
                // Whoever listens no longer ends this process, too.
                let _ = send(&mut io::stdout().lock(), stream, &format!("{line}\n"));
            }
        }
    }
}

fn send(to: &mut impl Write, stream: Stream, text: &str) -> io::Result<()> {
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(LONGEST));
        to.write_all(&[if stream == Stream::Out { 1 } else { 2 }])?;
        to.write_all(&u32::try_from(piece.len()).unwrap_or(0).to_be_bytes())?;
        to.write_all(piece.as_bytes())?;
        rest = after;
    }
    to.flush()
}

/// The next piece; `None` at the end, also of what cannot be read.
pub(super) fn receive(from: &mut impl Read) -> Option<(Stream, Vec<u8>)> {
    let mut head = [0; 5];
    from.read_exact(&mut head).ok()?;
    let stream = match head[0] {
        1 => Stream::Out,
        2 => Stream::Err,
        _ => return None,
    };
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
    if length > LONGEST {
        return None;
    }
    let mut piece = vec![0; length];
    from.read_exact(&mut piece).ok()?;
    Some((stream, piece))
}

/// A stranger's text for a terminal: it sets no colour, moves no cursor and rings no bell.
pub(super) fn tamed(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_arrive_in_order_and_nothing_else_is_taken_for_one() {
        let mut wire = Vec::new();
        let long = "ä".repeat(LONGEST);
        send(&mut wire, Stream::Out, "a\n").unwrap();
        send(&mut wire, Stream::Err, &long).unwrap();
        let mut wire = &wire[..];
        assert_eq!(receive(&mut wire), Some((Stream::Out, b"a\n".to_vec())));
        let mut text = Vec::new();
        while let Some((stream, piece)) = receive(&mut wire) {
            assert_eq!(stream, Stream::Err);
            text.extend(piece);
        }
        assert!(text == long.as_bytes());
        for wrong in [&[1, 0xff, 0, 0, 0, 65][..], &[3, 0, 0, 0, 1, 65], &[1, 0, 0, 0, 2, 65], &[1]] {
            assert_eq!(receive(&mut &*wrong), None);
        }
    }

    #[test]
    fn a_terminal_gets_no_control_characters() {
        assert_eq!(tamed(b"\x1b[31mred\x07\r\n\tend\xff"), "\u{fffd}[31mred\u{fffd}\u{fffd}\n\tend\u{fffd}");
    }
}
