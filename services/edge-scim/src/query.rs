//! What a list or a search asks for (RFC 7644 §3.4.2 and §3.4.3).

use core_kernel::MAX_PAGE_SIZE;
use serde_json::{Map, Value};
use svc_directory::users::{UserOrder, UserPredicate, UserQuery};

use crate::error::{ScimError, ScimType};
use crate::filter::{ParseError, compile, parse_filter};
use crate::projection::Projection;

/// A list, as it is asked for.
#[derive(Debug)]
pub(crate) struct ListRequest {
    /// What is asked of the service.
    pub(crate) query: UserQuery,
    /// From 1.
    pub(crate) start_index: u32,
    /// Which part of each user.
    pub(crate) projection: Projection,
}

/// The parameters, however they came; names in any case.
#[derive(Debug, Default)]
pub(crate) struct Parameters(Map<String, Value>);

impl Parameters {
    /// From a URL's query.
    pub(crate) fn of_url(query: Option<&str>) -> Self {
        let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self(pairs.map(|(name, value)| (name.to_ascii_lowercase(), Value::from(value))).collect())
    }

    /// From the body of a search.
    ///
    /// # Errors
    /// `invalidSyntax` for anything but an object.
    pub(crate) fn of_body(body: Value) -> Result<Self, ScimError> {
        match body {
            Value::Object(map) => {
                Ok(Self(map.into_iter().map(|(key, value)| (key.to_ascii_lowercase(), value)).collect()))
            }
            _ => Err(ScimError::bad(ScimType::InvalidSyntax, "A search is a JSON object.")),
        }
    }

    /// Which part of a user is wanted.
    ///
    /// # Errors
    /// `invalidValue` where both parameters are given.
    pub(crate) fn projection(&self) -> Result<Projection, ScimError> {
        Projection::read(&self.names("attributes"), &self.names("excludedattributes"))
    }

    /// Whether a filter is given.
    pub(crate) fn has_filter(&self) -> bool {
        self.text("filter").is_some()
    }

    /// The whole list that is wanted.
    ///
    /// # Errors
    /// `invalidFilter`, `tooMany` and `invalidValue`.
    pub(crate) fn list(&self) -> Result<ListRequest, ScimError> {
        let predicate = match self.text("filter") {
            Some(text) => compile(&parse_filter(text).map_err(refused)?)?,
            None => UserPredicate::All(Vec::new()),
        };
        let start_index = self.number("startindex")?.unwrap_or(1).max(1);
        let limit = self.number("count")?.unwrap_or(MAX_PAGE_SIZE).min(MAX_PAGE_SIZE);
        let query = UserQuery { predicate, order: self.order()?, offset: start_index - 1, limit };
        Ok(ListRequest { query, start_index, projection: self.projection()? })
    }

    fn order(&self) -> Result<UserOrder, ScimError> {
        let Some(by) = self.text("sortby") else { return Ok(UserOrder::Oldest) };
        let down = self.text("sortorder").is_some_and(|order| order.eq_ignore_ascii_case("descending"));
        let bare = by.rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
        match (bare.as_str(), down) {
            ("id" | "meta.created", false) => Ok(UserOrder::Oldest),
            ("id" | "meta.created", true) => Ok(UserOrder::Newest),
            ("username", false) => Ok(UserOrder::NameUp),
            ("username", true) => Ok(UserOrder::NameDown),
            _ => Err(ScimError::bad(ScimType::InvalidValue, "Users are sorted by userName, id or meta.created.")),
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
    }

    /// A list of names: one text with commas, or several.
    fn names(&self, name: &str) -> Vec<String> {
        let texts: Vec<&str> = match self.0.get(name) {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(texts)) => texts.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let names = texts.into_iter().flat_map(|text| text.split(',')).map(str::trim);
        names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    /// A whole number; what is below 0 is 0 (RFC 7644 §3.4.2.4).
    fn number(&self, name: &str) -> Result<Option<u32>, ScimError> {
        let number = match self.0.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.trim().parse::<i64>().ok(),
            Some(_) => None,
        };
        let number = number.ok_or_else(|| ScimError::value("startIndex, count", "These are whole numbers."))?;
        Ok(Some(u32::try_from(number.max(0)).unwrap_or(u32::MAX)))
    }
}

fn refused(error: ParseError) -> ScimError {
    let scim_type = match error {
        ParseError::Malformed(_) => ScimType::InvalidFilter,
        ParseError::TooMuch => ScimType::TooMany,
    };
    ScimError::bad(scim_type, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn list(query: &str) -> Result<ListRequest, ScimError> {
        Parameters::of_url(Some(query)).list()
    }

    #[test]
    fn a_list_without_parameters_is_the_first_page() {
        let asked = list("").unwrap();
        assert_eq!((asked.start_index, asked.query.offset, asked.query.limit), (1, 0, MAX_PAGE_SIZE));
        assert_eq!((asked.query.order, asked.projection), (UserOrder::Oldest, Projection::Whole));
    }

    #[test]
    fn numbers_out_of_range_are_brought_into_it() {
        for (query, start, limit) in [
            ("startIndex=0&count=-5", 1, 0),
            ("startindex=-1&COUNT=0", 1, 0),
            ("startIndex=3&count=2", 3, 2),
            ("count=1000000", 1, MAX_PAGE_SIZE),
            ("startIndex=99999999999", u32::MAX, MAX_PAGE_SIZE),
        ] {
            let asked = list(query).unwrap();
            assert_eq!((asked.start_index, asked.query.limit), (start, limit), "{query}");
        }
        for bad in ["startIndex=x", "count=1.5", "count=99999999999999999999"] {
            assert_eq!(list(bad).unwrap_err().scim_type, Some(ScimType::InvalidValue), "{bad}");
        }
    }

    #[test]
    fn a_search_asks_the_same_by_its_body() {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "active eq true",
            "startIndex": 2, "count": 3, "sortBy": "userName", "sortOrder": "descending", "attributes": ["id", "name"],
        });
        let asked = Parameters::of_body(body).unwrap().list().unwrap();
        assert_eq!((asked.start_index, asked.query.limit, asked.query.order), (2, 3, UserOrder::NameDown));
        assert!(matches!(asked.projection, Projection::Only(paths) if paths.len() == 2));
        assert!(Parameters::of_body(json!([])).is_err());
    }

    #[test]
    fn what_cannot_be_filtered_or_sorted_is_refused_by_its_kind() {
        for (query, scim_type) in [
            ("filter=userName", ScimType::InvalidFilter),
            ("filter=title+pr", ScimType::InvalidFilter),
            ("sortBy=title", ScimType::InvalidValue),
            ("attributes=id&excludedAttributes=name", ScimType::InvalidValue),
        ] {
            assert_eq!(list(query).unwrap_err().scim_type, Some(scim_type), "{query}");
        }
        let deep = format!("filter={}active+pr{}", "(".repeat(99), ")".repeat(99));
        assert_eq!(list(&deep).unwrap_err().scim_type, Some(ScimType::TooMany));
    }
}
