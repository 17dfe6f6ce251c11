//! Words of others, made fit for logs.
