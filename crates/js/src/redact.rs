//! URLs without passwords, for messages.

use url::Url;

/// A URL for a message: passwords do not belong there.
pub(crate) fn display_url(url: &Url) -> String {
    without_credentials(url).into()
}

pub(crate) fn without_credentials(url: &Url) -> Url {
    let mut url = url.clone();
    // Neither fails for what has a host, and the rest has no password.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}
