//! Variables ─▶ the one SDK configuration that every client is made from.
//!
//! In Lambda the environment holds everything, so no credential chain is linked (feature
//! `credential-chain`) and no native roots are read: both cost milliseconds of every cold start.

use std::time::Duration;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{behavior_version::BehaviorVersion, http::SharedHttpClient};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region};
use hyper_rustls::ConfigBuilderExt;
use longshore::config::{ConfigError, Variables};
use rustls::pki_types::{CertificateDer, pem::PemObject};

/// Longest call with its retries. Far below the lease of a run (110 s), so that whoever waits for
/// an answer gives up before somebody else may take over.
const CALL_SECS: u64 = 20;
/// Longest single try within a call.
const TRY_SECS: u64 = 8;
/// Longest wait for a connection.
const CONNECT_SECS: u64 = 3;
/// Tries within a call, the first included.
const TRIES_MAX: u32 = 3;
/// The roots that every AWS endpoint chains to (Amazon Trust Services repository).
const AMAZON_ROOTS: &[u8] = include_bytes!("../roots/amazon.pem");

/// Where AWS is and who we are; cheap to clone.
#[derive(Clone, Debug)]
pub struct Clients {
    sdk: SdkConfig,
    native_roots: bool,
}

/// The clients cannot be made; nothing was called yet.
#[derive(Debug, thiserror::Error)]
pub enum ClientsError {
    /// A variable is missing or wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The TLS roots cannot be used.
    #[error("TLS roots cannot be used: {0}")]
    Tls(String),
}

impl Clients {
    /// Reads Region, credentials and, for the embedded AWS, the endpoint.
    pub async fn connect(variables: &Variables) -> Result<Self, ClientsError> {
        let region = variables
            .optional("AWS_REGION")
            .or_else(|| variables.optional("AWS_DEFAULT_REGION"))
            .ok_or(ConfigError::Missing("AWS_REGION"))?;
        let endpoint = variables.optional("AWS_ENDPOINT_URL");
        let region = Region::new(region.to_owned());
        let http = http_client(endpoint, variables.optional("LONGSHORE_TLS_ROOTS"))?;
        let credentials = credentials(variables, &region, &http).await?;
        let mut sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(region)
            .credentials_provider(credentials)
            .http_client(http)
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .time_source(SystemTimeSource::new())
            .retry_config(RetryConfig::standard().with_max_attempts(TRIES_MAX))
            .timeout_config(timeouts());
        sdk.set_endpoint_url(endpoint.map(str::to_owned));
        let native_roots = variables.optional("LONGSHORE_TLS_ROOTS") == Some("native");
        Ok(Self { sdk: sdk.build(), native_roots })
    }

    /// What a TLS client that is not the SDK's trusts: the same roots.
    pub(crate) fn tls(&self) -> Result<rustls::ClientConfig, ClientsError> {
        let fault = |error: String| ClientsError::Tls(error);
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| fault(error.to_string()))?;
        if self.native_roots {
            let config = config.with_native_roots().map_err(|error| fault(error.to_string()))?;
            return Ok(config.with_no_client_auth());
        }
        let mut roots = rustls::RootCertStore::empty();
        for root in CertificateDer::pem_slice_iter(AMAZON_ROOTS) {
            let root = root.map_err(|error| fault(error.to_string()))?;
            roots.add(root).map_err(|error| fault(error.to_string()))?;
        }
        Ok(config.with_root_certificates(roots).with_no_client_auth())
    }

    /// The same with credentials of `provider`.
    #[cfg(test)]
    pub(crate) fn signed_by(self, provider: SharedCredentialsProvider) -> Self {
        let sdk = self.sdk.into_builder().credentials_provider(provider).build();
        Self { sdk, ..self }
    }

    /// The configuration, for a client of one's own making.
    #[must_use]
    pub fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(CONNECT_SECS))
        .operation_attempt_timeout(Duration::from_secs(TRY_SECS))
        .operation_timeout(Duration::from_secs(CALL_SECS))
        .build()
}

/// A plain client for a plain endpoint loads no roots at all.
fn http_client(
    endpoint: Option<&str>,
    roots: Option<&str>,
) -> Result<SharedHttpClient, ClientsError> {
    if endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) {
        return Ok(Builder::new().build_http());
    }
    // Native roots are for networks whose proxy inspects TLS with a certificate of its own.
    let store = match roots {
        Some("native") => TrustStore::empty().with_native_roots(true),
        _ => TrustStore::empty().with_pem_certificate(AMAZON_ROOTS),
    };
    let context = TlsContext::builder()
        .with_trust_store(store)
        .build()
        .map_err(|error| ClientsError::Tls(error.to_string()))?;
    let provider = Provider::rustls(CryptoMode::Ring);
    Ok(Builder::new().tls_provider(provider).tls_context(context).build_https())
}

fn from_variables(variables: &Variables) -> Option<SharedCredentialsProvider> {
    let id = variables.optional("AWS_ACCESS_KEY_ID")?;
    let secret = variables.optional("AWS_SECRET_ACCESS_KEY")?;
    let token = variables.optional("AWS_SESSION_TOKEN").map(str::to_owned);
    Some(SharedCredentialsProvider::new(Credentials::new(id, secret, token, None, "environment")))
}

#[cfg_attr(
    not(feature = "credential-chain"),
    expect(clippy::unused_async, reason = "the credential chain asks the network")
)]
async fn credentials(
    variables: &Variables,
    region: &Region,
    http: &SharedHttpClient,
) -> Result<SharedCredentialsProvider, ConfigError> {
    if let Some(credentials) = from_variables(variables) {
        return Ok(credentials);
    }
    #[cfg(feature = "credential-chain")]
    return Ok(chain(region.clone(), http.clone()).await);
    #[cfg(not(feature = "credential-chain"))]
    {
        let _ = (region, http);
        Err(ConfigError::Missing("AWS_ACCESS_KEY_ID"))
    }
}

/// Container, profile or instance credentials, refreshed by the SDK.
#[cfg(feature = "credential-chain")]
async fn chain(region: Region, http: SharedHttpClient) -> SharedCredentialsProvider {
    let provider = aws_config::ConfigLoader::default()
        .behavior_version(BehaviorVersion::latest())
        .region(region)
        .http_client(http)
        .load()
        .await
        .credentials_provider();
    provider.unwrap_or_else(|| SharedCredentialsProvider::new(NoCredentials))
}

/// Says at the first call what the chain did not find.
#[cfg(feature = "credential-chain")]
#[derive(Debug)]
struct NoCredentials;

#[cfg(feature = "credential-chain")]
impl aws_credential_types::provider::ProvideCredentials for NoCredentials {
    fn provide_credentials<'a>(
        &'a self,
    ) -> aws_credential_types::provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        use aws_credential_types::provider::{error::CredentialsError, future};
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded(
            "no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the task a role",
        )))
    }
}
