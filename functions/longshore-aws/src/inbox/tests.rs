//! The queue against an endpoint that says what it is told to.

use super::host_of;

#[test]
fn a_queue_is_asked_where_its_url_says() {
    let host = host_of("https://sqs.eu-west-1.amazonaws.com/123456789012/work");
    assert_eq!(host, Some("https://sqs.eu-west-1.amazonaws.com"));
    assert_eq!(host_of("http://127.0.0.1:1"), Some("http://127.0.0.1:1"));
    assert_eq!(host_of("work"), None);
}
