//! An object of native functions.

use rquickjs::function::IntoJsFunc;
use rquickjs::{Ctx, Function, Object, Result};

/// An object to which native functions are added.
pub(crate) struct NativeObject<'a, 'js> {
    pub(crate) object: Object<'js>,
    pub(crate) ctx: &'a Ctx<'js>,
}

impl<'js> NativeObject<'_, 'js> {
    pub(crate) fn add<P>(&self, name: &str, function: impl IntoJsFunc<'js, P> + 'js) -> Result<()> {
        self.object.set(name, Function::new(self.ctx.clone(), function)?)
    }
}
