//! One WebSocket from its first word to its last. One task does it all: while it sends, nothing is read
//! and nothing is looked up, so that a slow client slows down nobody but itself.

use axum::extract::ws::{Message, WebSocket};
use core_kernel::Fault;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout, timeout_at};

use super::init::Handshake;
use super::operations::{Event, Id, Operations, begin};
use super::protocol::{ClientMessage, Closing, ServerMessage, close, parse};
use crate::body::GraphqlRequest;
use crate::credentials::Presented;
use crate::gateway::Gateway;
use crate::subscriptions::lines::Seat;
use crate::subscriptions::standing::{CHECK_EVERY, Standing};

/// How many messages a client may send between two checks of its standing.
const MAX_MESSAGES: u32 = 100;

/// A connection.
pub(super) struct Connection {
    gateway: Gateway,
    socket: WebSocket,
    handshake: Handshake,
    operations: Operations,
    /// When the client was heard last.
    heard: Instant,
    /// When it was asked last whether it is still there.
    asked: Instant,
    /// Messages since the last check.
    messages: u32,
}

impl Connection {
    pub(super) fn new(gateway: Gateway, socket: WebSocket, handshake: Handshake) -> Self {
        let (heard, asked) = (Instant::now(), Instant::now());
        Self { gateway, socket, handshake, operations: Operations::default(), heard, asked, messages: 0 }
    }

    /// Serves it to its end.
    pub(super) async fn run(mut self) {
        let closing = match self.admit().await {
            Ok((mut standing, _seat)) => self.serve(&mut standing).await,
            Err(closing) => closing,
        };
        tracing::debug!(?closing, request_id = %self.handshake.info.request_id, "a subscriber's connection ends");
        close(&mut self.socket, &closing).await;
    }

    /// Waits for `connection_init`, and finds out who it is.
    async fn admit(&mut self) -> Result<(Standing, Seat), Closing> {
        let stop = self.gateway.lines().stop.clone();
        let deadline = Instant::now() + self.gateway.lines().options.init_within;
        let payload = loop {
            let message = tokio::select! {
                () = stop.cancelled() => return Err(Closing::STOPPING),
                message = timeout_at(deadline, self.hear()) => message.map_err(|_elapsed| Closing::INIT_TIMEOUT)??,
            };
            match message {
                None | Some(ClientMessage::Pong {}) => {}
                Some(ClientMessage::Ping { payload }) => self.say(&ServerMessage::Pong { payload }).await?,
                Some(ClientMessage::ConnectionInit { payload }) => break payload.unwrap_or_default(),
                Some(_) => return Err(Closing::NOT_ACKNOWLEDGED),
            }
        };
        let presented = self.handshake.presented(&payload).map_err(|fault| Closing::from(&fault))?;
        let found = authenticate(self.gateway.clone(), presented).await.map_err(|fault| Closing::from(&fault))?;
        self.say(&ServerMessage::ConnectionAck).await?;
        Ok(found)
    }

    async fn serve(&mut self, standing: &mut Standing) -> Closing {
        let stop = self.gateway.lines().stop.clone();
        let mut checks = interval(CHECK_EVERY);
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let done = tokio::select! {
                biased;
                () = stop.cancelled() => Err(Closing::STOPPING),
                _ = checks.tick() => self.check(standing).await,
                message = self.socket.recv() => match self.understand(message) {
                    Ok(Some(message)) => self.obey(standing, message).await,
                    Ok(None) => Ok(()),
                    Err(closing) => Err(closing),
                },
                (id, event) = self.operations.next() => self.tell(&id, event).await,
            };
            if let Err(closing) = done {
                return closing;
            }
        }
    }

    /// What has to be looked at now and then.
    async fn check(&mut self, standing: &mut Standing) -> Result<(), Closing> {
        self.messages = 0;
        standing.check().await.map_err(|fault| Closing::from(&fault))?;
        let ping_every = self.gateway.lines().options.ping_every;
        if self.heard.elapsed() > ping_every * 5 / 2 {
            return Err(Closing::GONE);
        }
        if self.asked.elapsed() >= ping_every {
            self.asked = Instant::now();
            self.send(Message::Ping(Vec::new().into())).await?;
        }
        Ok(())
    }

    async fn hear(&mut self) -> Result<Option<ClientMessage>, Closing> {
        let message = self.socket.recv().await;
        self.understand(message)
    }

    /// Reads a frame; nothing where it is none of the protocol's business.
    fn understand(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<Option<ClientMessage>, Closing> {
        self.heard = Instant::now();
        self.messages += 1;
        if self.messages > MAX_MESSAGES {
            return Err(Closing::FLOOD);
        }
        match message {
            Some(Ok(Message::Text(text))) => parse(text.as_str()).map(Some),
            Some(Ok(Message::Binary(_))) => Err(Closing::NOT_TEXT),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
            Some(Err(error)) if is_too_long(&error) => Err(Closing::TOO_LONG),
            None | Some(Ok(Message::Close(_)) | Err(_)) => Err(Closing::GONE),
        }
    }

    async fn obey(&mut self, standing: &Standing, message: ClientMessage) -> Result<(), Closing> {
        match message {
            ClientMessage::ConnectionInit { .. } => Err(Closing::SECOND_INIT),
            ClientMessage::Ping { payload } => self.say(&ServerMessage::Pong { payload }).await,
            ClientMessage::Pong {} => Ok(()),
            ClientMessage::Subscribe { id, payload } => self.subscribe(standing, &id, payload).await,
            ClientMessage::Complete { id } => {
                self.operations.stop(&id);
                Ok(())
            }
        }
    }

    async fn subscribe(&mut self, standing: &Standing, id: &str, request: GraphqlRequest) -> Result<(), Closing> {
        if self.operations.contains(id) {
            return Err(Closing::taken(id));
        }
        let begun = if self.operations.len() >= self.gateway.lines().options.per_connection {
            Err(Fault::RateLimited { retry_after_seconds: 1 }.into())
        } else {
            begin(&self.gateway, standing, request, self.handshake.info.clone()).await
        };
        match begun {
            Ok(told) => {
                self.operations.start(id, told);
                Ok(())
            }
            Err(rejection) => self.say(&ServerMessage::Error { id, payload: &rejection.0 }).await,
        }
    }

    async fn tell(&mut self, id: &Id, event: Event) -> Result<(), Closing> {
        match &event {
            Event::Next(response) => self.say(&ServerMessage::Next { id, payload: response }).await,
            Event::Error(errors) => self.say(&ServerMessage::Error { id, payload: errors }).await,
            Event::Complete => self.say(&ServerMessage::Complete { id }).await,
        }
    }

    async fn say(&mut self, message: &ServerMessage<'_>) -> Result<(), Closing> {
        self.send(message.text()).await
    }

    /// A client that does not take what it is sent is left.
    async fn send(&mut self, message: Message) -> Result<(), Closing> {
        let within = self.gateway.lines().options.send_within;
        match timeout(within, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Closing::GONE),
        }
    }
}

async fn authenticate(gateway: Gateway, presented: Presented) -> Result<(Standing, Seat), Fault> {
    let standing = Standing::begin(&gateway, presented).await?;
    let seat = gateway.lines().seat(standing.authority())?;
    Ok((standing, seat))
}

/// axum hides what went wrong in a cause.
fn is_too_long(error: &axum::Error) -> bool {
    error.to_string().contains("too long")
}
