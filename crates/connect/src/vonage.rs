//! Vonage: the SMS API, or the Messages API v1, and their webhooks.
