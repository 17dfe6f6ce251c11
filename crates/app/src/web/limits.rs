//! Generous limits per client address (`server.rate_limits`), so that one caller cannot keep the others waiting.

use super::problem::Problem;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

/// So many requests at once, and as many again every minute: more than people and webhooks make, less than harms.
const PER_MINUTE: NonZeroU32 = NonZeroU32::new(1200).unwrap();
/// So many forms one address may send at once, and as many again every hour: each may set off texts to musicians.
const FORMS_PER_HOUR: NonZeroU32 = NonZeroU32::new(20).unwrap();
/// With so many addresses remembered, those that were quiet are forgotten.
const MANY_ADDRESSES: usize = 10_000;

/// What each address has asked for lately.
pub type Limiter = Arc<RateLimiter<IpAddr, HashMapStateStore<IpAddr>, DefaultClock>>;

/// Nobody has asked for anything.
pub fn limiter() -> Limiter {
    Arc::new(RateLimiter::hashmap(Quota::per_minute(PER_MINUTE)))
}

/// No forms were sent.
pub fn forms() -> Limiter {
    Arc::new(RateLimiter::hashmap(Quota::per_hour(FORMS_PER_HOUR)))
}

/// Whether a client may send one more form.
pub fn may_send(limiter: &Limiter, peer: Option<IpAddr>, headers: &HeaderMap) -> bool {
    if limiter.len() > MANY_ADDRESSES {
        limiter.retain_recent();
    }
    peer.and_then(|peer| client(peer, headers)).is_none_or(|client| limiter.check_key(&client).is_ok())
}

/// Lets a request through, unless its client has asked for too much.
pub async fn limit(State(limiter): State<Limiter>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let Some(client) = peer.and_then(|peer| client(peer, request.headers())) else { return next.run(request).await };
    if limiter.len() > MANY_ADDRESSES {
        limiter.retain_recent();
    }
    let Err(until) = limiter.check_key(&client) else { return next.run(request).await };
    let seconds = until.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
    let message = format!("too many requests from {client}: try again in {seconds} s");
    let mut response = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// The address that counts; none for this computer itself. A forwarded address is believed only of a proxy on this
/// computer, and then the last one, which that proxy has seen itself.
pub(super) fn client(peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
    if !peer.is_loopback() {
        return Some(peer);
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back()?;
    forwarded.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forwarded(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::HeaderName::from_static("x-forwarded-for"), value.parse().unwrap())])
    }

    #[test]
    fn a_client_is_who_the_nearest_proxy_has_seen() {
        let (local, remote): (IpAddr, IpAddr) = ("127.0.0.1".parse().unwrap(), "192.0.2.1".parse().unwrap());
        assert_eq!(client(local, &HeaderMap::new()), None);
        assert_eq!(client(remote, &HeaderMap::new()), Some(remote));
        assert_eq!(client(remote, &forwarded("198.51.100.7")), Some(remote));
        assert_eq!(client(local, &forwarded("203.0.113.5, 198.51.100.7")), "198.51.100.7".parse().ok());
    }

    #[test]
    fn an_address_that_asks_for_too_much_is_stopped() {
        let limiter = limiter();
        let address: IpAddr = "192.0.2.1".parse().unwrap();
        let let_through = (0..PER_MINUTE.get() + 50).filter(|_| limiter.check_key(&address).is_ok()).count();
        assert!((PER_MINUTE.get() as usize..PER_MINUTE.get() as usize + 50).contains(&let_through), "{let_through}");
    }
}
