//! What an `XMLHttpRequest` does next, and the dispatch of its events.

use std::rc::Rc;

use crossing::browser::xhr::{Action, Event, Target, XhrError};
use crossing::browser::{Body, Request};
use rquickjs::{Array, Class, Ctx, Exception, Function, Object, Persistent, Result, Value};

use super::cell::{XhrCell, ends_upload};
use super::native::NativeXhr;
use crate::hooks::Hooks;
use crate::host::{Consumer, FetchEvent, Host};
use crate::network::{FetchId, NetworkEvent, Upload};
use crate::values::throw_dom;

/// An object whose fetch is in flight. It keeps the object alive, and takes the events of the fetch.
struct InFlightXhr {
    cell: Rc<XhrCell>,
    native: Persistent<Class<'static, NativeXhr<'static>>>,
    object: Persistent<Object<'static>>,
}

impl Consumer for InFlightXhr {
    fn splits_upload_end(&self, event: &NetworkEvent) -> bool {
        ends_upload(event) && self.cell.reports_upload()
    }

    fn handle(
        &self,
        ctx: &Ctx<'_>,
        host: &Host,
        hooks: &Hooks,
        _id: FetchId,
        event: FetchEvent,
    ) -> Result<()> {
        match event {
            FetchEvent::Network(event) => self.cell.receive(event, host.execution.now()),
            FetchEvent::UploadEnded => self.cell.upload_ended(),
            FetchEvent::TimedOut => self.cell.time_out(),
        }
        let native = self.native.clone().restore(ctx)?;
        let object = self.object.clone().restore(ctx)?;
        let dispatch = Dispatch { native, object, functions: hooks.get(ctx, "xhrDispatch")? };
        host.microtasks.with_empty_stack(|| dispatch.run(ctx, host))
    }
}

/// An object, and the functions of the prelude that dispatch its events: one that makes an event and begins its dispatch,
/// one that invokes a listener, and one that ends the dispatch.
pub(super) struct Dispatch<'js> {
    pub(super) native: Class<'js, NativeXhr<'js>>,
    pub(super) object: Object<'js>,
    pub(super) functions: Array<'js>,
}

/// Why an object goes no further.
enum Halt {
    Threw(XhrError),
    TooManyRequests,
}

impl<'js> Dispatch<'js> {
    /// Does what the last call or event has caused, and dispatches the events that have listeners.
    pub(super) fn run(&self, ctx: &Ctx<'js>, host: &Host) -> Result<()> {
        let mut halt = None;
        loop {
            match self.next_event(ctx, host) {
                Ok(Some(event)) => self.dispatch(ctx, host, &event)?,
                Ok(None) => break,
                // The exception of a synchronous request; the events that it has caused come first.
                Err(reason) => halt = Some(reason),
            }
        }
        match halt {
            None => Ok(()),
            Some(Halt::Threw(error)) => Err(throw(ctx, error)),
            Some(Halt::TooManyRequests) => Err(Exception::throw_range(ctx, "too many requests")),
        }
    }

    fn dispatch(&self, ctx: &Ctx<'js>, host: &Host, event: &Event) -> Result<()> {
        let target = match event.target {
            Target::Xhr => Some((self.object.clone(), self.native.borrow().listeners.clone())),
            Target::Upload => self.native.borrow().upload.borrow().clone(),
        };
        let Some((target, listeners)) = target else { return Ok(()) };
        let target = target.into_value();
        let [begin, invoke, end] = [0, 1, 2].map(|at| self.functions.get::<Function<'js>>(at));
        let (begin, invoke, end) = (begin?, invoke?, end?);
        let (loaded, total) = (event.loaded as f64, event.total as f64);
        let object: Value<'js> = begin.call((&target, event.kind as u32, loaded, total))?;
        listeners.borrow().dispatch_xhr(event.kind, |callback, flags| {
            host.call_back(ctx, || invoke.call((&object, &target, callback, flags)))
        })?;
        end.call((object,))
    }

    fn has_listener(&self, event: &Event) -> bool {
        let native = self.native.borrow();
        match event.target {
            Target::Xhr => native.listeners.borrow().has_xhr_listener(event.kind),
            Target::Upload => native
                .upload
                .borrow()
                .as_ref()
                .is_some_and(|(_, listeners)| listeners.borrow().has_xhr_listener(event.kind)),
        }
    }

    /// Does what is next until there is an event that has a listener.
    fn next_event(&self, ctx: &Ctx<'js>, host: &Host) -> std::result::Result<Option<Event>, Halt> {
        let native = self.native.borrow();
        let cell = &native.cell;
        loop {
            let action = cell.inner.borrow_mut().xhr.poll();
            match action {
                None => match cell.received_event(host) {
                    Some(event) => cell.receive(event, host.execution.now()),
                    None => return Ok(None),
                },
                Some(Action::Dispatch(event)) if self.has_listener(&event) => {
                    cell.unseen.set(false);
                    return Ok(Some(event));
                }
                Some(Action::Dispatch(_)) => {}
                Some(Action::Fetch(request)) => self.begin(ctx, host, request)?,
                Some(Action::FetchAndWait(request)) => {
                    self.begin(ctx, host, request)?;
                    let outcome = cell.wait(host);
                    let completed = cell.inner.borrow_mut().xhr.complete(outcome);
                    completed.map_err(Halt::Threw)?;
                }
                Some(Action::Cancel) => cell.cancel(host),
            }
        }
    }

    fn begin(&self, ctx: &Ctx<'js>, host: &Host, request: Box<Request>) -> std::result::Result<(), Halt> {
        let cell = self.native.borrow().cell.clone();
        let body = cell.inner.borrow().body.clone();
        let upload = match (request.body(), cell.reports_upload()) {
            (Body::Null, _) => Upload::Empty,
            (_, true) => Upload::Observed(body),
            (_, false) => Upload::Bytes(body),
        };
        let in_flight = Rc::new(InFlightXhr {
            cell: cell.clone(),
            native: Persistent::save(ctx, self.native.clone()),
            object: Persistent::save(ctx, self.object.clone()),
        });
        let id = host.begin_fetch(request, upload, in_flight).ok_or(Halt::TooManyRequests)?;
        cell.inner.borrow_mut().fetch = Some(id);
        host.set_fetch_deadline(id, cell.deadline());
        Ok(())
    }
}

pub(super) fn throw(ctx: &Ctx<'_>, error: XhrError) -> rquickjs::Error {
    throw_dom(ctx, error.name(), &error.to_string())
}
