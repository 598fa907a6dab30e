//! A route's directory of static files.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use http::header::{ETAG, IF_RANGE, LAST_MODIFIED, RANGE};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use tower_http::services::ServeDir;
use tower_http::services::fs::{
    Backend, DefaultServeDirFallback, ServeFileSystemResponseBody, TokioBackend, TokioFile,
};
use tower_service::Service;

use crate::body::Body;
use crate::path;
use crate::text_response::text_response;

/// A directory whose files are served.
#[derive(Debug)]
pub(crate) struct StaticFiles(ServeDir<DefaultServeDirFallback, ConfinedBackend>);

impl StaticFiles {
    pub(crate) fn new(root: &Path) -> StaticFiles {
        let backend = ConfinedBackend { root: root.into() };
        StaticFiles(ServeDir::with_backend(root, backend).ignore_multi_range_requests(true))
    }

    pub(crate) async fn respond<B>(&self, request: Request<B>) -> Response<Body> {
        let mut request = request.map(|_| ());
        // `ServeDir` redirects to such a path, and `//name/` in a `Location` is another host.
        if is_hidden(request.uri().path()) || request.uri().path().contains("//") {
            return text_response(StatusCode::NOT_FOUND, "there is no such file");
        }
        *request.uri_mut() = path::origin_form(std::mem::take(request.uri_mut()));
        if !has_byte_range(&request) {
            request.headers_mut().remove(RANGE);
        }
        let conditional = request.headers().contains_key(IF_RANGE).then(|| request.clone());
        let mut response = self.serve(request).await;
        if let Some(mut whole) = conditional
            && !if_range_matches(whole.headers(), response.headers())
        {
            whole.headers_mut().remove(RANGE);
            response = self.serve(whole).await;
        }
        response.map(|body| Body::File { body })
    }

    async fn serve(&self, request: Request<()>) -> Response<ServeFileSystemResponseBody> {
        let Ok(response) = self.0.clone().call(request).await;
        response
    }
}

/// A range in another unit is ignored, and so is a range of another method than `GET`. <https://httpwg.org/specs/rfc9110.html#field.range>
fn has_byte_range(request: &Request<()>) -> bool {
    let range = request.headers().get(RANGE).and_then(|range| range.as_bytes().split_at_checked(6));
    *request.method() == Method::GET && range.is_some_and(|(unit, _)| unit.eq_ignore_ascii_case(b"bytes="))
}

/// Whether `If-Range` names the representation in a response. <https://httpwg.org/specs/rfc9110.html#field.if-range>
fn if_range_matches(request: &HeaderMap, response: &HeaderMap) -> bool {
    let condition = request.get(IF_RANGE);
    let strong = condition.is_some_and(|condition| !condition.as_bytes().starts_with(b"W/"));
    strong && (response.get(ETAG) == condition || response.get(LAST_MODIFIED) == condition)
}

/// Files whose names begin with a dot are not served, except below `.well-known`.
fn is_hidden(path: &str) -> bool {
    let Ok(normalized) = path::normalize(path) else { return true };
    normalized.split(|byte| *byte == b'/').any(|name| name.starts_with(b".") && name != b".well-known")
}

/// The directories and regular files of a directory. Links are followed as long as they stay within it. A pipe is not
/// served: opening one waits for a writer.
#[derive(Clone, Debug)]
struct ConfinedBackend {
    root: std::sync::Arc<Path>,
}

type BoxFuture<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

impl ConfinedBackend {
    async fn resolve(self, path: PathBuf) -> io::Result<(PathBuf, std::fs::Metadata)> {
        let resolved = tokio::task::spawn_blocking(move || {
            let path = path.canonicalize()?;
            let metadata = path.metadata()?;
            let served = metadata.is_file() || metadata.is_dir();
            // The root may be a link that has just been changed.
            if !served || !path.starts_with(self.root.canonicalize()?) {
                return Err(io::ErrorKind::NotFound.into());
            }
            Ok((path, metadata))
        });
        resolved.await.map_err(io::Error::other)?
    }
}

impl Backend for ConfinedBackend {
    type File = TokioFile;
    type Metadata = std::fs::Metadata;
    type OpenFuture = BoxFuture<TokioFile>;
    type MetadataFuture = BoxFuture<std::fs::Metadata>;

    fn open(&self, path: PathBuf) -> BoxFuture<TokioFile> {
        let resolved = self.clone().resolve(path);
        Box::pin(async move { TokioBackend.open(resolved.await?.0).await })
    }

    fn metadata(&self, path: PathBuf) -> BoxFuture<std::fs::Metadata> {
        let resolved = self.clone().resolve(path);
        Box::pin(async move { Ok(resolved.await?.1) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_files_are_found_in_any_encoding() {
        assert!(
            ["/.git/config", "/a/.env", "/%2Egit", "/a%2f.git", "/a/%252egit", "/a//.x"]
                .into_iter()
                .all(is_hidden)
        );
        assert!(!["/a.b", "/.well-known/x", "/", "/é"].into_iter().any(is_hidden));
    }
}
