//! A directory whose files answer.

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

use crate::answer::{origin_form, plain};
use crate::body::Body;
use crate::path;

/// A directory whose files answer.
#[derive(Debug)]
pub(crate) struct Files(ServeDir<DefaultServeDirFallback, WithinRoot>);

impl Files {
    pub(crate) fn new(root: &Path) -> Files {
        let backend = WithinRoot { root: root.into() };
        Files(ServeDir::with_backend(root, backend).ignore_multi_range_requests(true))
    }

    pub(crate) async fn answer<B>(&self, request: Request<B>) -> Response<Body> {
        let mut request = request.map(|_| ());
        // A redirection to such a path would lead to another host.
        if is_hidden(request.uri().path()) || request.uri().path().contains("//") {
            return plain(StatusCode::NOT_FOUND, "there is no such file");
        }
        *request.uri_mut() = origin_form(std::mem::take(request.uri_mut()));
        if !asks_for_bytes(&request) {
            request.headers_mut().remove(RANGE);
        }
        let again = request.headers().contains_key(IF_RANGE).then(|| request.clone());
        let mut response = self.serve(request).await;
        if let Some(mut whole) = again
            && !names(whole.headers(), response.headers())
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

/// Every other unit is to be ignored, and a range is for `GET` alone. <https://httpwg.org/specs/rfc9110.html#field.range>
fn asks_for_bytes(request: &Request<()>) -> bool {
    let range = request.headers().get(RANGE).and_then(|range| range.as_bytes().split_at_checked(6));
    *request.method() == Method::GET && range.is_some_and(|(unit, _)| unit.eq_ignore_ascii_case(b"bytes="))
}

/// Whether `If-Range` names the representation that a response has. <https://httpwg.org/specs/rfc9110.html#field.if-range>
fn names(asked: &HeaderMap, had: &HeaderMap) -> bool {
    let condition = asked.get(IF_RANGE);
    let strong = condition.is_some_and(|condition| !condition.as_bytes().starts_with(b"W/"));
    strong && (had.get(ETAG) == condition || had.get(LAST_MODIFIED) == condition)
}

/// Files whose names begin with a dot are not for everybody, `.well-known` apart.
fn is_hidden(path: &str) -> bool {
    let Ok(loosest) = path::loosest(path) else { return true };
    loosest.split(|byte| *byte == b'/').any(|name| name.starts_with(b".") && name != b".well-known")
}

/// What stands in a directory, wherever links lead within it: directories and regular files. To open a pipe would wait for
/// somebody to write.
#[derive(Clone, Debug)]
struct WithinRoot {
    root: std::sync::Arc<Path>,
}

type Soon<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

impl WithinRoot {
    async fn find(self, path: PathBuf) -> io::Result<(PathBuf, std::fs::Metadata)> {
        let found = tokio::task::spawn_blocking(move || {
            let path = path.canonicalize()?;
            let metadata = path.metadata()?;
            let served = metadata.is_file() || metadata.is_dir();
            // The root may be a link that has just been changed.
            if !served || !path.starts_with(self.root.canonicalize()?) {
                return Err(io::ErrorKind::NotFound.into());
            }
            Ok((path, metadata))
        });
        found.await.map_err(io::Error::other)?
    }
}

impl Backend for WithinRoot {
    type File = TokioFile;
    type Metadata = std::fs::Metadata;
    type OpenFuture = Soon<TokioFile>;
    type MetadataFuture = Soon<std::fs::Metadata>;

    fn open(&self, path: PathBuf) -> Soon<TokioFile> {
        let found = self.clone().find(path);
        Box::pin(async move { TokioBackend.open(found.await?.0).await })
    }

    fn metadata(&self, path: PathBuf) -> Soon<std::fs::Metadata> {
        let found = self.clone().find(path);
        Box::pin(async move { Ok(found.await?.1) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_files_are_found_however_they_are_spelt() {
        assert!(
            ["/.git/config", "/a/.env", "/%2Egit", "/a%2f.git", "/a/%252egit", "/a//.x"]
                .into_iter()
                .all(is_hidden)
        );
        assert!(!["/a.b", "/.well-known/x", "/", "/é"].into_iter().any(is_hidden));
    }
}
