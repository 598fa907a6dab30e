//! The Web API layer: a script of our own over the host's functions, as one function with one scope.

/// Which files, in which order: what comes later stands on what comes earlier.
const FILES: [&str; 19] = [
    include_str!("prelude/idl.js"),
    include_str!("prelude/globals.js"),
    include_str!("prelude/events.js"),
    include_str!("prelude/errors.js"),
    include_str!("prelude/console.js"),
    include_str!("prelude/timers.js"),
    include_str!("prelude/abort.js"),
    include_str!("prelude/encoding.js"),
    include_str!("prelude/url.js"),
    include_str!("prelude/streams.js"),
    include_str!("prelude/blob.js"),
    include_str!("prelude/headers.js"),
    include_str!("prelude/body.js"),
    include_str!("prelude/request.js"),
    include_str!("prelude/response.js"),
    include_str!("prelude/fetch.js"),
    include_str!("prelude/xhr.js"),
    include_str!("prelude/worker.js"),
    include_str!("prelude/event-source.js"),
];

/// How the prelude is called where an error names its place.
pub(crate) const NAME: &str = "crossing:prelude";

/// A function of the host's functions; it gives what the host calls.
pub(crate) fn source() -> String {
    let length = FILES.iter().map(|file| file.len()).sum::<usize>() + 200;
    let mut source = String::with_capacity(length);
    source.push_str("(function (native) { \"use strict\";\n");
    for file in FILES {
        source.push_str(file);
    }
    source.push_str(
        "\nreturn { timerDue, networkEvent, xhrNews, rejection, reportRejections, reportException, describe, inspect };\n})",
    );
    source
}
