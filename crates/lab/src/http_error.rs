//! Why a request is refused: a status and a sentence.

use http::StatusCode;
use serde::Serialize;

use super::http_server::{HttpResponse, json};

pub(super) struct HttpError {
    status: StatusCode,
    message: String,
}

#[derive(Serialize)]
struct ErrorDocument {
    error: String,
}

impl HttpError {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> HttpError {
        HttpError { status, message: message.into() }
    }

    pub(super) fn into_response(self) -> HttpResponse {
        json(self.status, &ErrorDocument { error: self.message })
    }
}
