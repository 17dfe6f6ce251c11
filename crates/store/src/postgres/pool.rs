//! Connections to the server.

use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use tokio_postgres::{Config, NoTls};

use super::session::failed;
use crate::Error;
use crate::migrate::{self, Migration};

const CONNECTIONS: usize = 16;

/// How long to wait for a connection that is free, or for the server.
const PATIENCE: Duration = Duration::from_secs(10);

/// Nothing here takes long, so what does is stuck. Every question is answered by an index: a plan that was made, and kept,
/// while a table was still empty must not read all of it when it has grown. Planning for that makes what has no index look
/// so dear that compiling it would seem worth while, which it never is. What the address says comes later and wins.
const SETTINGS: &str = "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s \
                        -c synchronous_commit=on -c enable_seqscan=off -c jit=off";

pub(super) fn pool(url: &str) -> Result<Pool, Error> {
    // The message says which part is wrong, and never quotes the password.
    let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| Error::Address(described(&error)))?;
    let settings = format!("{SETTINGS} {}", config.get_options().unwrap_or_default());
    config.options(settings.trim_end());
    if config.get_application_name().is_none() {
        config.application_name("firstcall");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(PATIENCE);
    }
    let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    let pool = Pool::builder(manager).max_size(CONNECTIONS).runtime(Runtime::Tokio1);
    let pool = pool.wait_timeout(Some(PATIENCE)).create_timeout(Some(PATIENCE)).build();
    pool.map_err(|error| Error::Address(error.to_string()))
}

pub(super) async fn connection(pool: &Pool) -> Result<Object, Error> {
    pool.get().await.map_err(|error| match error {
        PoolError::Backend(error) => refused(&error),
        PoolError::Timeout(_) => Error::Unavailable(format!("no connection was free within {PATIENCE:?}")),
        PoolError::Closed => Error::Closed,
        PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => Error::Connection(error.to_string()),
    })
}

/// Whatever the reason, there is no connection.
fn refused(error: &tokio_postgres::Error) -> Error {
    let error = failed("connect", error);
    if let Error::Statement { message, .. } = error { Error::Connection(message) } else { error }
}

pub(super) async fn migrate(pool: &Pool, migrations: &'static [Migration]) -> Result<(), Error> {
    let connection = connection(pool).await?;
    let migrated = migrate::postgres(&connection, migrations).await;
    if migrated.is_err() {
        drop(Object::take(connection));
    }
    migrated
}

/// An error with what lies under it, which is where it says what happened.
pub(super) fn described(error: &tokio_postgres::Error) -> String {
    let cause = std::error::Error::source(error);
    cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}
