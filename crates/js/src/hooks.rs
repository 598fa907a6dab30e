//! The functions of the prelude that the event loop calls.

use rquickjs::function::IntoArgs;
use rquickjs::{Ctx, FromJs, Function, Object, Persistent, Result};

/// The functions of the prelude that the event loop calls, by name. They must be dropped before the engine.
#[derive(Clone)]
pub(crate) struct Hooks(Persistent<Object<'static>>);

impl Hooks {
    pub(crate) fn new<'js>(ctx: &Ctx<'js>, hooks: Object<'js>) -> Hooks {
        Hooks(Persistent::save(ctx, hooks))
    }

    pub(crate) fn call<'js, A, R>(&self, ctx: &Ctx<'js>, name: &str, arguments: A) -> Result<R>
    where
        A: IntoArgs<'js>,
        R: FromJs<'js>,
    {
        self.get::<Function<'js>>(ctx, name)?.call(arguments)
    }

    pub(crate) fn get<'js, V: FromJs<'js>>(&self, ctx: &Ctx<'js>, name: &str) -> Result<V> {
        self.0.clone().restore(ctx)?.get(name)
    }
}
