//! What a call says, as TwiML. A code is asked for by a key press first, so that no voicemail keeps
//! it; it is put into words only when the key was pressed.

use std::fmt::Write as _;

use crate::texts::Call;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#;
const END: &str = "</Response>";
/// How long a key is waited for, in seconds.
const PATIENCE: u32 = 8;

/// Asks for any key, twice; `next` is where the press is told.
pub(crate) fn ask_for_key(call: &Call, next: &str) -> String {
    let say = say(call, &call.press_key);
    let mut twiml = HEAD.to_owned();
    for _ in 0..2 {
        let _ = write!(
            twiml,
            // Any key: with a finishing key, that one would count as none.
            r#"<Gather numDigits="1" finishOnKey="" timeout="{PATIENCE}" method="POST" action="{}">{say}</Gather>"#,
            escape(next)
        );
    }
    twiml + &self::say(call, &call.no_key) + END
}

/// Says a text and hangs up.
pub(crate) fn say_only(call: &Call, text: &str) -> String {
    format!("{HEAD}{}{END}", say(call, text))
}

/// For a message of which nothing can be said any more.
pub(crate) fn hang_up() -> String {
    format!("{HEAD}<Hangup/>{END}")
}

fn say(call: &Call, text: &str) -> String {
    format!(r#"<Say language="{}">{}</Say>"#, escape(&call.language), escape(text))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other if other.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call() -> Call {
        Call {
            language: "en-US".to_owned(),
            press_key: "A call from A&B. Press a key.".to_owned(),
            no_key: "Goodbye.".to_owned(),
            over: "It is over.".to_owned(),
        }
    }

    #[test]
    fn a_key_is_asked_for_twice_and_no_code_is_said() {
        let twiml = ask_for_key(&call(), "https://x.example/voice?a=1&b=2");
        assert_eq!(twiml.matches("<Gather numDigits=\"1\"").count(), 2);
        assert_eq!(twiml.matches("action=\"https://x.example/voice?a=1&amp;b=2\"").count(), 2);
        assert_eq!(twiml.matches("A call from A&amp;B. Press a key.").count(), 2);
        assert!(twiml.ends_with("<Say language=\"en-US\">Goodbye.</Say></Response>"));
    }

    #[test]
    fn names_do_not_become_instructions() {
        let twiml = say_only(&call(), "</Say><Dial>+1900</Dial>\u{0}");
        assert!(!twiml.contains("<Dial>") && twiml.contains("&lt;Dial&gt;") && !twiml.contains('\u{0}'), "{twiml}");
    }
}
