//! The cases, chapter by chapter.

mod credentials;
mod origin;
mod preflight;
mod redirect;
mod response;
mod simple;

use super::case::Chapter;

/// Every case, in the order in which it is told.
pub(crate) const CHAPTERS: &[Chapter] = &[
    simple::CHAPTER,
    origin::CHAPTER,
    response::WHO_MAY_READ,
    credentials::CHAPTER,
    response::WHICH_HEADERS,
    preflight::ASKING_FIRST,
    preflight::REFUSALS,
    preflight::REMEMBERING,
    redirect::CHAPTER,
];
