//! Providers of texts and calls for the tests.

use std::future::Future;
use std::time::Duration;

use core_kernel::Redacted;
use svc_delivery::{
    Callbacks, CarrierOptions, Carriers, GatewayOptions, RouteOptions, SignedCallback, TwilioOptions, Verified,
};
use testkit::{GatewayStandIn, TWILIO_ACCOUNT, TWILIO_TOKEN, TestBed, TwilioCallback, TwilioStandIn};

pub const SENDER: &str = "+14155550100";

pub fn twilio_options(twilio: &TwilioStandIn) -> TwilioOptions {
    TwilioOptions {
        account_sid: TWILIO_ACCOUNT.to_owned(),
        auth_token: Redacted::new(TWILIO_TOKEN.to_owned()),
        from: SENDER.to_owned(),
        voice_from: String::new(),
        base_url: twilio.url().parse().unwrap(),
    }
}

pub fn gateway_options(gateway: &GatewayStandIn) -> GatewayOptions {
    GatewayOptions { url: gateway.url().parse().unwrap(), secret: Redacted::new(gateway.secret().expose()) }
}

pub fn with_twilio(twilio: &TwilioStandIn) -> CarrierOptions {
    let twilio_url = twilio.url().parse().unwrap();
    CarrierOptions { twilio: Some(twilio_options(twilio)), twilio_url, ..CarrierOptions::default() }
}

/// Twilio first, then the gateway.
pub fn with_both(twilio: &TwilioStandIn, gateway: &GatewayStandIn) -> CarrierOptions {
    let routes = RouteOptions { sms: "US=twilio,http".to_owned(), voice: String::new() };
    CarrierOptions { http: Some(gateway_options(gateway)), routes, ..with_twilio(twilio) }
}

pub fn callbacks(bed: &TestBed, options: &CarrierOptions) -> Callbacks {
    Callbacks::new(bed.platform.clone(), Carriers::new(&bed.platform, options).unwrap())
}

/// As it arrives at the gateway's routes.
pub fn arrives(callback: &TwilioCallback) -> SignedCallback {
    let path = callback.url.split("/callbacks/twilio/").nth(1).expect("a callback's URL");
    let mut parts = path.splitn(3, '/');
    let mut part = || parts.next().unwrap_or_default().to_owned();
    let (message, ticket) = (part(), part());
    let rest = match part().as_str() {
        "" => "",
        "voice" => "/voice",
        "voice/key" => "/voice/key",
        other => panic!("no such callback: {other}"),
    };
    SignedCallback { message, ticket, rest, signature: callback.signature.clone(), params: callback.params.clone() }
}

/// Reports, and is believed.
pub async fn report(callbacks: &Callbacks, callback: &TwilioCallback) {
    assert_eq!(callbacks.twilio_status(&arrives(callback)).await.unwrap(), Verified::Yes(()));
}

/// Waits until there are this many.
pub async fn there_are<T, F: Future<Output = Vec<T>>>(count: usize, mut all: impl FnMut() -> F) -> Vec<T> {
    for _ in 0..600 {
        let all = all().await;
        if all.len() >= count {
            return all;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never {count}");
}
