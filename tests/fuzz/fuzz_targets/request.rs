//! Whole requests to the application, as readers and editors send them: never a mistake of ours,
//! and who is refused is told what is wrong.
#![no_main]

use std::{future::Future, mem::ManuallyDrop, pin::Pin, rc::Rc, sync::Arc};

use actix_http::Request;
use actix_service::{Service, ServiceFactory};
use actix_web::{
    body::{BoxBody, to_bytes},
    dev::Response,
    http::{
        Method, Uri,
        header::{AUTHORIZATION, HeaderName, HeaderValue},
    },
    rt::{System, SystemRunner},
};
use clap::Parser;
use libfuzzer_sys::fuzz_target;
use newsstand::{
    cli::ServeArgs,
    domain::token::{NewToken, Secret, SigningKey, issue},
    http,
    http::fuzzing::Refused,
    model::{caller::Scope, time::UtcTime},
    server,
};
use newsstand_fuzz::{check_refused, parted};
use serde_json::Value;

const SECRET: &str = "a secret of the fuzz targets, of 32 bytes";

/// `serve` and its flags, as the program reads them.
#[derive(Parser)]
struct Serve {
    #[command(flatten)]
    args: ServeArgs,
}

/// What is answered.
struct Answer {
    status: u16,
    content_type: String,
    /// Whether the body is compressed.
    is_coded: bool,
    body: Vec<u8>,
}

type Answering = Pin<Box<dyn Future<Output = Answer>>>;

/// The application on a database of its own, with the sample publication. What runs it is not
/// dropped: as the thread ends, what it would look for in the thread is gone before it.
struct Application {
    system: ManuallyDrop<SystemRunner>,
    ask: ManuallyDrop<Box<dyn Fn(Request) -> Answering>>,
    token: HeaderValue,
    /// Goes with the process.
    _folder: tempfile::TempDir,
}

thread_local! {
    static APPLICATION: Application = Application::start();
}

impl Application {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = format!("sqlite://{}", folder.path().join("fuzz.db").display());
        let flags = [
            "serve",
            "--sample",
            "--database-url",
            &database,
            "--bind-addr",
            "127.0.0.1:0",
            "--database-pool-size",
            "1",
            "--jwt-secret",
            SECRET,
        ];
        let args = Serve::parse_from(flags).args;
        let prepared = server::prepare(&args).expect("a server");
        let factory = http::service(Arc::clone(&prepared.state()));
        let system = System::new();
        let made = system.block_on(factory.new_service(()));
        let Ok(service) = made else {
            panic!("no application");
        };
        let service = Rc::new(service);
        let ask = move |request: Request| -> Answering {
            let service = Rc::clone(&service);
            Box::pin(async move {
                let answered = service.call(request).await;
                let response: Response<BoxBody> = answered.unwrap_or_else(Response::from);
                let (head, body) = response.into_parts();
                let content_type = head.headers().get("content-type");
                let content_type = content_type.and_then(|value| value.to_str().ok());
                Answer {
                    status: head.status().as_u16(),
                    content_type: content_type.unwrap_or_default().to_owned(),
                    is_coded: head.headers().contains_key("content-encoding"),
                    body: to_bytes(body).await.map(|body| body.to_vec()).unwrap_or_default(),
                }
            })
        };
        Self {
            system: ManuallyDrop::new(system),
            ask: ManuallyDrop::new(Box::new(ask)),
            token: token(),
            _folder: folder,
        }
    }

    fn answer(&self, request: Request) -> Answer {
        self.system.block_on((self.ask)(request))
    }
}

/// An editor's, who may look at everything and change nothing.
fn token() -> HeaderValue {
    let time = |millis| UtcTime::from_millis(millis).expect("a time");
    let claims = NewToken {
        subject: "fuzz".to_owned(),
        scopes: vec![Scope::ReadDrafts, Scope::Admin],
        token_id: "fuzz".to_owned(),
        issued_at: time(1_700_000_000_000),
        expires_at: time(4_000_000_000_000),
        issuer: None,
        audience: None,
    };
    let key = SigningKey::Secret {
        secret: Secret::new(SECRET.to_owned()).expect("long enough"),
        key_id: None,
    };
    let token = issue(&key, claims).expect("a token");
    HeaderValue::from_str(&format!("Bearer {token}")).expect("a field")
}

/// A request as its text says; nothing where no client can send such a one. Others than these
/// methods might change what there is.
fn request(line: &str, fields: &str, token: &HeaderValue) -> Option<Request> {
    let mut words = line.split(' ');
    let method = match words.next()? {
        "HEAD" => Method::HEAD,
        "OPTIONS" => Method::OPTIONS,
        _ => Method::GET,
    };
    let uri: Uri = words.next()?.parse().ok()?;
    let mut request = Request::new();
    let head = request.head_mut();
    head.method = method;
    head.uri = uri;
    for line in fields.lines() {
        let Some((name, value)) = line.split_once(": ") else {
            continue;
        };
        if name == "Token" {
            head.headers.insert(AUTHORIZATION, token.clone());
            continue;
        }
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            head.headers.append(name, value);
        }
    }
    Some(request)
}

// A line of method and address, and header fields in the lines behind it.
fuzz_target!(|data: &[u8]| {
    let Some((line, fields)) = parted(data) else {
        return;
    };
    let answer = APPLICATION.with(|application| {
        let request = request(line, fields, &application.token)?;
        Some(application.answer(request))
    });
    if let Some(answer) = answer {
        check(&answer);
    }
});

fn check(answer: &Answer) {
    let text = String::from_utf8_lossy(&answer.body);
    assert!(answer.status < 500, "{} {text}", answer.status);
    // Compressed, it is the same.
    if answer.is_coded {
        return;
    }
    if answer.status >= 400 {
        assert_eq!(answer.content_type, "application/problem+json");
        check_refused(&Refused {
            status: answer.status,
            named: Vec::new(),
            document: text.into_owned(),
        });
    } else if answer.content_type.ends_with("json") && !answer.body.is_empty() {
        let read = serde_json::from_slice::<Value>(&answer.body);
        assert!(read.is_ok(), "{text}");
    }
}
