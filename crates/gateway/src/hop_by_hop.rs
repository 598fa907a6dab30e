//! Hop-by-hop headers, and the headers that the gateway adds.
//!
//! <https://httpwg.org/specs/rfc9110.html#field.connection>

use http::header::{
    CONNECTION, CONTENT_LENGTH, COOKIE, FORWARDED, HOST, HeaderName, TE, TRANSFER_ENCODING, UPGRADE, VIA,
};
use http::{HeaderMap, HeaderValue, Method, Request, Version};

use crate::client_connection::ClientConnection;
use crate::host::Host;
use crate::upstream::Failure;

const WEBSOCKET: &str = "websocket";
/// At most this many headers are added to a request for an upstream.
const ADDED_HEADERS: usize = 6;
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Whether a request is a WebSocket handshake. No other upgrade is passed on: a protocol such as `h2c` carries requests, and
/// they would reach the upstream unchecked. <https://httpwg.org/specs/rfc9110.html#field.upgrade>
pub(crate) fn is_websocket_handshake<B>(request: &Request<B>) -> bool {
    request.headers().contains_key(UPGRADE)
        && request.version() == Version::HTTP_11
        && *request.method() == Method::GET
        && list_items(request.headers(), UPGRADE).any(|protocol| protocol.eq_ignore_ascii_case(WEBSOCKET))
        && list_items(request.headers(), CONNECTION).any(|option| option.eq_ignore_ascii_case("upgrade"))
}

/// Whether an upstream switches to WebSocket, and to nothing else.
pub(crate) fn switches_to_websocket(headers: &HeaderMap) -> bool {
    let mut protocols = list_items(headers, UPGRADE);
    protocols.next().is_some_and(|protocol| protocol.eq_ignore_ascii_case(WEBSOCKET))
        && protocols.next().is_none()
}

/// Adds the headers of an upgrade to WebSocket, after the hop-by-hop headers have been removed.
pub(crate) fn set_websocket_upgrade(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static(WEBSOCKET));
}

/// Turns the headers of a client's request into those for an upstream.
pub(crate) fn prepare_request(
    headers: &mut HeaderMap,
    version: Version,
    host: &Host,
    client: &ClientConnection,
) {
    let removed = hop_by_hop_names(headers, |name| {
        is_hop_by_hop(name)
            || matches!(name, "expect" | "http2-settings" | "proxy-authorization")
            || is_forwarding_header(name)
    });
    let trailers = removed.contains(&TE)
        && list_items(headers, TE).any(|coding| coding.eq_ignore_ascii_case("trailers"));
    remove(headers, removed);
    // Reserve once, so that the map grows at most once.
    headers.reserve(ADDED_HEADERS);
    if trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
        headers.insert(CONNECTION, HeaderValue::from_static("te"));
    }
    if version == Version::HTTP_2 {
        join_cookies(headers);
    }
    headers.insert(FORWARDED, host.forwarded.clone());
    headers.insert(X_FORWARDED_FOR, client.address.clone());
    headers.insert(X_FORWARDED_HOST, host.value.clone());
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static(client.scheme().as_str()));
    headers.append(VIA, via_value(version));
    headers.insert(HOST, host.value.clone());
}

/// Turns the headers of an upstream's response into those for the client. An error if the body has two lengths, or a
/// transfer coding other than `chunked`. <https://httpwg.org/specs/rfc9112.html#message.body.length>
pub(crate) fn prepare_response(headers: &mut HeaderMap) -> Result<(), Failure> {
    let removed = hop_by_hop_names(headers, is_hop_by_hop);
    if removed.contains(&TRANSFER_ENCODING)
        && (headers.contains_key(CONTENT_LENGTH)
            || headers.get_all(TRANSFER_ENCODING).iter().any(|coding| !is_chunked(coding)))
    {
        return Err(Failure::Framing);
    }
    remove(headers, removed);
    merge_content_lengths(headers);
    Ok(())
}

/// Replaces a repeated `Content-Length`, which some servers send, by one: clients may reject repeated ones.
/// <https://httpwg.org/specs/rfc9110.html#field.content-length>
fn merge_content_lengths(headers: &mut HeaderMap) {
    let mut lines = headers.get_all(CONTENT_LENGTH).into_iter();
    let Some(first) = lines.next().map(HeaderValue::as_bytes) else { return };
    if lines.next().is_none() && !first.contains(&b',') {
        return;
    }
    let length = first.split(|byte| *byte == b',').next().unwrap_or_default();
    if let Ok(one) = HeaderValue::from_bytes(length.trim_ascii()) {
        headers.insert(CONTENT_LENGTH, one);
    }
}

/// Whether a transfer coding is `chunked`, the only one that is supported.
pub(crate) fn is_chunked(coding: &HeaderValue) -> bool {
    coding.as_bytes().eq_ignore_ascii_case(b"chunked")
}

fn is_hop_by_hop(name: &str) -> bool {
    matches!(name, "connection" | "keep-alive" | "proxy-connection" | "te" | "transfer-encoding" | "upgrade")
}

/// Whether a header describes the way of a request through proxies, and the gateway does not replace it. A client can forge
/// it, and servers would trust it. Servers that pass headers as variables, as CGI does, read `_` as `-`.
fn is_forwarding_header(name: &str) -> bool {
    let [b'x', b'-' | b'_', rest @ ..] = name.as_bytes() else { return false };
    let matches = |(known, byte): (u8, &u8)| known == *byte || known == b'-' && *byte == b'_';
    let replaced = [X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO];
    FORWARDING_HEADERS.iter().any(|known| known.len() == rest.len() && known.bytes().zip(rest).all(matches))
        && !replaced.iter().any(|known| known == name)
}

/// Without the `X-`.
const FORWARDING_HEADERS: [&str; 9] = [
    "forwarded-for",
    "forwarded-host",
    "forwarded-port",
    "forwarded-prefix",
    "forwarded-proto",
    "forwarded-scheme",
    "forwarded-server",
    "forwarded-ssl",
    "real-ip",
];

/// The names that `Connection` lists, and those that are always hop-by-hop. Most requests have none: for them this is one
/// comparison a name.
fn hop_by_hop_names(headers: &HeaderMap, is_hop_by_hop: impl Fn(&str) -> bool) -> Vec<HeaderName> {
    let listed = list_items(headers, CONNECTION)
        // The usual options: `Keep-Alive` is removed anyway, and there is no header `Close`.
        .filter(|option| !["close", "keep-alive"].iter().any(|known| option.eq_ignore_ascii_case(known)))
        .filter_map(|option| option.parse().ok());
    let always = headers.keys().filter(|name| is_hop_by_hop(name.as_str())).cloned();
    always.chain(listed).collect()
}

fn remove(headers: &mut HeaderMap, names: Vec<HeaderName>) {
    for name in names {
        headers.remove(name);
    }
}

/// Whether `Connection` names a header that the framing of the message depends on.
pub(crate) fn breaks_framing(headers: &HeaderMap) -> bool {
    list_items(headers, CONNECTION).any(|option| {
        ["content-length", "host", "transfer-encoding"].iter().any(|name| option.eq_ignore_ascii_case(name))
    })
}

fn list_items(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',').map(str::trim))
}

/// HTTP/2 may send a cookie in several lines; HTTP/1.1 must not.
/// <https://httpwg.org/specs/rfc9113.html#CompressCookie>
fn join_cookies(headers: &mut HeaderMap) {
    if headers.get_all(COOKIE).into_iter().nth(1).is_none() {
        return;
    }
    let lines: Vec<&[u8]> = headers.get_all(COOKIE).into_iter().map(HeaderValue::as_bytes).collect();
    if let Ok(joined) = HeaderValue::from_bytes(&lines.join(&b"; "[..])) {
        headers.insert(COOKIE, joined);
    }
}

fn via_value(version: Version) -> HeaderValue {
    HeaderValue::from_static(match version {
        Version::HTTP_10 => "1.0 crossing",
        Version::HTTP_2 => "2.0 crossing",
        _ => "1.1 crossing",
    })
}
