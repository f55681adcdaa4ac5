//! A product by its file.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use reqwest::{Client, Method, Url};
use serde_json::Value;

use crate::compare::mapping::filled;
use crate::compare::{Call, Facts, Mapping, Product, Step};

const TIMEOUT: Duration = Duration::from_secs(10);
/// Between two questions whether a code is there.
const AGAIN: Duration = Duration::from_millis(20);

/// A product that is asked by HTTP, as its file says.
#[derive(Debug)]
pub struct Mapped {
    mapping: Mapping,
    address: Url,
    client: Client,
}

impl Mapped {
    /// At an address.
    ///
    /// # Errors
    /// When there can be no client.
    pub fn new(mapping: Mapping, address: Url) -> anyhow::Result<Self> {
        let client = Client::builder().timeout(TIMEOUT).build()?;
        Ok(Self { mapping, address, client })
    }

    async fn ask(&self, call: &Call, facts: &Facts) -> anyhow::Result<Value> {
        let plain = |text: &str| text.to_owned();
        let url = self.address.join(&filled(&call.path, facts, plain)?)?;
        let mut request = self.client.request(Method::from_bytes(call.method.as_bytes())?, url);
        for (name, value) in &self.mapping.headers {
            request = request.header(name, filled(value, facts, plain)?);
        }
        let answer = request.body(filled(&call.body, facts, inside_json)?).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{status}: {text}");
        serde_json::from_str(&text).with_context(|| format!("no JSON: {text}"))
    }
}

/// A text as it stands between the quotation marks of a JSON string.
fn inside_json(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

impl Product for Mapped {
    fn name(&self) -> &str {
        &self.mapping.name
    }

    async fn take(&self, step: Step, facts: &mut Facts) -> anyhow::Result<()> {
        let Some(call) = self.mapping.call(step) else { return Ok(()) };
        let (began, patience) = (Instant::now(), Duration::from_millis(call.patience_ms));
        loop {
            let answer = self.ask(call, facts).await?;
            match call.read(&answer, facts) {
                Err(_) if began.elapsed() < patience => tokio::time::sleep(AGAIN).await,
                read => return read,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_cannot_leave_its_string() {
        assert_eq!(inside_json("a\"b\\c\nd"), r#"a\"b\\c\nd"#);
        assert_eq!(inside_json(""), "");
    }
}
