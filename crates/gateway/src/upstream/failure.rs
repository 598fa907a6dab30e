//! Why a request has no response of an upstream.

use std::error::Error;
use std::fmt;
use std::io;

use http::StatusCode;

/// Why a request has no response of an upstream, or not all of it.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Its name cannot be resolved.
    Dns(io::Error),
    /// It cannot be connected to.
    Connect(io::Error),
    /// The TLS handshake failed.
    Tls(io::Error),
    /// It did not accept the connection in time.
    ConnectTimeout,
    /// It did not begin to respond in time.
    ResponseTimeout,
    /// The next part of its response's body did not arrive in time.
    BodyTimeout,
    /// Its response is not valid HTTP, or the connection closed before its end.
    Broken(hyper::Error),
    /// The end of its response's body is ambiguous.
    Framing,
    /// It switched to a protocol that was not requested.
    Upgrade,
    /// The client's body exceeds the limit.
    TooLarge,
    /// The client's body ended early.
    ClientBody,
    /// The next part of the client's body did not arrive in time.
    ClientTimeout,
}

impl Failure {
    /// The status of the response to the client.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Failure::Dns(_)
            | Failure::Connect(_)
            | Failure::Tls(_)
            | Failure::Broken(_)
            | Failure::Framing
            | Failure::Upgrade => StatusCode::BAD_GATEWAY,
            Failure::ConnectTimeout | Failure::ResponseTimeout | Failure::BodyTimeout => {
                StatusCode::GATEWAY_TIMEOUT
            }
            Failure::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Failure::ClientBody => StatusCode::BAD_REQUEST,
            Failure::ClientTimeout => StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// The error type of RFC 9209, or a similar word where the RFC has none.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Failure::Dns(_) => "dns_error",
            Failure::Connect(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                "connection_refused"
            }
            Failure::Connect(_) => "destination_unavailable",
            Failure::Tls(error) if is_certificate_error(error) => "tls_certificate_error",
            Failure::Tls(_) => "tls_protocol_error",
            Failure::ConnectTimeout => "connection_timeout",
            Failure::ResponseTimeout | Failure::BodyTimeout => "http_response_timeout",
            Failure::Broken(error) if error.is_parse() => "http_protocol_error",
            Failure::Framing => "http_protocol_error",
            Failure::Broken(_) => "http_response_incomplete",
            Failure::Upgrade => "http_upgrade_failed",
            Failure::TooLarge => "http_request_body_size",
            Failure::ClientBody => "http_request_error",
            Failure::ClientTimeout => "http_request_timeout",
        }
    }

    /// Whether the fault is the upstream's, not the client's.
    pub(crate) fn is_upstream_fault(&self) -> bool {
        !matches!(self, Failure::TooLarge | Failure::ClientBody | Failure::ClientTimeout)
    }

    /// The underlying error. It is logged, and not sent to the client.
    pub(crate) fn cause(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Failure::Dns(error) | Failure::Connect(error) | Failure::Tls(error) => Some(error),
            Failure::Broken(error) => error.source().or(Some(error)),
            _ => None,
        }
    }
}

fn is_certificate_error(error: &io::Error) -> bool {
    let error = error.get_ref().and_then(|error| error.downcast_ref());
    matches!(error, Some(rustls::Error::InvalidCertificate(_)))
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Failure::Dns(_) => "the upstream's name leads nowhere",
            Failure::Connect(_) => "the upstream cannot be reached",
            Failure::Tls(_) => "the upstream does not show that it is who it should be",
            Failure::ConnectTimeout => "the upstream does not accept connections",
            Failure::ResponseTimeout => "the upstream does not respond",
            Failure::BodyTimeout => "the upstream's response stands still",
            Failure::Broken(error) if error.is_parse() => "the upstream's response is no HTTP",
            Failure::Broken(_) => "the upstream went away",
            Failure::Framing => {
                "the upstream's response has two lengths, or a transfer coding other than chunked"
            }
            Failure::Upgrade => "the upstream changes the protocol unasked",
            Failure::TooLarge => "the body is too large",
            Failure::ClientBody => "the request's body did not arrive",
            Failure::ClientTimeout => "the request's body stands still",
        })
    }
}
