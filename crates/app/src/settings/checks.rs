//! What has to be set together.

use super::{Settings, SettingsError, SmsProvider};

/// Refuses settings of which one needs another that is not set.
pub(super) fn together(settings: &Settings) -> Result<(), SettingsError> {
    match settings.sms.provider {
        SmsProvider::Phones => {}
        SmsProvider::Twilio => twilio(settings)?,
        SmsProvider::Vonage => vonage(settings)?,
    }
    let rehearsed = settings.sms.dry_run.is_on();
    need("manager.phone", settings.manager.phone.is_some() || !rehearsed, "sms.dry_run is on")?;
    let google = &settings.google;
    let because = "google.client_id and google.client_secret are set together";
    need("google.client_secret", google.client_secret.is_some() || google.client_id.is_none(), because)?;
    need("google.client_id", google.client_id.is_some() || google.client_secret.is_none(), because)?;
    let smtp = &settings.smtp;
    need("smtp.from", smtp.from.is_some() || smtp.host.is_none(), "smtp.host is set")?;
    need("smtp.password", smtp.password.is_some() || smtp.username.is_none(), "smtp.username is set")
}

fn twilio(settings: &Settings) -> Result<(), SettingsError> {
    let because = "sms.provider is \"twilio\"";
    let twilio = &settings.sms.twilio;
    need("sms.twilio.account_sid", twilio.account_sid.is_some(), because)?;
    need("sms.twilio.auth_token", twilio.auth_token.is_some(), because)?;
    let sender = twilio.from.is_some() || twilio.messaging_service_sid.is_some();
    need("sms.twilio.from", sender, "sms.provider is \"twilio\" and sms.twilio.messaging_service_sid is not set")
}

fn vonage(settings: &Settings) -> Result<(), SettingsError> {
    let because = "sms.provider is \"vonage\"";
    let vonage = &settings.sms.vonage;
    need("sms.vonage.api_key", vonage.api_key.is_some(), because)?;
    need("sms.vonage.api_secret", vonage.api_secret.is_some(), because)?;
    need("sms.vonage.from", vonage.from.is_some(), because)?;
    need("sms.vonage.signature_secret", vonage.signature_secret.is_some(), because)
}

fn need(path: &str, there: bool, because: &str) -> Result<(), SettingsError> {
    if there {
        return Ok(());
    }
    let keys = Settings::keys();
    let allowed = keys.iter().find(|key| key.path == path).map_or("a value", |key| key.allowed);
    Err(SettingsError::Missing { key: path.to_owned(), because: because.to_owned(), allowed: allowed.to_owned() })
}
