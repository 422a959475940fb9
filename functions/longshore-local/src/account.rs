//! The one account and Region that this AWS is, and the names of what lives in it.

/// Account, Region and address: what every ARN and queue URL is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// A Region name, `us-east-1` unless told.
    pub region: String,
    /// Where this AWS answers, without a trailing slash: `http://127.0.0.1:4566`.
    pub endpoint: String,
}

impl Account {
    /// The account of a laptop: `000000000000` in `us-east-1`, at `endpoint`.
    #[must_use]
    pub fn local(endpoint: &str) -> Self {
        Self {
            id: "000000000000".into(),
            region: "us-east-1".into(),
            endpoint: endpoint.trim_end_matches('/').into(),
        }
    }

    /// `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`, the form of all but S3.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.id)
    }

    /// The URL by which SQS clients name the queue.
    #[must_use]
    pub fn queue_url(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.endpoint, self.id)
    }
}
