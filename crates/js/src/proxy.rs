//! Proxies, for a console that runs none of their traps.

use rquickjs::{Ctx, FromJs, Proxy, Value};

/// What a proxy stands for, without asking it: `undefined` for what is not a proxy, and `null` where the engine does not say, as of
/// one that has been revoked, or that can be called.
pub(crate) fn target<'js>(ctx: Ctx<'js>, value: Value<'js>) -> Value<'js> {
    if !value.is_proxy() {
        return Value::new_undefined(ctx);
    }
    let target = Proxy::from_js(&ctx, value).and_then(|proxy| proxy.target());
    target.map_or_else(
        |_| {
            // What it has thrown is not for the script.
            ctx.catch();
            Value::new_null(ctx.clone())
        },
        |target| target.into_value(),
    )
}
