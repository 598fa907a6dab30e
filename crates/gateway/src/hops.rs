//! What a header says to the next hop alone, and what the gateway says of itself.
//!
//! <https://httpwg.org/specs/rfc9110.html#field.connection>

use http::header::{
    CONNECTION, CONTENT_LENGTH, COOKIE, FORWARDED, HOST, HeaderName, TE, TRANSFER_ENCODING, UPGRADE, VIA,
};
use http::{HeaderMap, HeaderValue, Method, Request, Version};

use crate::client::Client;
use crate::host::Host;
use crate::upstream::Failure;

const WEBSOCKET: &str = "websocket";
/// How many headers a head that goes upstream has more than one that came.
const ADDED: usize = 6;
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Whether a request is a WebSocket's handshake. No other protocol passes: in one that carries requests, as `h2c` does,
/// requests would pass that nobody here has seen. <https://httpwg.org/specs/rfc9110.html#field.upgrade>
pub(crate) fn asks_for_websocket<B>(request: &Request<B>) -> bool {
    request.headers().contains_key(UPGRADE)
        && request.version() == Version::HTTP_11
        && *request.method() == Method::GET
        && options(request.headers(), UPGRADE).any(|protocol| protocol.eq_ignore_ascii_case(WEBSOCKET))
        && options(request.headers(), CONNECTION).any(|option| option.eq_ignore_ascii_case("upgrade"))
}

/// Whether an upstream that changes the protocol goes over to the one that was asked for.
pub(crate) fn goes_over_to_websocket(headers: &HeaderMap) -> bool {
    let mut protocols = options(headers, UPGRADE);
    protocols.next().is_some_and(|protocol| protocol.eq_ignore_ascii_case(WEBSOCKET))
        && protocols.next().is_none()
}

/// Says that the connection goes over to WebSocket, after the head has been made one for the next hop.
pub(crate) fn upgrade_to_websocket(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static(WEBSOCKET));
}

/// Makes a client's head one that goes upstream.
pub(crate) fn to_upstream(headers: &mut HeaderMap, version: Version, host: &Host, client: &Client) {
    let gone = names_for_one_hop(headers, |name| {
        is_for_one_hop(name)
            || matches!(name, "expect" | "http2-settings" | "proxy-authorization")
            || is_forged(name)
    });
    let trailers =
        gone.contains(&TE) && options(headers, TE).any(|coding| coding.eq_ignore_ascii_case("trailers"));
    remove(headers, gone);
    // One table for all that follows, not one after another.
    headers.reserve(ADDED);
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
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static(client.scheme()));
    headers.append(VIA, via(version));
    headers.insert(HOST, host.value.clone());
}

/// Makes an upstream's head one that goes to the client. An error if its body has two lengths, or a transfer coding that
/// nobody here undoes. <https://httpwg.org/specs/rfc9112.html#message.body.length>
pub(crate) fn to_client(headers: &mut HeaderMap) -> Result<(), Failure> {
    let gone = names_for_one_hop(headers, is_for_one_hop);
    if gone.contains(&TRANSFER_ENCODING)
        && (headers.contains_key(CONTENT_LENGTH)
            || headers.get_all(TRANSFER_ENCODING).iter().any(|coding| !is_chunked(coding)))
    {
        return Err(Failure::Framing);
    }
    remove(headers, gone);
    one_length(headers);
    Ok(())
}

/// A length that stands there several times, which some servers send, as one: clients need not take the others.
/// <https://httpwg.org/specs/rfc9110.html#field.content-length>
fn one_length(headers: &mut HeaderMap) {
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

/// The one transfer coding that is served.
pub(crate) fn is_chunked(coding: &HeaderValue) -> bool {
    coding.as_bytes().eq_ignore_ascii_case(b"chunked")
}

fn is_for_one_hop(name: &str) -> bool {
    matches!(name, "connection" | "keep-alive" | "proxy-connection" | "te" | "transfer-encoding" | "upgrade")
}

/// What a client says of how it came here, and nobody here says again: servers would believe it. Many of them, as all that
/// hand headers on as variables, take `_` for `-`.
fn is_forged(name: &str) -> bool {
    let [b'x', b'-' | b'_', rest @ ..] = name.as_bytes() else { return false };
    let spells = |(known, byte): (u8, &u8)| known == *byte || known == b'-' && *byte == b'_';
    let replaced = [X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO];
    SAID_BY_PROXIES.iter().any(|known| known.len() == rest.len() && known.bytes().zip(rest).all(spells))
        && !replaced.iter().any(|known| known == name)
}

/// After the `X-`.
const SAID_BY_PROXIES: [&str; 9] = [
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

/// What is meant for one hop: the names that `Connection` lists, and those that always are. Most heads have none of them,
/// and pay for one look at each name.
fn names_for_one_hop(headers: &HeaderMap, is_for_one_hop: impl Fn(&str) -> bool) -> Vec<HeaderName> {
    let listed = options(headers, CONNECTION)
        // Mostly the only ones: `Keep-Alive` goes anyway, and no header is called `Close`.
        .filter(|option| !["close", "keep-alive"].iter().any(|known| option.eq_ignore_ascii_case(known)))
        .filter_map(|option| option.parse().ok());
    let always = headers.keys().filter(|name| is_for_one_hop(name.as_str())).cloned();
    always.chain(listed).collect()
}

fn remove(headers: &mut HeaderMap, names: Vec<HeaderName>) {
    for name in names {
        headers.remove(name);
    }
}

/// Whether `Connection` names a header that carries the message itself.
pub(crate) fn breaks_framing(headers: &HeaderMap) -> bool {
    options(headers, CONNECTION).any(|option| {
        ["content-length", "host", "transfer-encoding"].iter().any(|name| option.eq_ignore_ascii_case(name))
    })
}

fn options(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
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

fn via(version: Version) -> HeaderValue {
    HeaderValue::from_static(match version {
        Version::HTTP_10 => "1.0 crossing",
        Version::HTTP_2 => "2.0 crossing",
        _ => "1.1 crossing",
    })
}
