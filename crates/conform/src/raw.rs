//! HTTP/1.1 requests, read from raw bytes: odd bytes, repeated lines and their order are kept.

use tokio::io::{AsyncRead, AsyncReadExt};

/// The most that a head may have.
const LONGEST_HEAD: usize = 1 << 18;

/// A request as it came.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) method: String,
    /// A path, a whole URL, or an authority.
    pub(crate) target: String,
    /// Names as they were written.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// The first line of this name.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let (_, value) = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        Some(String::from_utf8_lossy(value).into_owned())
    }
}

/// Reads one request; `None` at the end, or if it is none.
pub(crate) async fn read_message<S: AsyncRead + Unpin>(
    stream: &mut S,
    buffer: &mut Vec<u8>,
) -> Option<Message> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if buffer.len() > LONGEST_HEAD {
            return None;
        }
        more(stream, buffer).await?;
    };
    let lines: Vec<u8> = buffer.drain(..end + 4).collect();
    let mut lines =
        lines[..end].split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = String::from_utf8_lossy(lines.next()?).into_owned();
    let (method, rest) = first.split_once(' ')?;
    let target = rest.strip_suffix(" HTTP/1.1")?;
    let mut headers = Vec::new();
    for line in lines {
        let colon = line.iter().position(|&byte| byte == b':')?;
        headers.push((
            String::from_utf8_lossy(&line[..colon]).into_owned(),
            line[colon + 1..].trim_ascii().to_vec(),
        ));
    }
    let mut message =
        Message { method: method.to_owned(), target: target.to_owned(), headers, body: Vec::new() };
    message.body = if message.header("transfer-encoding").is_some() {
        chunks(stream, buffer).await?
    } else {
        let length = message.header("content-length").map_or(Some(0), |length| length.parse().ok())?;
        exactly(stream, buffer, length).await?
    };
    Some(message)
}

async fn more<S: AsyncRead + Unpin>(stream: &mut S, buffer: &mut Vec<u8>) -> Option<()> {
    match stream.read_buf(buffer).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(()),
    }
}

async fn exactly<S: AsyncRead + Unpin>(
    stream: &mut S,
    buffer: &mut Vec<u8>,
    length: usize,
) -> Option<Vec<u8>> {
    while buffer.len() < length {
        more(stream, buffer).await?;
    }
    Some(buffer.drain(..length).collect())
}

async fn chunks<S: AsyncRead + Unpin>(stream: &mut S, buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = buffer.windows(2).position(|two| two == b"\r\n") {
                break at;
            }
            more(stream, buffer).await?;
        };
        let line: Vec<u8> = buffer.drain(..end + 2).collect();
        let size = usize::from_str_radix(std::str::from_utf8(&line[..end]).ok()?, 16).ok()?;
        body.extend(exactly(stream, buffer, size).await?);
        exactly(stream, buffer, 2).await?;
        if size == 0 {
            return Some(body);
        }
    }
}
