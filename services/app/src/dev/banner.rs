//! What the person at the terminal sees.

use super::facts::Facts;

/// A step that may take a while.
#[expect(clippy::print_stdout, reason = "for the person at the terminal")]
pub(super) fn step(what: &str) {
    println!("postern: {what} …");
}

/// Something worth knowing.
#[expect(clippy::print_stdout, reason = "for the person at the terminal")]
pub(super) fn note(what: &str) {
    println!("postern: {what}");
}

/// Where everything is.
#[expect(clippy::print_stdout, reason = "for the person at the terminal")]
pub(super) fn ready(facts: &Facts) {
    println!("{}", text(facts));
}

fn text(facts: &Facts) -> String {
    let mut lines = vec![String::new(), "Postern is ready. Ctrl-C stops it; the data stay.".to_owned(), String::new()];
    lines.push(format!("  API             {}", facts.graphql));
    lines.push(format!("  try queries     {}/graphiql", facts.url));
    if let Some(demo) = &facts.demo {
        lines.push(format!("  demo website    {}", demo.url));
        if let Some(user) = demo.users.first() {
            lines
                .push(format!("                  sign in as {} with the password {}", user.external_id, user.password));
        }
    }
    if let Some(admin) = &facts.admin {
        lines.push(format!("  administrator   {} with the password {}", admin.email, admin.password));
        lines.push(format!("                  and a code of the authenticator secret {}", admin.totp_secret));
    }
    if let Some(admin) = &facts.partner.admin {
        lines.push(format!("  for the partner {} with the password {}", admin.email, admin.password));
        lines.push(format!("                  and a code of the authenticator secret {}", admin.totp_secret));
    }
    if let Some(tenant) = facts.tenants.first() {
        lines.push(format!("  API key         {} ({}, {})", tenant.api_key, tenant.slug, tenant.environment));
        lines.push(format!("\nA first query:\n\n  {}", first_query(&facts.graphql, &tenant.api_key)));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn first_query(graphql: &str, key: &str) -> String {
    format!(
        "curl -s {graphql} -H 'authorization: Bearer {key}' -H 'content-type: application/json' \\\n    \
         -d '{{\"query\":\"{{ viewer {{ ... on ApiKey {{ name scopes }} }} }}\"}}'"
    )
}
