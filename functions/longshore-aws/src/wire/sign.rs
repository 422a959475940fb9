//! Signature Version 4 of one call, with credentials that are renewed before they end.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_types::SdkConfig;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Uri, header};
use http_body_util::Full;

use super::{Unserved, WireError};

const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
/// Credentials are renewed so long before they end; a role's are handed out long before that.
const RENEW_SECS: u64 = 120;

/// Makes signed requests.
#[derive(Debug)]
pub(super) struct Signer {
    uri: Uri,
    host: HeaderValue,
    region: String,
    service: &'static str,
    provider: SharedCredentialsProvider,
    identity: Mutex<Option<Identity>>,
}

impl Signer {
    /// For calls of `service`, as its signatures name it.
    pub(super) fn new(
        sdk: &SdkConfig,
        endpoint: &Uri,
        service: &'static str,
    ) -> Result<Self, WireError> {
        let provider = sdk.credentials_provider().ok_or(WireError::Settings("no credentials"))?;
        let region = sdk.region().ok_or(WireError::Settings("no Region"))?.to_string();
        let fault = || WireError::Endpoint(endpoint.to_string());
        let host = endpoint.authority().ok_or_else(fault)?.as_str();
        let host = HeaderValue::from_str(host).map_err(|_| fault())?;
        let path = if endpoint.path().is_empty() { "/" } else { endpoint.path() };
        let uri = path.parse().map_err(|_| fault())?;
        Ok(Self { uri, host, region, service, provider, identity: Mutex::default() })
    }

    /// A signed call of the action `target` with the body `body`.
    pub(super) async fn request(
        &self,
        target: &'static str,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, Unserved> {
        let identity = self.identity().await?;
        let fault = |error: &dyn std::error::Error| Unserved::Unsignable(error.to_string());
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| fault(&error))?
            .into();
        let host = self.host.to_str().unwrap_or_default();
        let headers = [("host", host), ("content-type", CONTENT_TYPE), ("x-amz-target", target)];
        let signable = SignableRequest::new(
            "POST",
            self.uri.path(),
            headers.into_iter(),
            SignableBody::Bytes(&body),
        );
        let signable = signable.map_err(|error| fault(&error))?;
        let (signature, _) = sign(signable, &params).map_err(|error| fault(&error))?.into_parts();
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        let known = request.headers_mut();
        known.insert(header::HOST, self.host.clone());
        known.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        known.insert("x-amz-target", HeaderValue::from_static(target));
        signature.apply_to_request_http1x(&mut request);
        Ok(request)
    }

    async fn identity(&self) -> Result<Identity, Unserved> {
        let now = SystemTime::now();
        let known = self.known().clone();
        let lasts = |until| move |it: &Identity| it.expiration().is_none_or(|end| end > until);
        let soon = now + Duration::from_secs(RENEW_SECS);
        if let Some(identity) = known.clone().filter(lasts(soon)) {
            return Ok(identity);
        }
        match self.provider.provide_credentials().await {
            Ok(credentials) => {
                let identity = Identity::from(credentials);
                *self.known() = Some(identity.clone());
                Ok(identity)
            }
            // Those that are known are good until they end.
            Err(error) => known
                .filter(lasts(now))
                .ok_or_else(|| Unserved::Lost(format!("no credentials: {error}"))),
        }
    }

    /// The credentials were refused: ask for new ones.
    pub(super) fn forget(&self) {
        *self.known() = None;
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Option<Identity>> {
        self.identity.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
