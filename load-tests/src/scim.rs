//! A directory that provisions users: creating them as Entra does, and changing one thing of them.

use std::sync::Arc;

use anyhow::ensure;
use core_kernel::{Entropy, SystemEntropy, TypedId};

use crate::drive::Scenario;
use crate::http::{Connection, find};
use crate::phases::{Found, Shape, Stage};
use crate::seed::Population;
use crate::targets::shuffled;

const USERS: &str = "/scim/v2/Users";

/// A new user of one tenant after the other, with a name, an address and a number.
#[derive(Debug)]
pub struct Create {
    /// Who is there.
    pub population: Arc<Population>,
    /// Begins the names of this run, which no other run has.
    pub run: u64,
}

impl Scenario for Create {
    async fn run(&self, n: usize, connection: &mut Connection) -> anyhow::Result<bool> {
        let key = &self.population.tenants[n % self.population.tenants.len()].api_key;
        let name = format!("{:x}-{n}", self.run);
        let line = n % 100;
        let json = format!(
            r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{name}","externalId":"{name}","displayName":"Ann Lee","name":{{"givenName":"Ann","familyName":"Lee"}},"active":true,"emails":[{{"value":"{name}@example.com","type":"work","primary":true}}],"phoneNumbers":[{{"value":"+1415555{line:04}","type":"mobile"}}]}}"#
        );
        let body = connection.send(["POST ", "201"], USERS, key, json.as_bytes()).await?;
        ensure!(find(body, name.as_bytes()).is_some(), "another user was made");
        Ok(true)
    }
}

/// Another name for one user after the other.
#[derive(Debug)]
pub struct Patch {
    /// Who is there.
    pub population: Arc<Population>,
    /// Users in the order in which they are changed.
    pub order: Arc<Vec<u32>>,
}

impl Scenario for Patch {
    async fn run(&self, n: usize, connection: &mut Connection) -> anyhow::Result<bool> {
        let user = &self.population.users[self.order[n % self.order.len()] as usize];
        let key = &self.population.tenants[user.tenant as usize].api_key;
        let path = format!("{USERS}/{}", user.id.to_text());
        let json = format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{"op":"Replace","path":"displayName","value":"Ann {n}"}}]}}"#
        );
        let body = connection.send(["PATCH ", "200"], &path, key, json.as_bytes()).await?;
        ensure!(find(body, format!("Ann {n}").as_bytes()).is_some(), "another name was written");
        Ok(true)
    }
}

impl Stage {
    /// Creating users.
    ///
    /// # Errors
    /// See [`Self::plain_json`].
    pub async fn scim_create(&self, shape: Shape) -> anyhow::Result<Found> {
        self.database.settle().await?;
        let mut run = [0_u8; 8];
        SystemEntropy.fill(&mut run);
        let run = u64::from_le_bytes(run);
        self.measure(shape, Arc::new(Create { population: self.population.clone(), run })).await
    }

    /// Changing users.
    ///
    /// # Errors
    /// See [`Self::plain_json`].
    pub async fn scim_patch(&self, shape: Shape) -> anyhow::Result<Found> {
        self.database.settle().await?;
        let order = Arc::new(shuffled(self.population.size.users));
        self.measure(shape, Arc::new(Patch { population: self.population.clone(), order })).await
    }
}
