//! Reading a row of a file of tenants. What its values must be is asked by the command that makes a
//! tenant; here is what a file has and a call has not.

use std::borrow::Cow;

use svc_directory::Environment;

use crate::csv::{Header, Row, RowForm};
use crate::model::RowFault;
use crate::worker::Seen;

/// A row that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TenantRow {
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) owner_email: String,
    /// None where the row does not say.
    pub(crate) environment: Option<Environment>,
}

/// Reads a row.
pub(crate) fn read(header: &Header, row: &Row<'_>, seen: &mut Seen) -> Result<TenantRow, Vec<RowFault>> {
    if row.form != RowForm::Good {
        return Err(vec![RowFault::of_row("This row cannot be read: its quotes do not match, or it is too long.")]);
    }
    let mut values = header.values(row.bytes)?.into_iter();
    let mut next = || values.next().flatten().map(Cow::into_owned);
    let (slug, name, owner_email, environment) = (next(), next(), next(), next());
    let mut faults = Vec::new();
    if slug.as_deref().is_some_and(|slug| !seen.insert(slug)) {
        faults.push(RowFault::at("slug", "An earlier row has this slug."));
    }
    let environment = environment.map(|word| Environment::parse(&word.to_uppercase()));
    if environment == Some(None) {
        faults.push(RowFault::at("environment", "This must be LIVE or SANDBOX."));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(TenantRow {
        slug: slug.unwrap_or_default(),
        name: name.unwrap_or_default(),
        owner_email: owner_email.unwrap_or_default(),
        environment: environment.flatten(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenants::COLUMNS;

    fn read_row(row: &str, seen: &mut Seen) -> Result<TenantRow, Vec<RowFault>> {
        let header = Header::read(b"slug,name,owner_email,environment", &COLUMNS).unwrap();
        read(&header, &Row { line: 2, bytes: row.as_bytes(), form: RowForm::Good }, seen)
    }

    #[test]
    fn the_environment_may_be_left_out() {
        let mut seen = Seen::for_rows(2);
        let row = read_row("acme,Acme,ann@acme.example,", &mut seen).unwrap();
        assert_eq!((row.slug.as_str(), row.name.as_str(), row.environment), ("acme", "Acme", None));
        assert_eq!(read_row("b,B,b@b.example,sandbox", &mut seen).unwrap().environment, Some(Environment::Sandbox));
    }

    #[test]
    fn a_doubled_slug_and_an_unknown_environment_are_told() {
        let mut seen = Seen::for_rows(2);
        read_row("acme,Acme,ann@acme.example,", &mut seen).unwrap();
        let faults = read_row("acme,Acme,ann@acme.example,TEST", &mut seen).unwrap_err();
        let columns: Vec<_> = faults.into_iter().map(|fault| fault.column.unwrap()).collect();
        assert_eq!(columns, ["slug", "environment"]);
    }
}
