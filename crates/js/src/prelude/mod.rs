//! The prelude: the interfaces that a script sees, as a script of our own over the natives.

use std::rc::Rc;

use rquickjs::context::EvalOptions;
use rquickjs::{Ctx, Function, Object, Result};

use crate::host::Host;
use crate::natives;

/// Its files, in order. Each is the body of a function of the natives and of what the files before it share.
const FILES: &[(&str, &str)] = &[
    ("primordials", include_str!("primordials.js")),
    ("webidl", include_str!("webidl.js")),
    ("errors", include_str!("errors.js")),
    ("inspect", include_str!("inspect.js")),
    ("console", include_str!("console.js")),
    ("event", include_str!("event.js")),
    ("global", include_str!("global.js")),
    ("timers", include_str!("timers.js")),
    ("abort", include_str!("abort.js")),
    ("encoding", include_str!("encoding.js")),
    ("url", include_str!("url.js")),
    ("blob", include_str!("blob.js")),
    ("formdata", include_str!("formdata.js")),
    ("stream_state", include_str!("stream_state.js")),
    ("streams", include_str!("streams.js")),
    ("body", include_str!("body.js")),
    ("headers", include_str!("headers.js")),
    ("request", include_str!("request.js")),
    ("response", include_str!("response.js")),
    ("fetch", include_str!("fetch.js")),
    ("xhr", include_str!("xhr.js")),
    ("beacon", include_str!("beacon.js")),
    ("eventsource", include_str!("eventsource.js")),
    ("crypto", include_str!("crypto.js")),
    ("structured", include_str!("structured.js")),
];

/// The same, where the global is a window.
const WINDOW_FILES: &[(&str, &str)] = &[
    ("element", include_str!("element.js")),
    ("document", include_str!("document.js")),
    ("window", include_str!("window.js")),
];

/// The same, for the prompt.
const PROMPT_FILES: &[(&str, &str)] = &[("prompt", include_str!("prompt.js"))];

/// Runs the prelude, and gives its hooks: what the event loop calls.
pub(crate) fn run<'js>(ctx: &Ctx<'js>, host: &Rc<Host>) -> Result<Object<'js>> {
    let natives = natives::object(ctx, host)?;
    let shared = Object::new(ctx.clone())?;
    let hooks = Object::new(ctx.clone())?;
    shared.set("hooks", hooks.clone())?;
    let window = if host.environment.document.is_some() { WINDOW_FILES } else { &[] };
    for (name, source) in FILES.iter().chain(window).chain(PROMPT_FILES) {
        let mut options = EvalOptions::default();
        options.filename = Some(format!("crossing:{name}"));
        // On one line with the source, so that its lines keep their numbers; not in parentheses, which the engine reads twice,
        // for they might be an arrow function's.
        let wrapped = format!("0, function (host, shared) {{ 'use strict'; {source}\n}}");
        let file: Function<'js> = ctx.eval_with_options(wrapped, options)?;
        file.call::<_, ()>((natives.clone(), shared.clone()))?;
    }
    Ok(hooks)
}
