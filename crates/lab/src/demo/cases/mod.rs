//! The cases, chapter by chapter.

mod credentials;
mod origin;
mod preflight;
mod redirect;
mod response;
mod simple;

use super::case::Chapter;

/// Every case, in the order of the table.
pub(crate) const CHAPTERS: &[Chapter] = &[
    simple::CHAPTER,
    origin::CHAPTER,
    response::ALLOW_ORIGIN,
    credentials::CHAPTER,
    response::EXPOSE_HEADERS,
    preflight::PREFLIGHTS,
    preflight::REFUSALS,
    preflight::CACHING,
    redirect::CHAPTER,
];
