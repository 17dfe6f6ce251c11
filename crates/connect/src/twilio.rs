//! Twilio: REST API 2010-04-01 and its webhooks.
