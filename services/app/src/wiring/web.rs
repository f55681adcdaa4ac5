//! What is asked over HTTP.

use std::sync::Arc;

use axum::Router;
use edge_http::{Explorer, Gateway, GatewayParts};
use edge_prompt::PromptServices;
use graphql::Services;
use svc_branding::Logos;
use svc_delivery::Callbacks;

use super::Wiring;
use super::options::gateway_options;
use crate::authenticate::Credentials;
use crate::config::Config;
use crate::links::Links;

impl Wiring {
    /// What the API's resolvers call.
    #[must_use]
    pub fn services(&self) -> Services {
        Services {
            platform: self.platform.clone(),
            policies: self.policies.clone(),
            simulations: self.simulations.clone(),
            rollout: self.rollout.clone(),
            directory: self.directory.clone(),
            messages: self.messages.clone(),
            logins: self.logins.clone(),
            prompts: self.prompts.clone(),
            factors: self.factors.clone(),
            help_desk: self.help_desk.clone(),
            admins: self.admins.clone(),
            sso: self.sso.clone(),
            webhooks: self.webhooks.clone(),
            billing: self.billing.clone(),
            imports: self.imports.clone(),
        }
    }

    /// The gateway over all of it.
    #[must_use]
    pub fn gateway(&self, config: &Config, explorer: Option<Explorer>) -> Gateway {
        Gateway::new(GatewayParts {
            platform: self.platform.clone(),
            services: self.services(),
            authenticator: Arc::new(Credentials { directory: self.directory.clone(), admins: self.admins.clone() }),
            links: Some(Arc::new(Links {
                help_desk: self.help_desk.clone(),
                logins: self.logins.clone(),
                prompts: self.prompts.clone(),
            })),
            limits: self.limits.clone(),
            options: gateway_options(config, explorer),
        })
    }

    /// All routes of the gateway.
    pub fn router(&self, gateway: &Gateway) -> Router {
        let auth = edge_http::auth_router(gateway, self.admins.clone(), self.directory.clone(), self.sso.clone());
        let callbacks = Callbacks::new(self.platform.clone(), self.carriers.clone());
        let mut more = auth.merge(edge_http::callbacks_router(gateway, callbacks));
        if let Some(events) = &self.stripe_events {
            more = more.merge(edge_http::stripe_router(gateway, events.clone()));
        }
        more = more.merge(edge_scim::router(gateway, self.directory.clone(), &self.platform.public_url));
        more = more.merge(edge_http::logo_router(gateway, Logos::new(self.platform.clone())));
        more = more.merge(edge_prompt::prompt_router(self.prompt_services()));
        more = more.merge(edge_docs::docs_router(self.limits.clone()));
        edge_http::router(gateway, more)
    }

    /// What the pages of the hosted prompt call.
    fn prompt_services(&self) -> PromptServices {
        PromptServices {
            platform: self.platform.clone(),
            prompts: self.prompts.clone(),
            logins: self.logins.clone(),
            factors: self.factors.clone(),
            help_desk: self.help_desk.clone(),
            directory: self.directory.clone(),
            limits: self.limits.clone(),
        }
    }
}
