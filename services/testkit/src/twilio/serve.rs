//! The stand-in's HTTP.

use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use core_kernel::{Clock, Entropy, SystemClock, SystemEntropy};
use data_encoding::{BASE64, HEXLOWER};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::parameters::{fault_of_creation, fault_of_search};
use super::{State, TWILIO_ACCOUNT, TWILIO_TOKEN, Twilio, TwilioMessage, lock};

/// An answer, or a connection that is dropped without one.
type Answered = Result<Response<Full<Bytes>>, io::Error>;

pub(super) async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = state.clone();
        let service = hyper::service::service_fn(move |request| answer(state.clone(), request));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(state: Arc<Mutex<State>>, request: Request<Incoming>) -> Answered {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let authorized = format!("Basic {}", BASE64.encode(format!("{TWILIO_ACCOUNT}:{TWILIO_TOKEN}").as_bytes()));
    if parts.headers.get(AUTHORIZATION).is_none_or(|given| given != authorized.as_str()) {
        return refuse(401, 20003, "Authenticate");
    }
    let resource = match parts.uri.path().strip_prefix(&format!("/2010-04-01/Accounts/{TWILIO_ACCOUNT}/")) {
        Some("Messages.json") => "Messages",
        Some("Calls.json") => "Calls",
        _ => return refuse(404, 20404, "The requested resource was not found"),
    };
    let pairs = |text: &[u8]| url::form_urlencoded::parse(text).into_owned().collect::<Vec<(String, String)>>();
    if parts.method == Method::GET {
        return search(&state, resource, &pairs(parts.uri.query().unwrap_or_default().as_bytes()));
    }
    let is_form = parts.headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/x-www-form-urlencoded");
    if parts.method != Method::POST || !is_form {
        return refuse(400, 0, "not a form");
    }
    create(&state, resource, pairs(&body)).await
}

fn search(state: &Mutex<State>, resource: &'static str, params: &[(String, String)]) -> Answered {
    if let Some(fault) = fault_of_search(resource, params) {
        lock(state).malformed.push(fault.clone());
        return refuse(400, 20001, &fault);
    }
    let to = params.iter().find(|(name, _)| name == "To").map(|(_, to)| to.clone());
    let messages = lock(state).messages.clone();
    let found = messages.iter().rev().filter(|message| message.resource == resource);
    let found = found.filter(|message| to.as_deref().is_none_or(|to| message.param("To") == to));
    let entries: Vec<Value> = found.map(entry).collect();
    respond(200, &json!({ resource.to_lowercase(): entries, "page": 0, "next_page_uri": null }))
}

fn entry(message: &TwilioMessage) -> Value {
    json!({
        "sid": message.sid, "status": message.status, "date_created": message.created.to_rfc2822(),
        "to": message.param("To"), "from": message.param("From"), "body": message.param("Body"),
        "direction": "outbound-api", "error_code": null, "account_sid": TWILIO_ACCOUNT,
    })
}

async fn create(state: &Mutex<State>, resource: &'static str, params: Vec<(String, String)>) -> Answered {
    let what = {
        let mut state = lock(state);
        state.requests += 1;
        if let Some(fault) = fault_of_creation(resource, &params) {
            state.malformed.push(fault.clone());
            return refuse(400, 20001, &fault);
        }
        state.next.pop_front().or(state.usual).unwrap_or(Twilio::Accepts)
    };
    match what {
        Twilio::Refuses(status, code) => refuse(status, code, "told to refuse"),
        Twilio::Fails(status) => respond(status, &json!({})),
        Twilio::Hangs => std::future::pending().await,
        taking => {
            let message = take(state, resource, params).await;
            match taking {
                Twilio::AcceptsAndDrops => Err(io::Error::other("told to drop the connection")),
                Twilio::AcceptsAndHangs => std::future::pending().await,
                Twilio::AcceptsAfter(time) => {
                    tokio::time::sleep(time).await;
                    respond(201, &entry(&message))
                }
                _ => respond(201, &entry(&message)),
            }
        }
    }
}

async fn take(state: &Mutex<State>, resource: &'static str, params: Vec<(String, String)>) -> TwilioMessage {
    let mut random = [0; 16];
    SystemEntropy.fill(&mut random);
    let prefix = if resource == "Calls" { "CA" } else { "SM" };
    let sid = format!("{prefix}{}", HEXLOWER.encode(&random));
    let message = TwilioMessage { sid, resource, params, created: SystemClock.now(), status: "queued".to_owned() };
    let before_answer = {
        let mut state = lock(state);
        state.messages.push(message.clone());
        state.before_answer.clone()
    };
    if let Some(before_answer) = before_answer {
        before_answer(message.clone()).await;
    }
    message
}

fn refuse(status: u16, code: u32, message: &str) -> Answered {
    let more = format!("https://www.twilio.com/docs/errors/{code}");
    respond(status, &json!({ "code": code, "message": message, "more_info": more, "status": status }))
}

fn respond(status: u16, body: &Value) -> Answered {
    let response = Response::builder().status(status).header(CONTENT_TYPE, "application/json");
    response.body(Full::new(Bytes::from(body.to_string()))).map_err(io::Error::other)
}
