//! [Event listener lists](https://dom.spec.whatwg.org/#eventtarget-event-listener-list), and the dispatch to them. The prelude
//! makes the events and invokes the callbacks.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crossing::browser::xhr::EventKind;
use rquickjs::class::{JsClass, Readable, Trace, Tracer};
use rquickjs::function::Constructor;
use rquickjs::{Atom, Class, Ctx, Function, JsLifetime, Object, Result, String as Text, Value};

use crate::host::Host;

/// The flags of a listener, in one number.
const CAPTURES: u32 = 1;
const ONCE: u32 = 2;
const PASSIVE: u32 = 4;
/// An event handler, as `onload`.
const HANDLER: u32 = 8;

/// [Flags](https://dom.spec.whatwg.org/#stop-propagation-flag) that an event has when a listener has stopped it: no other
/// phase follows, or no other listener.
const STOPPED: u32 = 16;
const STOPPED_AT_ONCE: u32 = 32;

/// The listeners of one target, in the order in which they came.
#[derive(Default)]
pub(crate) struct Listeners<'js> {
    list: RefCell<Vec<Listener<'js>>>,
    last: Cell<u32>,
}

struct Listener<'js> {
    id: u32,
    kind: Atom<'js>,
    callback: Value<'js>,
    flags: u32,
    /// Its event of an `XMLHttpRequest`, if it is one of them.
    event: Option<EventKind>,
}

impl Listener<'_> {
    fn is(&self, what: u32) -> bool {
        self.flags & what != 0
    }
}

impl<'js> Listeners<'js> {
    /// Whether there is one at all.
    pub(crate) fn has_any(&self) -> bool {
        !self.list.borrow().is_empty()
    }

    /// Whether there is a listener for this event of an `XMLHttpRequest`.
    pub(crate) fn has_xhr_listener(&self, event: EventKind) -> bool {
        self.list.borrow().iter().any(|it| it.event == Some(event))
    }

    /// Adds a listener, and gives its number; none if there is the same already.
    fn add(&self, kind: Atom<'js>, callback: Value<'js>, flags: u32) -> Result<Option<u32>> {
        let capture = flags & CAPTURES != 0;
        if flags & HANDLER == 0 && self.position(&kind, &callback, capture).is_some() {
            return Ok(None);
        }
        let id = self.last.get() + 1;
        self.last.set(id);
        let name = kind.to_js_string().and_then(|name| name.to_string());
        let event = name.ok().and_then(|name| EventKind::from_name(&name));
        self.list.borrow_mut().push(Listener { id, kind, callback, flags, event });
        Ok(Some(id))
    }

    fn position(&self, kind: &Atom<'js>, callback: &Value<'js>, capture: bool) -> Option<usize> {
        self.list.borrow().iter().position(|it| {
            it.callback == *callback && it.kind == *kind && !it.is(HANDLER) && it.is(CAPTURES) == capture
        })
    }

    fn handler(&self, kind: &Atom<'js>) -> Option<usize> {
        self.list.borrow().iter().position(|it| it.is(HANDLER) && it.kind == *kind)
    }

    fn remove(&self, at: Option<usize>) {
        // In a statement of its own: what it holds may go with it.
        let gone = at.map(|at| self.list.borrow_mut().remove(at));
        drop(gone);
    }

    /// [`onload` and the like](https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-attributes): a handler
    /// keeps its place when it becomes another function.
    fn set_handler(&self, kind: Atom<'js>, callback: Value<'js>) -> Result<()> {
        match (self.handler(&kind), callback.is_object()) {
            (None, false) => {}
            (None, true) => {
                self.add(kind, callback, HANDLER)?;
            }
            (at, false) => self.remove(at),
            (Some(at), true) => {
                let before = std::mem::replace(&mut self.list.borrow_mut()[at].callback, callback);
                drop(before);
            }
        }
        Ok(())
    }

    fn position_by_id(&self, id: u32) -> Option<usize> {
        self.list.borrow().binary_search_by_key(&id, |it| it.id).ok()
    }

    fn has_listener(&self, kind: &Atom<'js>) -> bool {
        self.list.borrow().iter().any(|it| it.kind == *kind)
    }

    /// [Dispatches](https://dom.spec.whatwg.org/#concept-event-dispatch) an event of this type.
    fn dispatch(&self, kind: &Atom<'js>, invoke: impl Fn(&Value<'js>, u32) -> Result<u32>) -> Result<()> {
        self.dispatch_to(|it| it.kind == *kind, invoke)
    }

    /// Dispatches this event of an `XMLHttpRequest`.
    pub(crate) fn dispatch_xhr(
        &self,
        event: EventKind,
        invoke: impl Fn(&Value<'js>, u32) -> Result<u32>,
    ) -> Result<()> {
        self.dispatch_to(|it| it.event == Some(event), invoke)
    }

    /// Invokes the listeners that capture, and then the others. A listener that is added meanwhile is not invoked in that
    /// phase, nor is one that is removed. `invoke` returns the flags of the event.
    fn dispatch_to(
        &self,
        is_for: impl Fn(&Listener<'js>) -> bool,
        invoke: impl Fn(&Value<'js>, u32) -> Result<u32>,
    ) -> Result<()> {
        for capture in [true, false] {
            let listeners: Vec<_> = {
                let list = self.list.borrow();
                let of_phase = list.iter().filter(|it| it.is(CAPTURES) == capture && is_for(it));
                of_phase.map(|it| (it.id, it.flags)).collect()
            };
            let mut event_flags = 0;
            for (id, flags) in listeners {
                let Some(at) = self.position_by_id(id) else { continue };
                let callback = self.list.borrow()[at].callback.clone();
                if flags & ONCE != 0 {
                    self.remove(Some(at));
                }
                event_flags = invoke(&callback, flags)?;
                if event_flags & STOPPED_AT_ONCE != 0 {
                    return Ok(());
                }
            }
            if event_flags & STOPPED != 0 {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl<'js> Trace<'js> for Listeners<'js> {
    fn trace<'a>(&self, tracer: Tracer<'a, 'js>) {
        for listener in self.list.borrow().iter() {
            listener.kind.trace(tracer);
            listener.callback.trace(tracer);
        }
    }
}

#[allow(unsafe_code, reason = "the engine's way to say that a type changes nothing but its lifetime")]
// SAFETY: `Changed` is the type itself with another lifetime.
unsafe impl<'js> JsLifetime<'js> for Listeners<'js> {
    type Changed<'to> = Listeners<'to>;
}

impl<'js> JsClass<'js> for Listeners<'js> {
    const NAME: &'static str = "Listeners";
    type Mutable = Readable;

    /// No script sees one.
    fn prototype(_ctx: &Ctx<'js>) -> Result<Option<Object<'js>>> {
        Ok(None)
    }

    fn constructor(_ctx: &Ctx<'js>) -> Result<Option<Constructor<'js>>> {
        Ok(None)
    }
}

type List<'js> = Class<'js, Listeners<'js>>;

/// The natives of listener lists.
pub(crate) fn natives<'js>(ctx: &Ctx<'js>, host: &Rc<Host>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    for (name, what) in [
        ("CAPTURES", CAPTURES),
        ("ONCE", ONCE),
        ("PASSIVE", PASSIVE),
        ("HANDLER", HANDLER),
        ("STOPPED", STOPPED),
        ("STOPPED_AT_ONCE", STOPPED_AT_ONCE),
    ] {
        object.set(name, what)?;
    }
    object.set("make", Function::new(ctx.clone(), |ctx| Class::instance(ctx, Listeners::default()))?)?;
    object.set("add", Function::new(ctx.clone(), add)?)?;
    object.set("remove", Function::new(ctx.clone(), remove)?)?;
    object.set("removeById", Function::new(ctx.clone(), remove_by_id)?)?;
    object.set("handler", Function::new(ctx.clone(), handler)?)?;
    object.set("setHandler", Function::new(ctx.clone(), set_handler)?)?;
    object.set("hasListener", Function::new(ctx.clone(), has_listener)?)?;
    let host = host.clone();
    let dispatch = move |ctx: Ctx<'js>,
                         list: List<'js>,
                         kind: Text<'js>,
                         invoke: Function<'js>,
                         event: Value<'js>,
                         target: Value<'js>| {
        let call = |callback: &Value<'js>, flags| {
            host.call_back(&ctx, || invoke.call((&event, &target, callback, flags)))
        };
        list.borrow().dispatch(&atom(&kind)?, call)
    };
    // `invoke` takes the event, its target, a callback and its flags, for each listener of this type.
    object.set("dispatch", Function::new(ctx.clone(), dispatch)?)?;
    Ok(object)
}

fn atom<'js>(text: &Text<'js>) -> Result<Atom<'js>> {
    Atom::from_value(text.ctx().clone(), text)
}

/// The number of the new listener; `undefined` if there is the same already.
fn add<'js>(list: List<'js>, kind: Text<'js>, callback: Value<'js>, flags: u32) -> Result<Option<u32>> {
    list.borrow().add(atom(&kind)?, callback, flags)
}

fn remove<'js>(list: List<'js>, kind: Text<'js>, callback: Value<'js>, capture: u32) -> Result<()> {
    let list = list.borrow();
    list.remove(list.position(&atom(&kind)?, &callback, capture != 0));
    Ok(())
}

/// Takes away the listener of this number.
fn remove_by_id(list: List<'_>, id: u32) {
    let list = list.borrow();
    list.remove(list.position_by_id(id));
}

fn handler<'js>(ctx: Ctx<'js>, list: List<'js>, kind: Text<'js>) -> Result<Value<'js>> {
    let list = list.borrow();
    match list.handler(&atom(&kind)?) {
        Some(at) => Ok(list.list.borrow()[at].callback.clone()),
        None => Ok(Value::new_null(ctx)),
    }
}

fn set_handler<'js>(list: List<'js>, kind: Text<'js>, callback: Value<'js>) -> Result<()> {
    list.borrow().set_handler(atom(&kind)?, callback)
}

fn has_listener<'js>(list: List<'js>, kind: Text<'js>) -> Result<bool> {
    Ok(list.borrow().has_listener(&atom(&kind)?))
}
