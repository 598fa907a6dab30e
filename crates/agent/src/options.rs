//! What an agent does beside fetching.

/// Whether [`Outcome::exchanges`](crate::Outcome::exchanges) is filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recording {
    /// It stays empty, and costs nothing.
    #[default]
    Off,
    /// Each request and response head is kept.
    On,
}

/// Over which versions of HTTP a [streamed body](crate::RequestBody::stream) is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamedUploads {
    /// Over HTTP/2, as browsers do; a server that does not speak it is [not asked](crossing::Reason::StreamNeedsHttp2).
    #[default]
    Http2,
    /// Over HTTP/1.1 too, in chunks.
    AnyVersion,
}
