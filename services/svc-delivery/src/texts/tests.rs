use chrono::{DateTime, Duration};
use core_kernel::{Redacted, Timestamp};
use serde_json::{Value, json};

use super::catalog::languages;
use super::gsm7::fits_one_segment;
use super::{Branding, Facts, Rendered, Texts};
use crate::model::MessageChannel::{self, Email, Sms, Voice};

const TEMPLATES: [&str; 9] = [
    "code",
    "one_time_link",
    "admin_invitation",
    "account_recovery",
    "temporary_access_request",
    "enrollment_reminder",
    "spending_cap_near",
    "spending_cap_reached",
    "webhook_disabled",
];

fn now() -> Timestamp {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn facts(template: &str, channel: MessageChannel) -> Facts {
    Facts {
        channel,
        template: template.to_owned(),
        language: "en".to_owned(),
        tenant_name: "Acme Savings Bank".to_owned(),
        branding: Branding { product_name: Some("Acme".to_owned()), ..Branding::default() },
        time_zone: "America/Chicago".to_owned(),
        user_name: Some("Ann Lee".to_owned()),
        now: now(),
        expires_at: Some(now() + Duration::seconds(300)),
        code: (template == "code").then(|| Redacted::new("012345".to_owned())),
        token: Some(Redacted::new("link_abc".to_owned())),
        params: json!({}),
    }
}

fn render(facts: &Facts) -> Rendered {
    Texts::new("https://postern.example".into()).unwrap().render(facts).unwrap()
}

fn text(facts: &Facts) -> String {
    render(facts).text.expose().clone()
}

fn every_notice() -> Vec<String> {
    let (_, english) = &languages()[0];
    english.notice.sentences.keys().map(|name| format!("notice.{name}")).collect()
}

#[test]
fn every_language_has_the_same_texts() {
    let all = languages();
    let (_, english) = &all[0];
    for (tag, language) in &all {
        assert!(language.notice.sentences.keys().eq(english.notice.sentences.keys()), "{tag}");
        assert!(language.words.keys().eq(english.words.keys()), "{tag}");
    }
}

#[test]
fn every_text_renders_without_a_hole() {
    for (tag, _) in languages() {
        for template in TEMPLATES.map(str::to_owned).into_iter().chain(every_notice()) {
            let params = json!({"kind": "PHONE_PRIMARY", "level": "HIGH", "until": now(), "asker": "Ann", "ip": "192.0.2.7",
                                "at": now(), "note": "lost my phone"});
            let mail = render(&Facts { language: tag.to_owned(), params, ..facts(&template, Email) });
            for part in [&mail.subject, mail.text.expose(), mail.html.expose()] {
                assert!(!part.trim().is_empty(), "{tag} {template}");
                assert!(
                    !part.contains("none") && !part.contains("{{") && !part.contains("  "),
                    "{tag} {template}: {part}"
                );
            }
        }
    }
}

#[test]
fn a_text_is_one_segment_and_carries_the_code_first() {
    let sms = text(&facts("code", Sms));
    assert_eq!(sms, "012345 is your Acme code. Do not share it with anyone.");
    for (tag, _) in languages() {
        for template in every_notice().into_iter().chain(["code".to_owned()]) {
            let params = json!({"kind": "TOTP", "level": "STANDARD", "until": now()});
            let sms = text(&Facts { language: tag.to_owned(), params, ..facts(&template, Sms) });
            assert!(fits_one_segment(&sms) && super::gsm7::fold(&sms) == sms, "{tag} {template}: {sms}");
        }
    }
}

#[test]
fn a_long_product_name_costs_the_hint_and_not_a_second_segment() {
    let mut given = facts("code", Sms);
    given.branding.product_name = Some("Crédito Agrícola del Norte de la República".to_owned());
    given.branding.domain = Some(format!("{}.example.com", "a".repeat(40)));
    given.language = "es".to_owned();
    let sms = text(&given);
    assert!(fits_one_segment(&sms), "{sms}");
    assert!(
        sms.starts_with("012345 es su clave de Crédito Agricola del Norte") && sms.ends_with(".example.com #012345"),
        "{sms}"
    );
}

#[test]
fn a_domain_makes_the_text_origin_bound() {
    let mut given = facts("code", Sms);
    given.branding.domain = Some("example.com".to_owned());
    assert_eq!(text(&given).lines().last(), Some("@example.com #012345"));
    given.branding.domain = Some("not a domain".to_owned());
    assert!(!text(&given).contains('@'));
}

#[test]
fn a_call_says_the_code_digit_by_digit_and_twice_in_the_users_language() {
    let english = text(&facts("code", Voice));
    assert_eq!(english.matches("0, 1, 2, 3, 4, 5").count(), 2, "{english}");
    let spanish = text(&Facts { language: "es-MX".to_owned(), ..facts("code", Voice) });
    assert!(spanish.starts_with("Su clave de Acme es: 0, 1, 2, 3, 4, 5."), "{spanish}");
}

#[test]
fn unknown_languages_and_notices_are_told_all_the_same() {
    assert!(text(&Facts { language: "tlh".to_owned(), ..facts("code", Sms) }).contains("is your"));
    assert!(text(&facts("notice.never_heard_of", Sms)).contains("Your sign-in settings were changed."));
}

#[test]
fn a_mail_says_how_long_the_code_holds_and_draws_it() {
    let mail = render(&facts("code", Email));
    assert_eq!(mail.subject, "Your Acme code");
    assert!(!mail.subject.contains("012345"), "subjects are logged by mail servers");
    assert!(mail.text.expose().contains("\n\n012345\n\n") && mail.text.expose().contains("valid for 5 minutes"));
    assert!(mail.html.expose().contains(">012345</p>"));
    let late = Facts { expires_at: Some(now() + Duration::seconds(31)), ..facts("code", Email) };
    assert!(text(&late).contains("valid for 1 minute."), "{}", text(&late));
}

#[test]
fn links_are_built_from_configuration() {
    assert!(text(&facts("one_time_link", Email)).contains("\n\nhttps://postern.example/link/link_abc\n\n"));
    assert!(text(&facts("admin_invitation", Email)).contains("\n\nhttps://postern.example/invitation#link_abc\n\n"));
    let html = render(&facts("one_time_link", Email)).html.expose().clone();
    assert_eq!(html.matches("<a href=").count(), 1);
    assert!(!html.contains("<img") && !html.contains("src="), "nothing is loaded from elsewhere");
}

#[test]
fn names_and_notes_carry_neither_links_nor_markup() {
    let mut given = facts("temporary_access_request", Email);
    given.params = json!({
        "asker": "Ann <a href='http://evil.example'>x</a>", "ip": "203.0.113.9", "at": now(),
        "note": "click http://evil.example/now or mail win@evil.example", "extra": "{{ code }}",
    });
    given.user_name = Some("Ann http://evil.example".to_owned());
    let mail = render(&given);
    for part in [&mail.subject, mail.text.expose(), mail.html.expose()] {
        assert!(!part.contains("evil.example") && !part.contains("<a href='"), "{part}");
    }
    assert!(mail.text.expose().contains("Network address: 203.0.113.9"));
}

#[test]
fn times_are_the_tenants() {
    let given = Facts {
        params: json!({"asker": "Ann", "ip": "not one", "at": now()}),
        ..facts("temporary_access_request", Email)
    };
    assert!(text(&given).contains("2026-09-21 09:13 CDT"), "{}", text(&given));
    assert!(!text(&given).contains("not one"));
    let locked = |until: Value| {
        text(&Facts { expires_at: None, params: json!({"until": until}), ..facts("notice.user_locked", Sms) })
    };
    assert!(locked(json!("2026-09-21T14:00:00+00:00")).contains("until 2026-09-21 09:00 CDT"));
    assert!(locked(json!("infinity")).contains("is locked."));
}

#[test]
fn a_strange_colour_or_zone_does_no_harm() {
    let mut given = facts("code", Email);
    given.branding.color = Some("red;background:url(https://evil.example)".to_owned());
    given.time_zone = "Mars/Olympus".to_owned();
    assert!(!render(&given).html.expose().contains("evil"));
    given.branding.color = Some("#AbCdEf".to_owned());
    assert!(render(&given).html.expose().contains("#AbCdEf"));
}

fn reminder(language: &str, params: Value) -> Rendered {
    render(&Facts { language: language.to_owned(), params, ..facts("enrollment_reminder", Email) })
}

#[test]
fn a_reminder_speaks_of_the_deadline_there_is() {
    let soon = now() + Duration::days(9);
    for (language, deadline, words) in [
        ("en", json!(soon), "From 2026-09-30 09:13 CDT on it is required."),
        ("es-MX", json!(soon), "A partir del 2026-09-30 09:13 CDT será obligatorio."),
        ("en", json!(now()), "It is required now"),
        ("es", json!(now()), "Ya es obligatorio"),
        ("fr", json!(null), "You can set it up at your next sign-in."),
    ] {
        let mail = reminder(language, json!({ "deadline": deadline }));
        assert!(mail.text.expose().contains(words), "{}", mail.text.expose());
        assert!(!mail.text.expose().contains("http") && !mail.html.expose().contains("href"), "no link");
    }
}

#[test]
fn a_tenants_own_reminder_is_filled_in_and_not_interpreted() {
    let own = json!({
        "subject": "{{tenant_name}}: by {{ deadline }}",
        "body": "Dear {{display_name}},\r\n\r\nsee <b>{% raw %} and {# this #}.\n\nBy {{deadline}}.",
        "deadline": now() + Duration::days(9),
    });
    let mail = reminder("en", own.clone());
    assert_eq!(mail.subject, "Acme Savings Bank: by 2026-09-30 09:13 CDT");
    let plain = "Dear Ann Lee,\n\nsee <b>{% raw %} and {# this #}.\n\nBy 2026-09-30 09:13 CDT.\n";
    assert_eq!(mail.text.expose(), plain);
    assert!(mail.html.expose().contains("see &lt;b&gt;{% raw %}"), "{}", mail.html.expose());

    let hostile = Facts {
        user_name: Some("{{deadline}} http://evil.example <script>".to_owned()),
        params: own,
        ..facts("enrollment_reminder", Email)
    };
    let text = text(&hostile);
    assert!(text.starts_with("Dear deadline http evil example script,"), "{text}");
    let nameless = Facts { user_name: None, language: "es".to_owned(), ..hostile };
    assert!(self::text(&nameless).starts_with("Dear cliente,"));
}
