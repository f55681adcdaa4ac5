//! Mail by a real SMTP conversation, the bad ones included.

mod common;

use common::sink::{Sink, left_out};
use common::{EMAIL, as_superuser, becomes, code, one_code, start, steps, tried, with_smtp};
use testkit::{Environment, TestBed};

fn header<'a>(mail: &'a str, name: &str) -> &'a str {
    let prefix = format!("{name}: ");
    mail.lines().find_map(|line| line.strip_prefix(prefix.as_str())).unwrap_or_else(|| panic!("no {name} in {mail}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_arrives_by_mail() {
    if left_out() {
        return;
    }
    let (bed, sink) = (TestBed::new().await, Sink::start().await);
    let worker = start(&bed, with_smtp(sink.port));
    let sent = one_code(&bed, Environment::Live, "EMAIL").await;
    let row = becomes(&bed, sent.tenant, sent.message, "ACCEPTED").await;
    worker.stop().await;
    let mails = sink.mails();
    let [mail] = &mails[..] else { panic!("{} mails", mails.len()) };
    assert_eq!(header(mail, "X-Sent-To"), EMAIL);
    assert_eq!(header(mail, "Subject"), "Your Test Tenant code");
    assert_eq!(header(mail, "From"), "\"Test Tenant\" <no-reply@postern.example>");
    assert_eq!(header(mail, "Auto-Submitted"), "auto-generated");
    assert!(header(mail, "Message-ID").ends_with("@postern.example>"));
    assert!(mail.contains("text/plain") && mail.contains("text/html"));
    assert_eq!(mail.matches(&code(&bed, &sent)).count(), 2, "once in each part");
    assert_eq!(steps(&row), ["SENDING", "ACCEPTED"]);
    assert_eq!((row["provider"].as_str(), row["provider_ref"].as_str()), (Some("smtp"), Some("2.0.0 kept")));
    assert!(row["sandbox_body"].is_null() && !row.to_string().contains(&code(&bed, &sent)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_never_leaves_the_platform() {
    if left_out() {
        return;
    }
    let (bed, sink) = (TestBed::new().await, Sink::start().await);
    let worker = start(&bed, with_smtp(sink.port));
    let sandbox = one_code(&bed, Environment::Sandbox, "EMAIL").await;
    let text = one_code(&bed, Environment::Live, "SMS").await;
    for sent in [sandbox, text] {
        let row = becomes(&bed, sent.tenant, sent.message, "DELIVERED").await;
        assert_eq!(row["provider"], "sandbox");
    }
    worker.stop().await;
    assert_eq!(sink.mails().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_address_fails_and_is_not_repeated_in_the_record() {
    if left_out() {
        return;
    }
    let (bed, sink) = (TestBed::new().await, Sink::start().await);
    sink.tell("refuse");
    let worker = start(&bed, with_smtp(sink.port));
    let sent = one_code(&bed, Environment::Live, "EMAIL").await;
    let row = becomes(&bed, sent.tenant, sent.message, "FAILED").await;
    worker.stop().await;
    let failure = row["failure"].as_str().unwrap();
    assert!(failure.contains("550") && failure.contains("no such mailbox"), "{failure}");
    assert!(!row.to_string().contains(EMAIL) && failure.contains("a•••@client.example"), "{failure}");
    assert_eq!(row["attempts"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_server_is_asked_again() {
    if left_out() {
        return;
    }
    let (bed, sink) = (TestBed::new().await, Sink::start().await);
    sink.tell("busy");
    let worker = start(&bed, with_smtp(sink.port));
    let sent = one_code(&bed, Environment::Live, "EMAIL").await;
    let row = tried(&bed, &sent).await;
    assert!(row["failure"].as_str().unwrap().contains("451"), "{row}");
    sink.tell_no_longer("busy");
    let row = becomes(&bed, sent.tenant, sent.message, "ACCEPTED").await;
    worker.stop().await;
    assert!(row["failure"].is_null() && row["doubts"] == 0, "a refusal is no doubt");
    assert_eq!(sink.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absent_server_is_waited_for() {
    if left_out() {
        return;
    }
    let bed = TestBed::new().await;
    // Nobody listens on it any more.
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let worker = start(&bed, with_smtp(port));
    let sent = one_code(&bed, Environment::Live, "EMAIL").await;
    tried(&bed, &sent).await;
    worker.stop().await;
    let sink = Sink::start().await;
    let worker = start(&bed, with_smtp(sink.port));
    becomes(&bed, sent.tenant, sent.message, "ACCEPTED").await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_to_the_text_is_a_doubt_and_the_same_code_goes_out_once_more() {
    if left_out() {
        return;
    }
    let (bed, sink) = (TestBed::new().await, Sink::start().await);
    sink.tell("hang");
    let worker = start(&bed, with_smtp(sink.port));
    let sent = one_code(&bed, Environment::Live, "EMAIL").await;
    sink.receives(1).await;
    sink.tell_no_longer("hang");
    let row = becomes(&bed, sent.tenant, sent.message, "ACCEPTED").await;
    worker.stop().await;
    let mails = sink.mails();
    let [first, second] = &mails[..] else { panic!("{} mails", mails.len()) };
    assert!(first.contains(&code(&bed, &sent)) && second.contains(&code(&bed, &sent)));
    assert_eq!(header(first, "Message-ID"), header(second, "Message-ID"));
    assert_eq!((row["doubts"].as_i64(), steps(&row)), (Some(1), vec!["SENDING", "SENDING", "SENDING", "ACCEPTED"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_workers_mail_carries_the_same_code_again_but_not_a_third_time() {
    if left_out() {
        return;
    }
    let (bed, sink) = (TestBed::new().await, Sink::start().await);
    sink.tell("hang");
    let worker = start(&bed, with_smtp(sink.port));
    let sent = one_code(&bed, Environment::Live, "EMAIL").await;
    sink.receives(1).await;
    // Between the provider's first byte and its answer.
    worker.kill().await;
    lease_runs_out(&bed, &sent).await;

    let worker = start(&bed, with_smtp(sink.port));
    let mails = sink.receives(2).await;
    worker.kill().await;
    assert!(mails.iter().all(|mail| mail.contains(&code(&bed, &sent))));
    lease_runs_out(&bed, &sent).await;

    sink.tell_no_longer("hang");
    let worker = start(&bed, with_smtp(sink.port));
    let row = becomes(&bed, sent.tenant, sent.message, "FAILED").await;
    worker.stop().await;
    assert_eq!((row["doubts"].as_i64(), sink.mails().len()), (Some(2), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_in_doubt_whose_code_is_over_fails_unsent() {
    if left_out() {
        return;
    }
    let (bed, sink) = (TestBed::new().await, Sink::start().await);
    sink.tell("hang");
    let worker = start(&bed, with_smtp(sink.port));
    let sent = one_code(&bed, Environment::Live, "EMAIL").await;
    sink.receives(1).await;
    worker.kill().await;
    lease_runs_out(&bed, &sent).await;
    as_superuser(&bed, "update message set expires_at = now() where tenant_id = $1", sent.tenant).await;
    let worker = start(&bed, with_smtp(sink.port));
    let row = becomes(&bed, sent.tenant, sent.message, "FAILED").await;
    worker.stop().await;
    assert_eq!((sink.mails().len(), row["attempts"].as_i64()), (1, Some(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_mail_server_holds_up_mail_alone() {
    if left_out() {
        return;
    }
    let (bed, sink) = (TestBed::new().await, Sink::start().await);
    sink.tell("hang");
    let worker = start(&bed, with_smtp(sink.port));
    let stuck = one_code(&bed, Environment::Live, "EMAIL").await;
    sink.receives(1).await;
    let text = one_code(&bed, Environment::Live, "SMS").await;
    becomes(&bed, text.tenant, text.message, "DELIVERED").await;
    assert_eq!(common::row(&bed, stuck.tenant, stuck.message).await["status"], "SENDING");
    worker.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_waits_for_what_is_on_its_way() {
    if left_out() {
        return;
    }
    let (bed, sink) = (TestBed::new().await, Sink::start().await);
    sink.tell("hang");
    let worker = start(&bed, with_smtp(sink.port));
    let sent = one_code(&bed, Environment::Live, "EMAIL").await;
    sink.receives(1).await;
    worker.stop().await;
    // Its time ran out, and that is on record.
    let row = common::row(&bed, sent.tenant, sent.message).await;
    assert_eq!((row["status"].as_str(), row["answered"].as_i64()), (Some("SENDING"), Some(1)), "{row}");
}

async fn lease_runs_out(bed: &TestBed, sent: &common::Sent) {
    as_superuser(
        bed,
        "update message set claimable_at = now() - interval '1 second' where tenant_id = $1",
        sent.tenant,
    )
    .await;
}
