//! What is asked of the server. Each answer is looked at: only the right one counts.

use std::sync::Arc;

use anyhow::{Context, ensure};
use core_crypto::{CodePurpose, CodeSubject, KeyPurpose, KeyRing, derive_code};
use core_kernel::{ChallengeId, TypedId};
use core_policy::SecurityLevel;

use crate::drive::Scenario;
use crate::http::{Connection, find, value_after};
use crate::seed::{Population, SeededTenant, external_id};
use crate::targets::Target;
use crate::usual;

const GRAPHQL: &str = "/graphql";
const EMPTY_FIELD: &[u8] = br#"{"query":"{ __typename }"}"#;

fn refused(body: &[u8]) -> anyhow::Error {
    anyhow::anyhow!("not the right answer: {}", String::from_utf8_lossy(body))
}

/// The route that reads JSON, writes JSON and does nothing.
#[derive(Debug)]
pub struct PlainJson(pub Arc<Population>);

impl Scenario for PlainJson {
    async fn run(&self, n: usize, connection: &mut Connection) -> anyhow::Result<bool> {
        let key = &self.0.tenants[n % self.0.tenants.len()].api_key;
        connection.post("/bench/json", key, EMPTY_FIELD).await?;
        Ok(true)
    }
}

/// `{ __typename }`, authenticated.
#[derive(Debug)]
pub struct EmptyField(pub Arc<Population>);

impl Scenario for EmptyField {
    async fn run(&self, n: usize, connection: &mut Connection) -> anyhow::Result<bool> {
        let key = &self.0.tenants[n % self.0.tenants.len()].api_key;
        let body = connection.post(GRAPHQL, key, EMPTY_FIELD).await?;
        ensure!(find(body, br#""__typename":"Query""#).is_some(), refused(body));
        Ok(true)
    }
}

/// verifyChallenge with the right code, of logins prepared beforehand.
#[derive(Debug)]
pub struct Verify {
    /// Who is there.
    pub population: Arc<Population>,
    /// What to verify, each once.
    pub targets: Arc<Vec<Target>>,
}

impl Scenario for Verify {
    async fn run(&self, n: usize, connection: &mut Connection) -> anyhow::Result<bool> {
        let Some(target) = self.targets.get(n) else { return Ok(false) };
        let key = &self.population.tenants[target.user.tenant as usize].api_key;
        verify(connection, key, &target.challenge.to_text(), target.code()).await?;
        Ok(true)
    }
}

async fn verify(connection: &mut Connection, key: &str, challenge: &str, code: &str) -> anyhow::Result<()> {
    let json = format!(
        r#"{{"query":"mutation($i:VerifyChallengeInput!){{verifyChallenge(input:$i){{login{{id completedAt assertion}}userErrors{{code field}}}}}}","variables":{{"i":{{"challengeId":"{challenge}","code":"{code}"}}}}}}"#
    );
    let body = connection.post(GRAPHQL, key, json.as_bytes()).await?;
    ensure!(find(body, br#""assertion":"ey"#).is_some(), refused(body));
    Ok(())
}

/// evaluateLogin of one user after the other, all of one level.
#[derive(Debug)]
pub struct Evaluate {
    /// At STANDARD nothing is found and the login is allowed; at HIGH a factor is asked for.
    pub level: SecurityLevel,
    /// Who is there.
    pub population: Arc<Population>,
    /// Users in the order in which they log in.
    pub order: Arc<Vec<u32>>,
}

impl Scenario for Evaluate {
    async fn run(&self, n: usize, connection: &mut Connection) -> anyhow::Result<bool> {
        let user = self.order[n % self.order.len()] as usize;
        let key = &self.population.tenants[self.population.users[user].tenant as usize].api_key;
        evaluate(connection, key, user, "id outcome", self.level).await?;
        Ok(true)
    }
}

/// Asks what a login of the `user`-th needs, whatever that is.
pub(crate) async fn ask_evaluate<'c>(
    connection: &'c mut Connection,
    key: &str,
    user: usize,
    fields: &str,
) -> anyhow::Result<&'c [u8]> {
    let (name, address, agent) = (external_id(user), usual::ADDRESS, usual::USER_AGENT);
    let json = format!(
        r#"{{"query":"mutation($i:EvaluateLoginInput!){{evaluateLogin(input:$i){{login{{{fields}}}userErrors{{code field}}}}}}","variables":{{"i":{{"user":{{"externalId":"{name}"}},"firstFactor":"PASSWORD","ipAddress":"{address}","userAgent":"{agent}"}}}}}}"#
    );
    connection.post(GRAPHQL, key, json.as_bytes()).await
}

async fn evaluate<'c>(
    connection: &'c mut Connection,
    key: &str,
    user: usize,
    fields: &str,
    level: SecurityLevel,
) -> anyhow::Result<&'c [u8]> {
    let body = ask_evaluate(connection, key, user, fields).await?;
    let expected: &[u8] = match level {
        SecurityLevel::Standard => br#""outcome":"ALLOW""#,
        SecurityLevel::High => br#""outcome":"CHALLENGE""#,
    };
    ensure!(find(body, expected).is_some(), refused(body));
    Ok(body)
}

/// startChallenge by a text, of logins prepared beforehand.
#[derive(Debug)]
pub struct Start {
    /// Who is there.
    pub population: Arc<Population>,
    /// Logins without a challenge.
    pub targets: Arc<Vec<Target>>,
}

impl Scenario for Start {
    async fn run(&self, n: usize, connection: &mut Connection) -> anyhow::Result<bool> {
        let Some(target) = self.targets.get(n) else { return Ok(false) };
        let key = &self.population.tenants[target.user.tenant as usize].api_key;
        start(connection, key, &target.login.to_text(), &target.method().to_text()).await?;
        Ok(true)
    }
}

/// Asks for a code, which may be refused.
pub(crate) async fn ask_start<'c>(
    connection: &'c mut Connection,
    key: &str,
    login: &str,
    method: &str,
) -> anyhow::Result<&'c [u8]> {
    let json = format!(
        r#"{{"query":"mutation($i:StartChallengeInput!){{startChallenge(input:$i){{challenge{{id destination expiresAt}}userErrors{{code field message}}}}}}","variables":{{"i":{{"loginId":"{login}","methodId":"{method}"}}}}}}"#
    );
    connection.post(GRAPHQL, key, json.as_bytes()).await
}

async fn start(connection: &mut Connection, key: &str, login: &str, method: &str) -> anyhow::Result<String> {
    let body = ask_start(connection, key, login, method).await?;
    ensure!(find(body, br#""userErrors":[]"#).is_some(), refused(body));
    Ok(value_after(body, br#""challenge":{"id":""#).context("a challenge without an id")?.to_owned())
}

/// A whole login: evaluateLogin, startChallenge by a text, verifyChallenge.
#[derive(Debug)]
pub struct WholeLogin {
    /// The users and their order.
    pub evaluate: Evaluate,
    /// The keys of the installation: the driver reads no phone, it derives the code.
    pub ring: KeyRing,
}

impl Scenario for WholeLogin {
    async fn run(&self, n: usize, connection: &mut Connection) -> anyhow::Result<bool> {
        let Evaluate { level, population, order } = &self.evaluate;
        let Some(user) = order.get(n).map(|user| *user as usize) else { return Ok(false) };
        let tenant = &population.tenants[population.users[user].tenant as usize];
        let body = evaluate(connection, &tenant.api_key, user, "id outcome methods{id}", *level).await?.to_vec();
        Finish { tenant, ring: &self.ring }.after(body, connection).await?;
        Ok(true)
    }
}

/// The second and third call of a login.
#[derive(Debug)]
pub(crate) struct Finish<'a> {
    /// Whose.
    pub(crate) tenant: &'a SeededTenant,
    /// See [`WholeLogin::ring`].
    pub(crate) ring: &'a KeyRing,
}

impl Finish<'_> {
    /// After evaluateLogin answered so.
    pub(crate) async fn after(&self, evaluated: Vec<u8>, connection: &mut Connection) -> anyhow::Result<()> {
        let key = &self.tenant.api_key;
        let login = value_after(&evaluated, br#""login":{"id":""#).context("a login without an id")?;
        let method = value_after(&evaluated, br#""methods":[{"id":""#).context("a login without methods")?;
        let challenge = start(connection, key, login, method).await?;
        let id = ChallengeId::from_text(&challenge).context("an id of another kind")?;
        let subject = CodeSubject { tenant: self.tenant.id, challenge: id, purpose: CodePurpose::Login };
        let code = derive_code(self.ring.current(KeyPurpose::Code), &subject, 6);
        verify(connection, key, &challenge, &code).await
    }
}
