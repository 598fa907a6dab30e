//! URLs that bring their content along.

use bytes::Bytes;
use crossing::headers::names;
use crossing::{HeaderList, Reason, ResponseHead, Value};
use data_url::DataUrl;
use http::StatusCode;
use url::Url;

use crate::error::TransportError;

/// The response for a URL that is not fetched over HTTP: `data:` has one, and nothing else does.
pub(crate) fn respond(url: &Url) -> Result<(ResponseHead, Bytes), TransportError> {
    let no = |detail: String| TransportError::new(Reason::Scheme, detail);
    if url.scheme() != "data" {
        return Err(no(format!("{}: is not fetched from the network", url.scheme())));
    }
    let data = DataUrl::process(url.as_str()).map_err(|error| no(error.to_string()))?;
    let (body, _fragment) = data.decode_to_vec().map_err(|error| no(error.to_string()))?;
    let mut headers = HeaderList::new();
    if let Ok(kind) = Value::new(data.mime_type().to_string()) {
        headers.append(names::CONTENT_TYPE, kind);
    }
    let head = ResponseHead { status: StatusCode::OK, status_text: b"OK".to_vec(), headers };
    Ok((head, body.into()))
}
