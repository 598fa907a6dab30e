//! The contestants around an application of actix-web's, from the request as the server hands it over to the response
//! as the server takes it.
//!
//! Middleware can stand in the `App`, as [`wrap`](App::wrap) puts it there, or around the `App`, which actix-web allows,
//! too. The peer can only stand within.
//!
//! What is taken off as the bare application's is, for a preflight, what an answer without headers costs: the
//! application is not asked.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use actix_http::Request;
use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Response, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{App, Error, HttpResponse, test, web};

use crate::cases::{Case, HEADERS, METHODS, Origins, SUFFIX};
use crate::contest::{Answer, Contest, Runner, Whom};
use crate::floor_in_actix::{FloorAround, FloorWithin};

fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nobody waits here"),
    }
}

/// The application.
fn app() -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new().default_service(web::to(async || HttpResponse::Ok().finish()))
}

/// A request, and the service that answers it.
struct InActix<S> {
    method: Method,
    lines: Vec<(HeaderName, HeaderValue)>,
    next: Option<Request>,
    service: S,
}

impl<S> InActix<S>
where
    S: Service<Request, Error = Error>,
{
    fn request(&self) -> Request {
        let mut request = test::TestRequest::default().method(self.method.clone());
        for (name, value) in &self.lines {
            request = request.insert_header((name.clone(), value.clone()));
        }
        request.to_request()
    }

    /// As actix-web's server does it.
    #[inline]
    fn once<B>(&self, request: Request) -> Response<B>
    where
        S::Response: Into<Response<B>>,
    {
        now(self.service.call(request)).expect("a response").into()
    }
}

/// A contestant whose responses have such a body.
struct WithBody<S, B>(InActix<S>, std::marker::PhantomData<B>);

impl<S, B> Runner for WithBody<S, B>
where
    S: Service<Request, Error = Error>,
    S::Response: Into<Response<B>>,
{
    fn prepare(&mut self) {
        self.0.next = Some(self.0.request());
    }

    fn run(&mut self) {
        if let Some(request) = self.0.next.take() {
            drop(black_box(self.0.once(request)));
        }
    }

    fn answer(&mut self) -> Answer {
        let response = self.0.once(self.0.request());
        let headers = response.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        Answer::new(response.status().as_u16(), headers)
    }
}

fn runner<I, F, B>(case: &Case, app: I) -> Box<dyn Runner>
where
    I: IntoServiceFactory<F, Request>,
    F: ServiceFactory<Request, Config = AppConfig, Error = Error>,
    F::Response: Into<Response<B>>,
    F::Service: 'static,
    F::InitError: std::fmt::Debug,
    B: 'static,
{
    let line = |(name, value): (&'static str, String)| {
        let value = HeaderValue::from_maybe_shared(bytes::Bytes::from(value)).expect("a header value");
        (HeaderName::from_static(name), value)
    };
    let service = now(app.into_factory().new_service(AppConfig::default())).expect("a service");
    let contestant = InActix {
        method: if case.is_preflight() { Method::OPTIONS } else { Method::GET },
        lines: case.lines().into_iter().map(line).collect(),
        next: None,
        service,
    };
    Box::new(WithBody(contestant, std::marker::PhantomData))
}

/// In the `App`.
pub fn within(case: &Case, whom: Whom) -> Contest {
    let bare = match FloorWithin::empty(case) {
        Some(empty) => runner(case, app().wrap(empty)),
        None => runner(case, app()),
    };
    Contest {
        bare,
        floor: runner(case, app().wrap(FloorWithin::new(case))),
        ours: runner(case, app().wrap(crossing_actix::Cors::new(case.policy()))),
        peer: peer(case, whom),
    }
}

/// Around the `App`.
pub fn around(case: &Case, whom: Whom) -> Contest {
    let bare = match FloorAround::empty(case, app()) {
        Some(empty) => runner(case, empty),
        None => runner(case, app()),
    };
    Contest {
        bare,
        floor: runner(case, FloorAround::new(case, app())),
        ours: runner(case, crossing_actix::Cors::new(case.policy()).around(app())),
        peer: peer(case, whom),
    }
}

fn peer(case: &Case, whom: Whom) -> Option<Box<dyn Runner>> {
    (whom == Whom::Everyone).then(|| runner(case, app().wrap(actix_cors(case))))
}

fn actix_cors(case: &Case) -> actix_cors::Cors {
    let mut cors = actix_cors::Cors::default();
    cors = match case.origins {
        Origins::Everybody => cors.allow_any_origin().send_wildcard(),
        Origins::Listed(_) => {
            case.origins.list().iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
        }
        Origins::Subdomains => cors.allowed_origin_fn(|origin, _| {
            origin.as_bytes().starts_with(b"https://") && origin.as_bytes().ends_with(SUFFIX.as_bytes())
        }),
    };
    cors = cors.allowed_methods(METHODS).allowed_headers(HEADERS).max_age(600);
    if case.credentials { cors.supports_credentials() } else { cors }
}
