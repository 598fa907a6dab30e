//! The words that both halves speak: what is read and written is read as the same again.
#![no_main]

use crossing::browser::{ContentSecurityPolicy, Profile, ReferrerPolicy};
use crossing::headers::{self, MimeType, Value, grammar};
use crossing::{HeaderName, Origin};
use crossing_fuzz::Pieces;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut pieces = Pieces::new(bytes);
    let line = pieces.line();
    let text = String::from_utf8_lossy(line);
    if let Ok(origin) = Origin::parse(&text) {
        assert_eq!(Origin::parse(origin.as_str()).ok().as_ref().map(Origin::as_str), Some(origin.as_str()));
        let _ = (origin.site(), origin.is_potentially_trustworthy());
    }
    if let Some(mime) = MimeType::parse(line) {
        // Isomorphic: a byte is a code point.
        let written: Vec<u8> = mime.to_string().chars().map(|c| u8::try_from(c).expect("a byte")).collect();
        assert_eq!(MimeType::parse(&written), Some(mime), "{}", written.escape_ascii());
    }
    let _ =
        (ContentSecurityPolicy::parse(&text), text.parse::<ReferrerPolicy>().ok(), Profile::from_name(&text));
    let name = HeaderName::from_bytes(pieces.line());
    if let (Ok(name), Ok(value)) = (name, Value::new(line)) {
        let unsafe_here = headers::request::why_unsafe(&name, &value).is_some();
        let mut list = headers::HeaderList::new();
        list.append(name.clone(), value.clone());
        assert_eq!(headers::request::unsafe_names(&list).contains(name.as_str()), unsafe_here);
        let _ = headers::request::is_forbidden(&name, &value);
        let _ = headers::request::is_no_cors_safelisted(&name, &value);
        let _ = grammar::decode_and_split(&value);
        let _ = grammar::delta_seconds(&list, &name);
        if let Ok(names) = grammar::token_list(&list, &name) {
            assert!(names.into_iter().flatten().all(|name| grammar::is_token(name.as_ref())));
        }
        let _ = (
            MimeType::extract(&list),
            headers::response::content_length(&list),
            ReferrerPolicy::from_headers(&list),
        );
    }
});
