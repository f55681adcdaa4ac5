//! Texts and calls by Twilio, and what Twilio reports of them.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod common;

use common::phones::{SENDER, arrives, callbacks, report, twilio_options, with_twilio};
use common::{PHONE, as_superuser, becomes, code, factor, one_code, row, send_code, start, steps, try_send_code, user};
use core_kernel::{Entropy, SeededEntropy, TenantId, TypedId};
use io_postgres::TenantTx;
use svc_delivery::{CallStep, CarrierOptions, InboundText, TenantAccount, Verified, bring_account, withdraw_account};
use testkit::{
    Environment, TWILIO_ACCOUNT, TWILIO_TOKEN, TestBed, Twilio, TwilioStandIn, twilio_request, twilio_status,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_code_goes_out_as_a_text_and_is_delivered_when_twilio_says_so() {
    let (bed, twilio) = (TestBed::new().await, TwilioStandIn::start().await);
    let options = with_twilio(&twilio);
    let worker = start(&bed, options.clone());
    let sent = one_code(&bed, Environment::Live, "SMS").await;
    let accepted = becomes(&bed, sent.tenant, sent.message, "ACCEPTED").await;
    let texts = twilio.messages();
    let [text] = &texts[..] else { panic!("{} texts", texts.len()) };
    assert_eq!((text.param("To"), text.param("From"), text.resource), (PHONE, SENDER, "Messages"));
    assert!(text.param("Body").contains(&code(&bed, &sent)));
    let valid: u32 = text.param("ValidityPeriod").parse().unwrap();
    assert!((280..=300).contains(&valid), "no text after its challenge: {valid}");
    assert_eq!(
        (accepted["provider"].as_str(), accepted["provider_ref"].as_str()),
        (Some("twilio"), Some(text.sid.as_str()))
    );
    assert!(accepted["delivered_at"].is_null() && !accepted.to_string().contains(&code(&bed, &sent)));

    let callbacks = callbacks(&bed, &options);
    for status in ["sent", "delivered", "delivered", "sent"] {
        report(&callbacks, &twilio_status(text, status, None)).await;
    }
    let delivered = row(&bed, sent.tenant, sent.message).await;
    assert_eq!(steps(&delivered), ["SENDING", "ACCEPTED", "DELIVERED"]);
    assert!(delivered["delivered_at"].is_string());
    worker.stop().await;
    assert_eq!(twilio.malformed(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_end_the_same_in_any_order_and_any_number() {
    let (bed, twilio) = (TestBed::new().await, TwilioStandIn::start().await);
    let options = with_twilio(&twilio);
    let worker = start(&bed, options.clone());
    let callbacks = callbacks(&bed, &options);
    let random = SeededEntropy::new(42);
    for (statuses, end) in [
        (&["queued", "sending", "sent", "delivered"][..], "DELIVERED"),
        (&["queued", "sent", "undelivered"], "FAILED"),
        (&["sent", "failed", "delivered"], "DELIVERED"),
    ] {
        let sent = one_code(&bed, Environment::Live, "SMS").await;
        becomes(&bed, sent.tenant, sent.message, "ACCEPTED").await;
        let text = twilio.messages().pop().unwrap();
        let mut last = 2;
        // A thousand in all, each status many times.
        for _ in 0..334 {
            let mut byte = [0];
            random.fill(&mut byte);
            let status = statuses[usize::from(byte[0]) % statuses.len()];
            report(&callbacks, &twilio_status(&text, status, None)).await;
            let rank = rank(row(&bed, sent.tenant, sent.message).await["status"].as_str().unwrap());
            assert!(rank >= last, "a status went back");
            last = rank;
        }
        let row = row(&bed, sent.tenant, sent.message).await;
        assert_eq!(row["status"], end);
        assert!(steps(&row).len() <= 4, "{row}");
    }
    worker.stop().await;
}

fn rank(status: &str) -> usize {
    ["QUEUED", "SENDING", "ACCEPTED", "FAILED", "DELIVERED"].iter().position(|known| *known == status).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_may_overtake_the_answer() {
    let (bed, twilio) = (TestBed::new().await, TwilioStandIn::start().await);
    let options = with_twilio(&twilio);
    let own = callbacks(&bed, &options);
    twilio.before_answer(move |text| {
        let own = own.clone();
        Box::pin(async move {
            report(&own, &twilio_status(&text, "delivered", None)).await;
            report(&own, &twilio_status(&text, "sent", None)).await;
        })
    });
    let worker = start(&bed, options);
    let sent = one_code(&bed, Environment::Live, "SMS").await;
    becomes(&bed, sent.tenant, sent.message, "DELIVERED").await;
    worker.stop().await;
    let row = row(&bed, sent.tenant, sent.message).await;
    assert_eq!((steps(&row), row["attempts"].as_i64()), (vec!["SENDING", "DELIVERED"], Some(1)));
    assert_eq!(row["provider_ref"], twilio.messages()[0].sid);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_is_believed() {
    let (bed, twilio) = (TestBed::new().await, TwilioStandIn::start().await);
    let options = with_twilio(&twilio);
    let worker = start(&bed, options.clone());
    let sent = one_code(&bed, Environment::Live, "SMS").await;
    becomes(&bed, sent.tenant, sent.message, "ACCEPTED").await;
    worker.stop().await;
    let callbacks = callbacks(&bed, &options);
    let right = arrives(&twilio_status(&twilio.messages()[0], "delivered", None));
    let mut wrong = vec![right.clone(); 5];
    wrong[0].signature =
        right.signature.replace(&right.signature[3..4], if &right.signature[3..4] == "A" { "B" } else { "A" });
    wrong[1].params[0].1.push('0');
    wrong[2].ticket.replace_range(50..51, if &right.ticket[50..51] == "0" { "1" } else { "0" });
    wrong[3].rest = "/voice";
    wrong[4].params.push(("Extra".to_owned(), String::new()));
    for callback in wrong {
        assert_eq!(callbacks.twilio_status(&callback).await.unwrap(), Verified::No, "{callback:?}");
    }
    assert_eq!(row(&bed, sent.tenant, sent.message).await["status"], "ACCEPTED");
    // An installation without an account believes nobody.
    let none = common::phones::callbacks(&bed, &CarrierOptions::default());
    assert_eq!(none.twilio_status(&right).await.unwrap(), Verified::No);
    assert_eq!(callbacks.twilio_status(&right).await.unwrap(), Verified::Yes(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_marks_the_number_for_texts_of_this_tenant_alone() {
    let (bed, twilio) = (TestBed::new().await, TwilioStandIn::start().await);
    let worker = start(&bed, with_twilio(&twilio));
    twilio.next([Twilio::Refuses(400, 21610)]);
    let first = one_code(&bed, Environment::Live, "SMS").await;
    let row = becomes(&bed, first.tenant, first.message, "FAILED").await;
    assert!(row["failure"].as_str().unwrap().contains("21610"), "{row}");
    // The next text is not even queued; a call is.
    let someone = user(&bed, first.tenant, "bob").await;
    let same_phone = factor(&bed, first.tenant, someone, "PHONE_PRIMARY", PHONE).await;
    assert_eq!(try_send_code(&bed, first.tenant, someone, same_phone, "SMS").await.0, "DESTINATION_BLOCKED");
    let call = send_code(&bed, first.tenant, someone, same_phone, "VOICE").await;
    becomes(&bed, first.tenant, call.message, "ACCEPTED").await;
    let elsewhere = one_code(&bed, Environment::Live, "SMS").await;
    becomes(&bed, elsewhere.tenant, elsewhere.message, "ACCEPTED").await;
    // A day later Twilio is asked again: the number may have answered START.
    as_superuser(
        &bed,
        "update message_opt_out set told_at = now() - interval '25 hours' where tenant_id = $1",
        first.tenant,
    )
    .await;
    let cat = user(&bed, first.tenant, "cat").await;
    let phone = factor(&bed, first.tenant, cat, "PHONE_PRIMARY", PHONE).await;
    as_superuser(&bed, "delete from destination_send where tenant_id = $1", first.tenant).await;
    let again = send_code(&bed, first.tenant, cat, phone, "SMS").await;
    becomes(&bed, first.tenant, again.message, "ACCEPTED").await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_carriers_block_that_is_reported_later_marks_the_number_too() {
    let (bed, twilio) = (TestBed::new().await, TwilioStandIn::start().await);
    let options = with_twilio(&twilio);
    let worker = start(&bed, options.clone());
    let sent = one_code(&bed, Environment::Live, "SMS").await;
    becomes(&bed, sent.tenant, sent.message, "ACCEPTED").await;
    report(&callbacks(&bed, &options), &twilio_status(&twilio.messages()[0], "undelivered", Some(30004))).await;
    let someone = user(&bed, sent.tenant, "bob").await;
    let same_phone = factor(&bed, sent.tenant, someone, "PHONE_PRIMARY", PHONE).await;
    assert_eq!(try_send_code(&bed, sent.tenant, someone, same_phone, "SMS").await.0, "DESTINATION_BLOCKED");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_was_queued_before_the_number_said_stop_is_canceled() {
    let (bed, twilio) = (TestBed::new().await, TwilioStandIn::start().await);
    let sent = one_code(&bed, Environment::Live, "SMS").await;
    as_superuser(
        &bed,
        "insert into message_opt_out (tenant_id, destination_index, told_at, told_by)
         select tenant_id, blind_index, now(), 'twilio' from factor where tenant_id = $1",
        sent.tenant,
    )
    .await;
    let worker = start(&bed, with_twilio(&twilio));
    let row = becomes(&bed, sent.tenant, sent.message, "CANCELED").await;
    assert!(row["failure"].as_str().unwrap().contains("STOP") && row["attempts"] == 0, "{row}");
    worker.stop().await;
    assert_eq!(twilio.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_asks_for_a_key_before_it_reads_the_code() {
    let (bed, twilio) = (TestBed::new().await, TwilioStandIn::start().await);
    let options = with_twilio(&twilio);
    let worker = start(&bed, options.clone());
    let sent = one_code(&bed, Environment::Live, "VOICE").await;
    becomes(&bed, sent.tenant, sent.message, "ACCEPTED").await;
    worker.stop().await;
    let call = twilio.messages().pop().unwrap();
    let spoken = code(&bed, &sent).chars().map(String::from).collect::<Vec<_>>().join(", ");
    assert_eq!(call.resource, "Calls");
    assert!(!format!("{:?}", call.params).contains(&code(&bed, &sent)), "the request holds no code");

    let callbacks = callbacks(&bed, &options);
    let says = async |step: CallStep, digits: Option<&str>| {
        let mut params = vec![("CallSid".to_owned(), call.sid.clone())];
        params.extend(digits.map(|digits| ("Digits".to_owned(), digits.to_owned())));
        let url = call.param("StatusCallback").to_owned() + step.path();
        match callbacks.twilio_call(step, &arrives(&twilio_request(&url, params))).await.unwrap() {
            Verified::Yes(twiml) => twiml,
            Verified::No => panic!("not believed"),
        }
    };
    let asked = says(CallStep::PickedUp, None).await;
    assert!(asked.contains("<Gather numDigits=\"1\"") && asked.contains("/voice/key\"") && !asked.contains(&spoken));
    assert!(!says(CallStep::KeyPressed, None).await.contains(&spoken), "a voicemail presses no key");
    assert_eq!(row(&bed, sent.tenant, sent.message).await["status"], "ACCEPTED");
    let read = says(CallStep::KeyPressed, Some("5")).await;
    assert_eq!(read.matches(&spoken).count(), 2, "{read}");
    report(&callbacks, &twilio_status(&call, "completed", None)).await;
    assert_eq!(row(&bed, sent.tenant, sent.message).await["status"], "DELIVERED");

    as_superuser(&bed, "update message set expires_at = now() where tenant_id = $1", sent.tenant).await;
    let over = says(CallStep::KeyPressed, Some("5")).await;
    assert!(!over.contains(&spoken) && over.contains("This code is over"), "{over}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_nobody_answers_or_presses_a_key_in_has_failed() {
    let (bed, twilio) = (TestBed::new().await, TwilioStandIn::start().await);
    let options = with_twilio(&twilio);
    let worker = start(&bed, options.clone());
    for (status, failure) in [("no-answer", "Nobody answered"), ("completed", "no key was pressed")] {
        let sent = one_code(&bed, Environment::Live, "VOICE").await;
        becomes(&bed, sent.tenant, sent.message, "ACCEPTED").await;
        report(&callbacks(&bed, &options), &twilio_status(&twilio.messages().pop().unwrap(), status, None)).await;
        let row = row(&bed, sent.tenant, sent.message).await;
        assert!(row["status"] == "FAILED" && row["failure"].as_str().unwrap().contains(failure), "{row}");
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_speaks_by_its_own_account() {
    let (bed, twilio) = (TestBed::new().await, TwilioStandIn::start().await);
    let options = CarrierOptions { twilio: None, ..with_twilio(&twilio) };
    let sent = one_code(&bed, Environment::Live, "SMS").await;
    let account = TenantAccount {
        account_sid: TWILIO_ACCOUNT.to_owned(),
        auth_token: TWILIO_TOKEN.to_owned(),
        from: "+14155550177".to_owned(),
        voice_from: String::new(),
    };
    let unusable = TenantAccount { from: "Bank".to_owned(), ..account.clone() };
    assert!(bring_account(&bed.platform, sent.tenant, &unusable).await.is_err());
    bring_account(&bed.platform, sent.tenant, &account).await.unwrap();
    let worker = start(&bed, options.clone());
    becomes(&bed, sent.tenant, sent.message, "ACCEPTED").await;
    let elsewhere = one_code(&bed, Environment::Live, "SMS").await;
    assert_eq!(becomes(&bed, elsewhere.tenant, elsewhere.message, "DELIVERED").await["provider"], "sandbox");
    let texts = twilio.messages();
    assert_eq!((texts.len(), texts[0].param("From")), (1, "+14155550177"));
    report(&callbacks(&bed, &options), &twilio_status(&texts[0], "delivered", None)).await;
    assert_eq!(row(&bed, sent.tenant, sent.message).await["status"], "DELIVERED");
    worker.stop().await;

    let mut connection =
        <sqlx::PgConnection as sqlx::Connection>::connect(&bed.database.superuser_url()).await.unwrap();
    let stored: Vec<u8> =
        sqlx::query_scalar("select account_sealed from tenant_provider").fetch_one(&mut connection).await.unwrap();
    let stored = String::from_utf8_lossy(&stored).into_owned();
    assert!(!stored.contains(TWILIO_TOKEN) && !stored.contains(TWILIO_ACCOUNT));
    assert!(withdraw_account(&bed.platform, sent.tenant).await.unwrap());
    assert!(!withdraw_account(&bed.platform, sent.tenant).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_accounts_fault_is_not_the_messages() {
    let (bed, twilio) = (TestBed::new().await, TwilioStandIn::start().await);
    let mut options = with_twilio(&twilio);
    options.twilio.as_mut().unwrap().auth_token = core_kernel::Redacted::new("revoked".to_owned());
    let worker = start(&bed, options);
    let sent = one_code(&bed, Environment::Live, "SMS").await;
    let waiting = common::tried(&bed, &sent).await;
    assert!(waiting["failure"].as_str().unwrap().contains("20003"), "{waiting}");
    worker.stop().await;
    let mut options = with_twilio(&twilio);
    options.twilio = Some(twilio_options(&twilio));
    let worker = start(&bed, options);
    becomes(&bed, sent.tenant, sent.message, "ACCEPTED").await;
    worker.stop().await;
}

/// Somebody writes to a sender, as Twilio tells it.
fn writes(to: Option<TenantId>, from: &str, body: &str) -> InboundText {
    let tenant = to.map(TypedId::to_text);
    let path = tenant.as_ref().map_or_else(String::new, |tenant| format!("/{tenant}"));
    let url = format!("http://localhost:8080/callbacks/twilio/inbound{path}");
    let params = [("AccountSid", TWILIO_ACCOUNT), ("From", from), ("To", SENDER), ("Body", body)];
    let params = params.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let signed = twilio_request(&url, params.into());
    InboundText { tenant, signature: signed.signature, params: signed.params }
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_to_the_senders_number_is_noted_until_start_and_only_where_twilio_says_so() {
    let (bed, twilio) = (TestBed::new().await, TwilioStandIn::start().await);
    let own = callbacks(&bed, &with_twilio(&twilio));
    let mut known = Vec::new();
    for _ in 0..2 {
        let tenant = bed.tenant(Environment::Live).await;
        let someone = user(&bed, tenant, "ann").await;
        known.push((tenant, someone, factor(&bed, tenant, someone, "PHONE_PRIMARY", PHONE).await));
    }
    let stranger = bed.tenant(Environment::Live).await;
    let outcome = async |of: usize, channel: &str| {
        let (tenant, user, factor) = known[of];
        as_superuser(&bed, "delete from destination_send where tenant_id = $1", tenant).await;
        as_superuser(&bed, "delete from challenge where tenant_id = $1", tenant).await;
        try_send_code(&bed, tenant, user, factor, channel).await.0
    };
    let says = async |inbound: InboundText| own.twilio_inbound(&inbound).await.unwrap();

    // To the installation's sender: it holds for all tenants that know the number.
    assert_eq!(says(writes(None, PHONE, " stop ")).await, Verified::Yes(()));
    for of in 0..2 {
        assert_eq!(outcome(of, "SMS").await, "DESTINATION_BLOCKED");
        assert_eq!(outcome(of, "VOICE").await, "OK");
    }
    let noted = "update message_opt_out set told_at = now() - interval '90 days' where tenant_id = $1";
    as_superuser(&bed, noted, known[0].0).await;
    assert_eq!(outcome(0, "SMS").await, "DESTINATION_BLOCKED", "START would be told");
    let mut tx = TenantTx::begin(&bed.platform.database, stranger).await.unwrap();
    let noted: i64 =
        sqlx::query_scalar("select count(*) from message_opt_out").fetch_one(tx.connection()).await.unwrap();
    assert_eq!(noted, 0, "whoever does not know the number notes nothing");
    drop(tx);

    // START to one tenant's sender is that tenant's alone.
    assert_eq!(says(writes(Some(known[1].0), PHONE, "Start")).await, Verified::Yes(()));
    assert_eq!((outcome(0, "SMS").await.as_str(), outcome(1, "SMS").await.as_str()), ("DESTINATION_BLOCKED", "OK"));

    // Nobody else is believed, nor is what was said to somebody else.
    let honest = writes(None, PHONE, "START");
    for forged in [
        InboundText { signature: String::new(), ..honest.clone() },
        InboundText { tenant: Some(known[0].0.to_text()), ..honest.clone() },
        InboundText { params: writes(None, PHONE, "START now").params, ..honest.clone() },
        InboundText { tenant: Some("tenant_nobody".to_owned()), ..honest.clone() },
    ] {
        assert_eq!(says(forged).await, Verified::No);
    }
    assert_eq!(outcome(0, "SMS").await, "DESTINATION_BLOCKED");
    assert_eq!(says(honest).await, Verified::Yes(()));
    assert_eq!(outcome(0, "SMS").await, "OK");
}
