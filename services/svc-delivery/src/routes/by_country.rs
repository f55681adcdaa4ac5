//! A choice by the number's country, as configuration writes it: `US,CA=…; GB=…; *=…`, or one value
//! for all.

/// Values by country; the first that names it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ByCountry<T>(Vec<(Countries, T)>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Countries {
    All,
    These(Vec<String>),
}

impl<T> ByCountry<T> {
    /// The same for all.
    pub(crate) fn everywhere(value: T) -> Self {
        Self(vec![(Countries::All, value)])
    }

    /// Reads the text; `None` where it is malformed. `read` reads a value.
    pub(crate) fn parse(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Self> {
        let entries = text.split(';').map(str::trim).filter(|entry| !entry.is_empty());
        let entries: Option<Vec<_>> = entries.map(|entry| entry_of(entry, &read)).collect();
        entries.filter(|entries| !entries.is_empty()).map(Self)
    }

    /// What holds for this country; without one, what holds for all.
    pub(crate) fn get(&self, country: Option<&str>) -> Option<&T> {
        let holds = |countries: &Countries| match countries {
            Countries::All => true,
            Countries::These(these) => country.is_some_and(|country| these.iter().any(|this| this == country)),
        };
        self.0.iter().find(|(countries, _)| holds(countries)).map(|(_, value)| value)
    }

    /// Every value, in the order of the text.
    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, value)| value)
    }
}

fn entry_of<T>(entry: &str, read: &impl Fn(&str) -> Option<T>) -> Option<(Countries, T)> {
    match entry.split_once('=') {
        Some((countries, value)) => Some((countries_of(countries)?, read(value.trim())?)),
        None => Some((Countries::All, read(entry)?)),
    }
}

fn countries_of(text: &str) -> Option<Countries> {
    if text.trim() == "*" {
        return Some(Countries::All);
    }
    let codes: Vec<String> = text.split(',').map(|code| code.trim().to_owned()).collect();
    let well_formed = codes.iter().all(|code| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()));
    well_formed.then_some(Countries::These(codes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<ByCountry<String>> {
        ByCountry::parse(text, |value| (!value.is_empty()).then(|| value.to_owned()))
    }

    fn get(text: &str, country: Option<&str>) -> Option<String> {
        parse(text).unwrap().get(country).cloned()
    }

    #[test]
    fn the_first_entry_that_names_the_country_counts() {
        let text = "US, CA = a; GB=b; *=c";
        for (country, value) in
            [(Some("US"), "a"), (Some("CA"), "a"), (Some("GB"), "b"), (Some("FR"), "c"), (None, "c")]
        {
            assert_eq!(get(text, country).as_deref(), Some(value), "{country:?}");
        }
    }

    #[test]
    fn one_value_is_for_all_and_no_star_leaves_some_out() {
        assert_eq!(get("a,b", None).as_deref(), Some("a,b"));
        assert_eq!(get("US=a;", Some("US")).as_deref(), Some("a"));
        assert_eq!(get("US=a", Some("GB")), None);
        assert_eq!(get("US=a", None), None);
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in ["", ";", "us=a", "USA=a", "US=", "=a", "US,=a", "US CA=a"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
