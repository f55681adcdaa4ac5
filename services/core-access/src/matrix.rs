//! The authorization matrix as a text that people review.

use std::fmt::Write as _;

use crate::{AdminRole, ApiScope, OPERATIONS};

/// Operation by scope and role, one line each; `x` allows.
#[must_use]
pub fn render_matrix() -> String {
    let mut text = String::from(
        "Who may call what. A key needs one of the marked scopes, an administrator one of the marked roles;\n\
         with X-Postern-Actor both. ADVISOR reaches the users assigned to them alone.\n\n",
    );
    let columns: Vec<&str> =
        ApiScope::ALL.map(ApiScope::as_str).into_iter().chain(AdminRole::ALL.map(AdminRole::as_str)).collect();
    let _ = writeln!(text, "{:<58} {}", "operation", columns.join(" "));
    for rule in OPERATIONS {
        let scopes = ApiScope::ALL.map(|scope| rule.scopes.contains(scope));
        let roles = AdminRole::ALL.map(|role| rule.roles.contains(role));
        let mut line = format!("{:<58}", rule.operation.field());
        for (allowed, column) in scopes.into_iter().chain(roles).zip(&columns) {
            let _ = write!(line, " {:^width$}", if allowed { "x" } else { "." }, width = column.len());
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}
