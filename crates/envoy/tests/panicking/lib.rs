//! The module's own hooks around a filter that panics where it is asked to. Envoy must not notice more than a refusal.
#![allow(dead_code, reason = "this filter needs less of Envoy than the real one")]
#![allow(clippy::panic, reason = "panicking is what this is for")]

#[path = "../../src/abi.rs"]
mod abi;
#[path = "../../src/envoy.rs"]
mod envoy;
#[path = "../../src/hooks.rs"]
mod hooks;

mod filter {
    use std::sync::Arc;

    use crossing::server::Answer;
    use http::HeaderValue;

    use crate::abi::HeaderKind;
    use crate::envoy::{Loading, Stream};

    pub(crate) struct Config(Vec<u8>);
    pub(crate) struct RouteConfig;
    pub(crate) struct Filter(Option<&'static str>);

    pub(crate) enum Action {
        Continue,
        Answer(Answer<HeaderValue>),
    }

    impl Config {
        pub(crate) fn new(_: &Loading, _: &[u8], config: &[u8]) -> Option<Config> {
            assert!(config != b"panic", "asked to, while the filter is configured");
            Some(Config(config.to_owned()))
        }
    }

    impl RouteConfig {
        pub(crate) fn new(_: &[u8], _: &[u8]) -> Option<RouteConfig> {
            panic!("asked to, while a route is configured")
        }
    }

    impl Filter {
        pub(crate) fn new(config: Arc<Config>) -> Filter {
            assert!(config.0 != b"panic in new", "asked to, while a stream begins");
            Filter(None)
        }

        pub(crate) fn on_request(&mut self, stream: &Stream<'_>) -> Action {
            match stream.lines(HeaderKind::Request, "panic").next() {
                Some(b"request") => panic!("asked to, in a request"),
                Some(b"response") => self.0 = Some("asked to, in a response"),
                Some(b"end") => self.0 = Some("at the end"),
                _ => {}
            }
            Action::Continue
        }

        pub(crate) fn on_response(&mut self, stream: &mut Stream<'_>) {
            stream.set("access-control-allow-origin", b"https://app.test");
            if let Some("asked to, in a response") = self.0 {
                panic!("asked to, in a response");
            }
        }
    }

    impl Drop for Filter {
        fn drop(&mut self) {
            assert!(self.0 != Some("at the end"), "asked to, at the end of a stream");
        }
    }
}

mod view {
    use crossing::server::Answer;
    use http::HeaderValue;

    use crate::abi::Header;

    pub(crate) fn lend(_: &Answer<HeaderValue>, to: impl FnOnce(&mut [Header])) {
        to(&mut []);
    }
}
