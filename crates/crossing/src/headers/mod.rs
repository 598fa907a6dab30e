//! The words that both halves speak: header lists, the CORS headers and their grammar, safelists, forbidden names.

pub mod grammar;
mod list;
mod mime;
pub mod names;
mod range;
pub mod request;
pub mod response;
mod value;

pub use http::HeaderName;
pub use list::HeaderList;
pub use mime::{MimeType, is_javascript, isomorphic_decode};
pub use value::{InvalidValue, Value};
