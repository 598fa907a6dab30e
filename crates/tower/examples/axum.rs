//! An axum application with a policy for each of its parts.
//!
//! `cargo run -p crossing-tower --example axum`, and then:
//! `curl -i -H 'Origin: https://app.example.com' http://127.0.0.1:3000/api/notes/1`

use axum::Router;
use axum::extract::{MatchedPath, Path, Request};
use axum::http::StatusCode;
use axum::routing::{get, put};
use crossing_tower::{CorsLayer, Grant, Policy, PolicyErrors, by_request};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app()?).await?;
    Ok(())
}

/// The application.
pub(crate) fn app() -> Result<Router, PolicyErrors> {
    Ok(Router::new().nest("/api", api()?).merge(public()?).merge(by_route()?))
}

/// One layer a router: the pages of `app.example.com` may write notes, with cookies.
fn api() -> Result<Router, PolicyErrors> {
    let policy = Policy::builder()
        .grant(
            Grant::new()
                .allow_origins(["https://app.example.com"])
                .allow_credentials(true)
                .allow_methods(["PUT"])
                .allow_headers(["content-type"])
                .max_age(600),
        )
        .build()?;
    let note = get(async |Path(id): Path<u32>| format!("note {id}")).put(async || StatusCode::NO_CONTENT);
    Ok(Router::new().route("/notes/{id}", note).layer(CorsLayer::new(policy)))
}

/// Everybody may read; nobody is known by cookies.
fn public() -> Result<Router, PolicyErrors> {
    let policy = Policy::builder().grant(Grant::new().allow_origins(["*"])).build()?;
    Ok(Router::new().route("/status", get(async || "well")).layer(CorsLayer::new(policy)))
}

/// One layer for several routes, each with its own policy.
fn by_route() -> Result<Router, PolicyErrors> {
    let one = |origin, method| {
        Policy::builder().grant(Grant::new().allow_origins([origin]).allow_methods([method])).build()
    };
    let (photos, films) = (one("https://photos.example", "PUT")?, one("https://films.example", "DELETE")?);
    let choose = move |request: &Request| match request.extensions().get::<MatchedPath>()?.as_str() {
        "/photos/{id}" => Some(photos.clone()),
        "/films/{id}" => Some(films.clone()),
        _ => None,
    };
    Ok(Router::new()
        .route("/photos/{id}", put(async || "kept"))
        .route("/films/{id}", get(async || "a film"))
        .layer(CorsLayer::new(by_request(choose))))
}
