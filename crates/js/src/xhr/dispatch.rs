//! What is next for an `XMLHttpRequest`, and the events that come of it.

use std::rc::Rc;

use crossing::browser::xhr::{Action, Event, Target, XhrError};
use crossing::browser::{Body, Request};
use rquickjs::{Class, Ctx, Exception, Function, Object, Persistent, Result};

use super::cell::XhrCell;
use super::native::NativeXhr;
use crate::host::{Consumer, Host};
use crate::network::Upload;
use crate::values::throw_dom;

/// An object whose conversation goes on: it is kept alive, and is told of the news.
#[derive(Clone)]
pub(crate) struct InFlightXhr {
    pub(crate) cell: Rc<XhrCell>,
    handle: Persistent<Class<'static, NativeXhr<'static>>>,
    object: Persistent<Object<'static>>,
}

impl InFlightXhr {
    /// Dispatches what the news has brought.
    pub(crate) fn drive<'js>(self, ctx: &Ctx<'js>, host: &Host, fire: Function<'js>) -> Result<()> {
        let (native, object) = (self.handle.restore(ctx)?, self.object.restore(ctx)?);
        Dispatch { native, object, fire }.drive(ctx, host)
    }
}

/// An object, and the function of the prelude that fires events at it.
pub(super) struct Dispatch<'js> {
    pub(super) native: Class<'js, NativeXhr<'js>>,
    pub(super) object: Object<'js>,
    pub(super) fire: Function<'js>,
}

/// Why an object goes no further.
enum Halt {
    Threw(XhrError),
    TooManyRequests,
}

impl<'js> Dispatch<'js> {
    /// Dispatches what the last call has brought, as far as somebody hears it.
    pub(super) fn drive(&self, ctx: &Ctx<'js>, host: &Host) -> Result<()> {
        let mut halt = None;
        loop {
            match self.next_event(ctx, host) {
                Ok(Some(event)) => self.dispatch(&event)?,
                Ok(None) => break,
                // The exception of a synchronous request; what else it has brought comes first.
                Err(reason) => halt = Some(reason),
            }
        }
        match halt {
            None => Ok(()),
            Some(Halt::Threw(error)) => Err(throw(ctx, error)),
            Some(Halt::TooManyRequests) => Err(Exception::throw_range(ctx, "too many requests")),
        }
    }

    fn dispatch(&self, event: &Event) -> Result<()> {
        let target = match event.target {
            Target::Xhr => Some((self.object.clone(), self.native.borrow().listeners.clone())),
            Target::Upload => self.native.borrow().upload.borrow().clone(),
        };
        let Some((target, listeners)) = target else { return Ok(()) };
        self.fire.call((target, listeners, event.kind as u32, event.loaded as f64, event.total as f64))
    }

    fn is_heard(&self, event: &Event) -> bool {
        let native = self.native.borrow();
        match event.target {
            Target::Xhr => native.listeners.borrow().hears(event.kind),
            Target::Upload => {
                native.upload.borrow().as_ref().is_some_and(|(_, them)| them.borrow().hears(event.kind))
            }
        }
    }

    /// Does what is next until there is an event that somebody hears.
    fn next_event(&self, ctx: &Ctx<'js>, host: &Host) -> std::result::Result<Option<Event>, Halt> {
        let native = self.native.borrow();
        let cell = &native.cell;
        loop {
            let action = cell.inner.borrow_mut().xhr.poll();
            match action {
                None => match cell.more_news(host) {
                    Some(news) => cell.hear(news, host.now()),
                    None => return Ok(None),
                },
                Some(Action::Dispatch(event)) if self.is_heard(&event) => {
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
        let upload = match (request.body(), cell.tells_upload()) {
            (Body::Null, _) => Upload::Empty,
            (_, true) => Upload::Observed(body),
            (_, false) => Upload::Bytes(body),
        };
        let in_flight = InFlightXhr {
            cell: cell.clone(),
            handle: Persistent::save(ctx, self.native.clone()),
            object: Persistent::save(ctx, self.object.clone()),
        };
        let id = host.begin(request, upload, Consumer::Xhr(in_flight)).ok_or(Halt::TooManyRequests)?;
        cell.inner.borrow_mut().fetch = Some(id);
        host.set_timeout(id, cell.deadline());
        Ok(())
    }
}

pub(super) fn throw(ctx: &Ctx<'_>, error: XhrError) -> rquickjs::Error {
    throw_dom(ctx, error.name(), &error.to_string())
}
