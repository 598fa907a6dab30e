//! The core alone: a decision, and its edits to a response of the `http` crate.

use std::hint::black_box;

use crossing::server::{Decision, Policy};
use http::{HeaderMap, Request, Response, StatusCode};

use crate::cases::Case;
use crate::contest::{Answer, Contest, Runner};
use crate::floor::Floor;
use crate::in_tower;

/// A request, and who answers it.
struct InCore<F> {
    request: Request<()>,
    next: Option<Request<()>>,
    answer: F,
}

impl<F: FnMut(Request<()>) -> Response<()>> Runner for InCore<F> {
    fn prepare(&mut self) {
        self.next = Some(self.request.clone());
    }

    fn run(&mut self) {
        if let Some(request) = self.next.take() {
            drop(black_box((self.answer)(request)));
        }
    }

    fn answer(&mut self) -> Answer {
        in_tower::answer_of(&(self.answer)(self.request.clone()))
    }
}

fn runner(case: &Case, answer: impl FnMut(Request<()>) -> Response<()> + 'static) -> Box<dyn Runner> {
    Box::new(InCore { request: in_tower::request(case), next: None, answer })
}

pub fn contest(case: &Case) -> Contest {
    let (policy, floor) = (case.policy(), Floor::new(case));
    Contest {
        bare: runner(case, application),
        floor: runner(case, move |request| answer_by_floor(&floor, request)),
        ours: runner(case, move |request| answer_by_policy(&policy, request)),
        peer: None,
    }
}

#[inline(never)]
fn application(request: Request<()>) -> Response<()> {
    drop(request);
    Response::new(())
}

fn answer_by_policy(policy: &Policy, request: Request<()>) -> Response<()> {
    match policy.decide(&request) {
        Decision::Answer(answer) => {
            let mut response = Response::new(());
            *response.status_mut() = StatusCode::from_u16(answer.status()).expect("a status");
            *response.headers_mut() = answer.into_headers();
            response
        }
        Decision::Forward(forward) => {
            let mut response = application(request);
            forward.apply(response.headers_mut());
            response
        }
    }
}

fn answer_by_floor(floor: &Floor, request: Request<()>) -> Response<()> {
    let origin = floor.check(request.headers());
    let mut response = match floor.status() {
        Some(status) => {
            let mut response = Response::new(());
            *response.status_mut() = status;
            *response.headers_mut() = HeaderMap::with_capacity(floor.header_count());
            response
        }
        None => application(request),
    };
    floor.apply(origin, response.headers_mut());
    response
}
