//! The native object behind an `XMLHttpRequest`.

use std::cell::RefCell;
use std::rc::Rc;

use crossing::browser::xhr::{Global, Xhr};
use rquickjs::class::{JsClass, Readable, Trace, Tracer};
use rquickjs::function::Constructor;
use rquickjs::{Class, Ctx, JsLifetime, Object, Result, Value};

use super::cell::XhrCell;
use crate::listeners::Listeners;

/// The native object behind an `XMLHttpRequest`: its state, its listeners, and the objects that were made for it.
pub(crate) struct NativeXhr<'js> {
    pub(super) cell: Rc<XhrCell>,
    pub(super) listeners: Class<'js, Listeners<'js>>,
    /// `upload`, if a script has read it: before that, it has no listeners.
    pub(super) upload: RefCell<Option<(Object<'js>, Class<'js, Listeners<'js>>)>>,
    /// The [response object](https://xhr.spec.whatwg.org/#response-object), if a script has read it.
    pub(super) response: RefCell<Option<Value<'js>>>,
}

impl<'js> Trace<'js> for NativeXhr<'js> {
    fn trace<'a>(&self, tracer: Tracer<'a, 'js>) {
        self.listeners.trace(tracer);
        if let Some((upload, listeners)) = &*self.upload.borrow() {
            upload.trace(tracer);
            listeners.trace(tracer);
        }
        self.response.borrow().trace(tracer);
    }
}

#[allow(unsafe_code, reason = "the engine's way to say that a type changes nothing but its lifetime")]
// SAFETY: `Changed` is the type itself with another lifetime.
unsafe impl<'js> JsLifetime<'js> for NativeXhr<'js> {
    type Changed<'to> = NativeXhr<'to>;
}

impl<'js> JsClass<'js> for NativeXhr<'js> {
    const NAME: &'static str = "XMLHttpRequest's native half";
    type Mutable = Readable;

    /// No script sees one.
    fn prototype(_ctx: &Ctx<'js>) -> Result<Option<Object<'js>>> {
        Ok(None)
    }

    fn constructor(_ctx: &Ctx<'js>) -> Result<Option<Constructor<'js>>> {
        Ok(None)
    }
}

impl<'js> NativeXhr<'js> {
    pub(super) fn new(global: Global, listeners: Class<'js, Listeners<'js>>) -> NativeXhr<'js> {
        let cell = Rc::new(XhrCell::new(global));
        NativeXhr { cell, listeners, upload: RefCell::default(), response: RefCell::default() }
    }

    pub(super) fn read<T>(&self, look: impl FnOnce(&Xhr) -> T) -> T {
        look(&self.cell.inner.borrow().xhr)
    }

    pub(super) fn change<T>(&self, act: impl FnOnce(&mut Xhr) -> T) -> T {
        act(&mut self.cell.inner.borrow_mut().xhr)
    }
}
