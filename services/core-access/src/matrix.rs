//! The authorization matrix as a text that people review.

use std::fmt::Write as _;

use crate::{AdminRole, ApiScope, OPERATIONS, OperationRule, ROUTES};

/// Operation by scope and role, one line each; `x` allows. Then every address, and what lets a request in there.
#[must_use]
pub fn render_matrix() -> String {
    let mut text = String::from(
        "Who may call what. A key needs one of the marked scopes, an administrator one of the marked roles;\n\
         with X-Postern-Actor both. ADVISOR reaches the users assigned to them alone. The last columns, with p.,\n\
         are the roles of those who answer for a partner: for itself, and in its tenants.\n\n",
    );
    let columns: Vec<String> = columns().collect();
    let _ = writeln!(text, "{:<58} {}", "operation", columns.join(" "));
    for rule in OPERATIONS {
        let mut line = format!("{:<58}", rule.operation.field());
        for (allowed, column) in cells(rule).zip(&columns) {
            let _ = write!(line, " {:^width$}", if allowed { "x" } else { "." }, width = column.len());
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let _ = writeln!(text, "\n{:<58} needs", "route");
    for rule in ROUTES {
        let _ = writeln!(text, "{:<58} {}", rule.path, rule.proof.as_str());
    }
    text
}

fn columns() -> impl Iterator<Item = String> {
    let scopes = ApiScope::ALL.map(|scope| scope.as_str().to_owned());
    let roles = AdminRole::ALL.map(|role| role.as_str().to_owned());
    let of_partner = AdminRole::ALL.map(|role| format!("p.{}", role.as_str()));
    scopes.into_iter().chain(roles).chain(of_partner)
}

fn cells(rule: &OperationRule) -> impl Iterator<Item = bool> {
    let scopes = ApiScope::ALL.map(|scope| rule.scopes.contains(scope));
    let roles = AdminRole::ALL.map(|role| rule.roles.contains(role));
    let of_partner = AdminRole::ALL.map(|role| rule.partner_roles.contains(role));
    scopes.into_iter().chain(roles).chain(of_partner)
}
