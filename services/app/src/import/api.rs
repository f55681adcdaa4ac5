//! The few calls that an import takes, over HTTP: it needs a key and nothing else of the installation.

use std::fmt;
use std::path::Path;

use anyhow::{Context as _, bail};
use core_kernel::Redacted;
use futures::StreamExt as _;
use reqwest::{Body, Client, RequestBuilder, Response, header};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use url::Url;

use super::file::{BOUNDARY, Form};
use super::show::{Meter, line};
use crate::config::Config;

macro_rules! job_fields {
    () => {
        "id status dryRun totalRows processedRows createdRows updatedRows unchangedRows failedRows errorsUrl
         errors(first: 20) { line column message }"
    };
}

/// An import, as it is answered.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) status: String,
    dry_run: bool,
    total_rows: Option<u64>,
    processed_rows: u64,
    created_rows: u64,
    updated_rows: u64,
    unchanged_rows: u64,
    failed_rows: u64,
    pub(super) errors_url: Option<String>,
    pub(super) errors: Vec<JobError>,
}

/// Something that is wrong with a row.
#[derive(Debug, Deserialize)]
pub(super) struct JobError {
    line: u64,
    column: Option<String>,
    message: String,
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = self.column.as_ref().map(|column| format!(", {column}")).unwrap_or_default();
        write!(f, "line {}{column}: {}", self.line, self.message)
    }
}

impl Job {
    pub(super) fn is_over(&self) -> bool {
        !matches!(self.status.as_str(), "QUEUED" | "RUNNING")
    }

    pub(super) fn line(&self) -> String {
        let counts = format!(
            ", {} new, {} changed, {} as they were, {} refused",
            self.created_rows, self.updated_rows, self.unchanged_rows, self.failed_rows
        );
        line("working", self.processed_rows, self.total_rows.unwrap_or(0), &counts)
    }

    pub(super) fn summary(&self) -> String {
        let rehearsed = if self.dry_run { " (nothing was changed: a dry run)" } else { "" };
        format!(
            "{}: {} rows, {} new, {} changed, {} as they were, {} refused{rehearsed}",
            self.status,
            self.processed_rows,
            self.created_rows,
            self.updated_rows,
            self.unchanged_rows,
            self.failed_rows
        )
    }
}

/// An installation, and in whose name it is asked.
pub(super) struct Api {
    client: Client,
    graphql: Url,
    key: Redacted<String>,
    tenant: Option<String>,
}

impl Api {
    /// The installation that is named, else that of `postern dev`.
    pub(super) fn new(config: &Config, url: Option<&Url>, key: Option<&str>) -> anyhow::Result<Self> {
        let facts = || Facts::read(&config.data_dir.join("dev.json"));
        let graphql = match url {
            Some(url) => url.join("graphql")?,
            None => facts().context("name the installation by --url or POSTERN_URL")?.graphql.parse()?,
        };
        let key = match key {
            Some(key) => key.to_owned(),
            None => facts().context("give an API key in POSTERN_API_KEY")?.partner.api_key,
        };
        Ok(Self { client: Client::builder().build()?, graphql, key: Redacted::new(key), tenant: None })
    }

    fn post(&self) -> RequestBuilder {
        let request = self.client.post(self.graphql.clone()).bearer_auth(self.key.expose());
        match &self.tenant {
            Some(tenant) => request.header("x-postern-tenant", tenant),
            None => request,
        }
    }

    async fn ask(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let request = self.post().header(header::CONTENT_TYPE, "application/json").body(body);
        data(request.send().await?).await
    }

    /// From now on for this tenant: a partner's, or the one whose key it is.
    pub(super) async fn act_for(&mut self, tenant: &str) -> anyhow::Result<()> {
        const QUERY: &str = "query ($search: String) { partner { tenants(first: 100, search: $search) { edges { node { id slug } } } } }";
        let search = (!tenant.starts_with("tenant_")).then_some(tenant);
        let found = self.ask(QUERY, json!({ "search": search })).await?;
        let named = |node: &Value| node["slug"] == tenant || node["id"] == tenant;
        if found["partner"].is_null() {
            let own = self.ask("{ tenant { id slug } }", json!({})).await?;
            if !named(&own["tenant"]) {
                bail!("this key is another tenant's than {tenant}");
            }
            return Ok(());
        }
        let edges = found["partner"]["tenants"]["edges"].as_array().cloned().unwrap_or_default();
        let node = edges.iter().map(|edge| &edge["node"]).find(|node| named(node));
        // An identifier beyond the first page is taken at its word: the API knows whose it is.
        let id = node.and_then(|node| node["id"].as_str()).or(search.is_none().then_some(tenant));
        self.tenant = Some(id.with_context(|| format!("this partner has no tenant {tenant}"))?.to_owned());
        Ok(())
    }

    pub(super) async fn import_users(
        &self,
        name: String,
        file: File,
        bytes: u64,
        meter: Meter,
        dry_run: bool,
        trust_contacts: bool,
    ) -> anyhow::Result<Job> {
        const QUERY: &str = concat!(
            "mutation ($input: ImportUsersInput!) { done: importUsers(input: $input) { job { ",
            job_fields!(),
            " } userErrors { message } } }"
        );
        let input = json!({ "file": null, "dryRun": dry_run, "trustContacts": trust_contacts });
        self.send(QUERY, input, &name, file, bytes, meter).await
    }

    pub(super) async fn import_tenants(
        &self,
        name: String,
        file: File,
        bytes: u64,
        meter: Meter,
        dry_run: bool,
        sandbox_twins: bool,
    ) -> anyhow::Result<Job> {
        const QUERY: &str = concat!(
            "mutation ($input: ImportTenantsInput!) { done: importTenants(input: $input) { job { ",
            job_fields!(),
            " } userErrors { message } } }"
        );
        let input = json!({ "file": null, "dryRun": dry_run, "sandboxTwins": sandbox_twins });
        self.send(QUERY, input, &name, file, bytes, meter).await
    }

    async fn send(
        &self,
        query: &str,
        input: Value,
        name: &str,
        file: File,
        bytes: u64,
        meter: Meter,
    ) -> anyhow::Result<Job> {
        let operations = json!({ "query": query, "variables": { "input": input } });
        let form = Form::new(&operations, name, bytes);
        let request = self
            .post()
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
            .header(header::CONTENT_LENGTH, form.length)
            .body(Body::wrap_stream(form.body(file, meter)));
        let mut done = data(request.send().await?).await?["done"].take();
        if let Some(refusals) = done["userErrors"].as_array().filter(|refusals| !refusals.is_empty()) {
            let messages: Vec<_> = refusals.iter().filter_map(|refusal| refusal["message"].as_str()).collect();
            bail!(messages.join(" "));
        }
        Ok(serde_json::from_value(done["job"].take())?)
    }

    pub(super) async fn job(&self, id: &str) -> anyhow::Result<Job> {
        const QUERY: &str = concat!("query ($id: ID!) { node(id: $id) { ... on ImportJob { ", job_fields!(), " } } }");
        let mut found = self.ask(QUERY, json!({ "id": id })).await?;
        serde_json::from_value(found["node"].take()).context("the import is gone")
    }

    /// Writes what is there into a file, as it comes.
    pub(super) async fn download(&self, url: &str, path: &Path) -> anyhow::Result<()> {
        let mut rows = self.client.get(url).send().await?.error_for_status()?.bytes_stream();
        let mut file = File::create(path).await.with_context(|| path.display().to_string())?;
        while let Some(bytes) = rows.next().await {
            file.write_all(&bytes?).await?;
        }
        Ok(file.flush().await?)
    }
}

/// The data of an answer, or its first error as a sentence.
async fn data(response: Response) -> anyhow::Result<Value> {
    let status = response.status();
    let text = response.text().await?;
    let mut answer: Value = serde_json::from_str(&text).with_context(|| format!("the server answered {status}"))?;
    if let Some(message) = answer["errors"][0]["message"].as_str() {
        bail!("{message} ({})", answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("no code"));
    }
    Ok(answer["data"].take())
}

/// What `postern dev` writes for scripts.
#[derive(Deserialize)]
struct Facts {
    graphql: String,
    partner: PartnerFacts,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PartnerFacts {
    api_key: String,
}

impl Facts {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        serde_json::from_str(&text).with_context(|| path.display().to_string())
    }
}
