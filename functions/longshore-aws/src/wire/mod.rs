//! Calls in AWS's JSON protocol, signed and sent by hand, for what is called millions of times.
//!
//! ```text
//! target, body ─▶ sign ─▶ a connection that is kept, or a new one ─▶ body, or why there is none
//! ```
//!
//! The SDK's own work costs a worker several times all the rest. Credentials, Region and TLS roots
//! are the SDK's.

mod connection;
mod refusal;
mod sign;

#[cfg(test)]
pub(crate) mod endpoint;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use connection::{Answer, Connection, Connector};
use http::Uri;
pub(crate) use refusal::Refusal;
use sign::Signer;

use crate::{Clients, ClientsError};

/// One service at one endpoint, over one connection per call under way.
#[derive(Debug)]
pub(crate) struct Wire {
    connector: Connector,
    signer: Signer,
    idle: Mutex<Vec<Connection>>,
}

/// The service cannot be called; nothing was called yet.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// TLS cannot be used.
    #[error(transparent)]
    Clients(#[from] ClientsError),
    /// There is nowhere to call.
    #[error("the endpoint cannot be used: {0}")]
    Endpoint(String),
    /// There is nobody to sign for.
    #[error("{0}; set AWS_REGION, and credentials or a task role")]
    Settings(&'static str),
}

/// Why a call has no result.
#[derive(Debug)]
pub(crate) enum Unserved {
    /// No answer began.
    Silence(String),
    /// The answer broke off, or there are no credentials at the moment.
    Lost(String),
    /// The request cannot be made, now or later.
    Unsignable(String),
    /// The service said no.
    Refused(Refusal),
}

impl Wire {
    /// For calls at `endpoint` of `service`, as its signatures name it.
    pub(crate) fn new(
        clients: &Clients,
        endpoint: Uri,
        service: &'static str,
    ) -> Result<Self, WireError> {
        let signer = Signer::new(clients.sdk(), &endpoint, service)?;
        let connector = Connector::new(endpoint, clients)?;
        Ok(Self { connector, signer, idle: Mutex::default() })
    }

    /// Calls the action `target`, which must be safe to repeat; the body of the answer.
    pub(crate) async fn call(&self, target: &'static str, body: Bytes) -> Result<Bytes, Unserved> {
        match self.ask(target, &body).await {
            Err(Unserved::Refused(refusal)) if refusal.is_of_credentials() => {
                self.signer.forget();
                self.ask(target, &body).await
            }
            answer => answer,
        }
    }

    async fn ask(&self, target: &'static str, body: &Bytes) -> Result<Bytes, Unserved> {
        let kept = self.idle().pop();
        if let Some(connection) = kept {
            match self.ask_over(connection, target, body).await {
                // The service closes what is idle for long.
                Err(Unserved::Silence(_)) => {}
                answer => return answer,
            }
        }
        let connection = self.connector.connect().await.map_err(Unserved::Silence)?;
        self.ask_over(connection, target, body).await
    }

    /// Asks over `connection`, which is kept if it was answered to the end.
    async fn ask_over(
        &self,
        mut connection: Connection,
        target: &'static str,
        body: &Bytes,
    ) -> Result<Bytes, Unserved> {
        let request = self.signer.request(target, body.clone()).await?;
        let Answer { status, body } = connection.call(request).await?;
        self.idle().push(connection);
        if status.is_success() {
            return Ok(body);
        }
        Err(Unserved::Refused(Refusal::read(status, &body)))
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
