//! Why an upstream gave no response.

use std::error::Error;
use std::fmt;
use std::io;

use http::StatusCode;

/// Why there is no response of an upstream.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Its name leads nowhere.
    Name(io::Error),
    /// It cannot be connected to.
    Connect(io::Error),
    /// It is not who it should be, or speaks no TLS.
    Tls(io::Error),
    /// It did not accept the connection in time.
    ConnectTimeout,
    /// It did not begin to respond in time.
    ResponseTimeout,
    /// Its response's body stands still.
    BodyStalls,
    /// What it sent is no HTTP, or it went away.
    Broken(hyper::Error),
    /// Nobody can tell where its body ends.
    Framing,
    /// It goes over to a protocol that nobody asked for.
    Upgrade,
    /// The client's body is larger than is taken.
    TooLarge,
    /// The client's body ended early.
    ClientBody,
    /// The client's body stood still.
    ClientStalls,
}

impl Failure {
    /// What the client is told.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Failure::Name(_)
            | Failure::Connect(_)
            | Failure::Tls(_)
            | Failure::Broken(_)
            | Failure::Framing
            | Failure::Upgrade => StatusCode::BAD_GATEWAY,
            Failure::ConnectTimeout | Failure::ResponseTimeout | Failure::BodyStalls => {
                StatusCode::GATEWAY_TIMEOUT
            }
            Failure::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Failure::ClientBody => StatusCode::BAD_REQUEST,
            Failure::ClientStalls => StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// The word for it, of RFC 9209 where that has one.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Failure::Name(_) => "dns_error",
            Failure::Connect(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                "connection_refused"
            }
            Failure::Connect(_) => "destination_unavailable",
            Failure::Tls(error) if is_of_certificate(error) => "tls_certificate_error",
            Failure::Tls(_) => "tls_protocol_error",
            Failure::ConnectTimeout => "connection_timeout",
            Failure::ResponseTimeout | Failure::BodyStalls => "http_response_timeout",
            Failure::Broken(error) if error.is_parse() => "http_protocol_error",
            Failure::Framing => "http_protocol_error",
            Failure::Broken(_) => "http_response_incomplete",
            Failure::Upgrade => "http_upgrade_failed",
            Failure::TooLarge => "http_request_body_size",
            Failure::ClientBody => "http_request_error",
            Failure::ClientStalls => "http_request_timeout",
        }
    }

    /// Whether the upstream is to blame, and not the client.
    pub(crate) fn is_the_upstreams(&self) -> bool {
        !matches!(self, Failure::TooLarge | Failure::ClientBody | Failure::ClientStalls)
    }

    /// What stands behind it, which is nothing for a client to know.
    pub(crate) fn cause(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Failure::Name(error) | Failure::Connect(error) | Failure::Tls(error) => Some(error),
            Failure::Broken(error) => error.source().or(Some(error)),
            _ => None,
        }
    }
}

fn is_of_certificate(error: &io::Error) -> bool {
    let error = error.get_ref().and_then(|error| error.downcast_ref());
    matches!(error, Some(rustls::Error::InvalidCertificate(_)))
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Failure::Name(_) => "the upstream's name leads nowhere",
            Failure::Connect(_) => "the upstream cannot be reached",
            Failure::Tls(_) => "the upstream does not show that it is who it should be",
            Failure::ConnectTimeout => "the upstream does not accept connections",
            Failure::ResponseTimeout => "the upstream does not respond",
            Failure::BodyStalls => "the upstream's response stands still",
            Failure::Broken(error) if error.is_parse() => "the upstream's response is no HTTP",
            Failure::Broken(_) => "the upstream went away",
            Failure::Framing => {
                "the upstream's response has two lengths, or a transfer coding other than chunked"
            }
            Failure::Upgrade => "the upstream changes the protocol unasked",
            Failure::TooLarge => "the body is too large",
            Failure::ClientBody => "the request's body did not arrive",
            Failure::ClientStalls => "the request's body stands still",
        })
    }
}
