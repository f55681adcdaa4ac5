//! What people call the countries that logins mostly come from, as it stands in a sentence. Any other
//! is called by its code.

use std::borrow::Cow;

/// ISO 3166-1 alpha-2 codes, sorted, with names.
const NAMES: &[(&str, &str)] = &[
    ("AE", "the United Arab Emirates"),
    ("AR", "Argentina"),
    ("AT", "Austria"),
    ("AU", "Australia"),
    ("BE", "Belgium"),
    ("BG", "Bulgaria"),
    ("BR", "Brazil"),
    ("CA", "Canada"),
    ("CH", "Switzerland"),
    ("CL", "Chile"),
    ("CN", "China"),
    ("CO", "Colombia"),
    ("CR", "Costa Rica"),
    ("CZ", "Czechia"),
    ("DE", "Germany"),
    ("DK", "Denmark"),
    ("DO", "the Dominican Republic"),
    ("EE", "Estonia"),
    ("EG", "Egypt"),
    ("ES", "Spain"),
    ("FI", "Finland"),
    ("FR", "France"),
    ("GB", "the United Kingdom"),
    ("GR", "Greece"),
    ("HK", "Hong Kong"),
    ("HU", "Hungary"),
    ("ID", "Indonesia"),
    ("IE", "Ireland"),
    ("IL", "Israel"),
    ("IN", "India"),
    ("IR", "Iran"),
    ("IT", "Italy"),
    ("JM", "Jamaica"),
    ("JP", "Japan"),
    ("KE", "Kenya"),
    ("KR", "South Korea"),
    ("LT", "Lithuania"),
    ("LU", "Luxembourg"),
    ("LV", "Latvia"),
    ("MA", "Morocco"),
    ("MX", "Mexico"),
    ("MY", "Malaysia"),
    ("NG", "Nigeria"),
    ("NL", "the Netherlands"),
    ("NO", "Norway"),
    ("NZ", "New Zealand"),
    ("PA", "Panama"),
    ("PE", "Peru"),
    ("PH", "the Philippines"),
    ("PK", "Pakistan"),
    ("PL", "Poland"),
    ("PR", "Puerto Rico"),
    ("PT", "Portugal"),
    ("RO", "Romania"),
    ("RS", "Serbia"),
    ("RU", "Russia"),
    ("SA", "Saudi Arabia"),
    ("SE", "Sweden"),
    ("SG", "Singapore"),
    ("SK", "Slovakia"),
    ("TH", "Thailand"),
    ("TR", "Türkiye"),
    ("TW", "Taiwan"),
    ("UA", "Ukraine"),
    ("US", "the United States"),
    ("VN", "Vietnam"),
    ("ZA", "South Africa"),
];

/// A country as it stands behind "from": its name, or its code in capitals.
pub(crate) fn country_name(code: &str) -> Cow<'static, str> {
    let code = code.to_ascii_uppercase();
    match NAMES.binary_search_by_key(&code.as_str(), |(known, _)| known) {
        Ok(index) => NAMES[index].1.into(),
        Err(_) => code.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_holds_countries_only() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(NAMES.iter().all(|(code, _)| core_policy::is_country(code)));
    }

    #[test]
    fn every_line_is_found_and_what_is_not_there_is_its_code() {
        assert!(NAMES.iter().all(|(code, name)| country_name(code) == *name));
        assert_eq!(country_name("kz"), "KZ");
    }
}
