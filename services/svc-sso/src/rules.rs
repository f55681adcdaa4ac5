//! What is decided without asking anybody.

use chrono::TimeDelta;
use core_contact::EmailAddress;
use core_kernel::{Refusal, Refusals};
use io_outbound::{Rules, Target};

use crate::commands::SetProvider;

/// How long a person may be away at the provider.
pub(crate) const FLOW: TimeDelta = TimeDelta::minutes(10);
/// How long what an issuer says of itself is believed without being asked again.
pub(crate) const KNOWN_FOR: TimeDelta = TimeDelta::minutes(10);
/// How often an issuer's keys are asked for when a token names one that is not known.
pub(crate) const KEYS_AGAIN: TimeDelta = TimeDelta::seconds(30);

const MAX_ISSUER: usize = 500;
const MAX_CLIENT_ID: usize = 255;
const MAX_SECRET: usize = 1_000;
const MAX_DOMAINS: usize = 50;
const MAX_CLASSES: usize = 10;
const MAX_CLASS: usize = 255;

/// Whom somebody names who wants to sign in, and what their provider may fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Company {
    /// A slug or a mail domain.
    pub(crate) name: String,
    /// The address that was given, if it was one.
    pub(crate) hint: Option<String>,
}

impl Company {
    /// Reads a slug, a domain or an address; of an address the domain alone decides, so that no answer tells
    /// who has an account.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.contains('@') {
            let email = EmailAddress::parse(text).ok()?;
            return Some(Self { name: email.domain().to_owned(), hint: Some(email.address().to_owned()) });
        }
        let name = text.to_ascii_lowercase();
        let well_formed = (3..=253).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
        well_formed.then_some(Self { name, hint: None })
    }
}

/// Whether a provider with these domains may vouch for this address. A domain is that domain: what is below it
/// may be anybody's.
pub(crate) fn is_of(email: &EmailAddress, domains: &[String]) -> bool {
    domains.iter().any(|domain| domain == email.domain())
}

/// The input with its domains in the one spelling that is compared.
pub(crate) fn checked(mut input: SetProvider, rules: Rules) -> Result<SetProvider, Refusals> {
    let mut refused = Refusals::new();
    check_issuer(&input.issuer, rules, &mut refused);
    check_client(&input, &mut refused);
    let given = input.domains.len();
    input.domains = domains(&input.domains, &mut refused);
    if given == 0 || given > MAX_DOMAINS {
        refused.push(Refusal::invalid("domains", format!("Name between one and {MAX_DOMAINS} mail domains.")));
    }
    let plain =
        |class: &String| (1..=MAX_CLASS).contains(&class.len()) && class.bytes().all(|byte| byte.is_ascii_graphic());
    if input.acr_values.len() > MAX_CLASSES || !input.acr_values.iter().all(plain) {
        refused.push(Refusal::invalid("acrValues", format!("At most {MAX_CLASSES} values, each without spaces.")));
    }
    if refused.is_empty() { Ok(input) } else { Err(refused) }
}

fn check_issuer(issuer: &str, rules: Rules, refused: &mut Refusals) {
    if issuer.len() > MAX_ISSUER || issuer.contains('?') {
        refused.push(Refusal::invalid("issuer", "An issuer is an https URL without a query."));
    } else if let Err(unfit) = Target::parse(issuer, rules) {
        refused.push(Refusal::invalid("issuer", unfit.to_string()));
    }
}

fn check_client(input: &SetProvider, refused: &mut Refusals) {
    let plain =
        |text: &str, most| (1..=most).contains(&text.len()) && text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if !plain(&input.client_id, MAX_CLIENT_ID) {
        refused.push(Refusal::invalid("clientId", "Give the identifier under which the provider knows us."));
    }
    if input.client_secret.as_ref().is_some_and(|secret| !plain(secret.expose(), MAX_SECRET)) {
        refused.push(Refusal::invalid("clientSecret", "Give the secret as the provider shows it."));
    }
}

fn domains(given: &[String], refused: &mut Refusals) -> Vec<String> {
    let mut domains = Vec::with_capacity(given.len());
    for (index, domain) in given.iter().enumerate() {
        match EmailAddress::parse(&format!("x@{}", domain.trim())) {
            Ok(address) => domains.push(address.domain().to_owned()),
            Err(_) => {
                refused.push(Refusal::invalid(&format!("domains.{index}"), "Write a mail domain, such as example.com."))
            }
        }
    }
    domains.sort();
    domains.dedup();
    domains
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SecondFactorRule;

    const OPEN: Rules = Rules { allow_http: true, allow_private: true };

    fn input() -> SetProvider {
        SetProvider {
            issuer: "https://id.firm.example/realm".to_owned(),
            client_id: "postern".to_owned(),
            client_secret: Some("s".to_owned().into()),
            domains: vec!["Firm.example ".to_owned(), "firm.example".to_owned(), "a.example".to_owned()],
            second_factor: SecondFactorRule::Postern,
            acr_values: Vec::new(),
            password_allowed: true,
        }
    }

    fn fields(change: impl FnOnce(&mut SetProvider), rules: Rules) -> Vec<String> {
        let mut input = input();
        change(&mut input);
        checked(input, rules).err().unwrap_or_default().iter().map(|refusal| refusal.field.join(".")).collect()
    }

    #[test]
    fn domains_are_kept_in_one_spelling_each_once() {
        assert_eq!(checked(input(), Rules::default()).unwrap().domains, ["a.example", "firm.example"]);
    }

    #[test]
    fn every_fault_is_told_at_its_place() {
        let none = fields(
            |input| {
                *input = SetProvider { issuer: "x".into(), client_id: String::new(), domains: vec![], ..input.clone() }
            },
            OPEN,
        );
        assert_eq!(none, ["issuer", "clientId", "domains"]);
        assert_eq!(
            fields(|input| input.domains = vec!["firm.example".into(), "no domain".into()], OPEN),
            ["domains.1"]
        );
        assert_eq!(fields(|input| input.acr_values = vec!["two words".into()], OPEN), ["acrValues"]);
        assert_eq!(fields(|input| input.client_secret = Some("a\r\nb".to_owned().into()), OPEN), ["clientSecret"]);
    }

    #[test]
    fn an_issuer_is_an_address_of_the_public_internet() {
        for issuer in [
            "http://id.firm.example",
            "https://127.0.0.1",
            "https://10.0.0.1/realm",
            "https://169.254.169.254",
            "https://localhost",
            "https://id.firm.example/?tenant=a",
            "https://a:b@id.firm.example",
            "javascript:alert(1)",
        ] {
            assert_eq!(fields(|input| input.issuer = issuer.into(), Rules::default()), ["issuer"], "{issuer}");
        }
        assert!(fields(|input| input.issuer = "http://127.0.0.1:9000".into(), OPEN).is_empty());
    }

    #[test]
    fn of_an_address_the_domain_alone_counts() {
        let read = |text| Company::read(text).map(|company| company.name);
        assert_eq!(read(" Firm-1 ").as_deref(), Some("firm-1"));
        assert_eq!(read("FIRM.example").as_deref(), Some("firm.example"));
        assert_eq!(Company::read("Ann@Firm.example").unwrap().hint.as_deref(), Some("Ann@firm.example"));
        assert_eq!(read("ann@firm.example"), read("bob@firm.example"));
        for nobody in ["", "ab", "a b c", "@", "a@", "x/../y", &"a".repeat(300), "ä.example"] {
            assert_eq!(Company::read(nobody), None, "{nobody}");
        }
    }

    #[test]
    fn a_domain_is_that_domain() {
        let domains = ["firm.example".to_owned()];
        let of = |text| is_of(&EmailAddress::parse(text).unwrap(), &domains);
        assert!(of("ann@firm.example") && of("ann@FIRM.example"));
        assert!(!of("ann@sub.firm.example") && !of("ann@evilfirm.example") && !of("ann@firm.example.evil.example"));
    }
}
