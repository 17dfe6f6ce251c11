//! One HTTP client for every network.
