//! What Google's own description of its calendars says of what we ask.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

#[path = "support/calendars.rs"]
mod calendars;
#[path = "support/node.rs"]
mod node;
#[path = "support/google.rs"]
mod scripted;
mod support;

use calendars::event;
use firstcall_connect::calendars::google::{Channel, PRIMARY, SCOPE_BUSY, SCOPE_WRITE, event_id};
use jiff::Timestamp;
use scripted::{ACCESS, UID, at_ten, body, new_york, problem, query, scripted};
use serde_json::{Value, json};
use support::Request;

/// The official description of the interface, which `scripts/test` takes out of Google's client for Python.
fn description() -> Value {
    let path = node::folder().join("calendar.v3.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("scripts/test installs it")).unwrap()
}

/// What the description has for a request: a template such as "calendars/{calendarId}/events" fits segment by segment.
fn method<'a>(description: &'a Value, request: &Request) -> &'a Value {
    let (verb, target) = request.line.split_once(' ').unwrap();
    let path = target.split([' ', '?']).next().unwrap().strip_prefix("/calendar/v3/").unwrap();
    let fits = |template: &str| {
        template.split('/').count() == path.split('/').count()
            && template.split('/').zip(path.split('/')).all(|(ours, theirs)| ours.starts_with('{') || ours == theirs)
    };
    let all = description["resources"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|of| of["methods"].as_object().unwrap().values());
    let mut fitting = all.filter(|each| each["httpMethod"] == verb && fits(each["path"].as_str().unwrap()));
    // "events/quickAdd" and the like have no template in their place, and come with other verbs.
    fitting.next().unwrap_or_else(|| panic!("{}", request.line))
}

/// What of a value the description does not allow.
fn wrong(description: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(name) = schema["$ref"].as_str() {
        return wrong(description, &description["schemas"][name], value, at);
    }
    let kind = schema["type"].as_str().unwrap_or("nothing");
    match value {
        Value::Object(fields) if kind == "object" => {
            let of = |name: &str| schema["properties"].get(name).or(schema.get("additionalProperties"));
            let each = fields.iter().map(|(name, value)| match of(name) {
                Some(schema) => wrong(description, schema, value, &format!("{at}.{name}")),
                None => vec![format!("{at}.{name} is unknown")],
            });
            each.flatten().collect()
        }
        Value::Array(all) if kind == "array" => {
            all.iter().flat_map(|each| wrong(description, &schema["items"], each, &format!("{at}[]"))).collect()
        }
        Value::String(text) if kind == "string" => match schema["format"].as_str() {
            Some("date-time") if text.parse::<Timestamp>().is_err() => vec![format!("{at} is no time")],
            _ => vec![],
        },
        Value::Number(_) if kind == "integer" => vec![],
        Value::Bool(_) if kind == "boolean" => vec![],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            vec![format!("{at} is not of type {kind}")]
        }
    }
}

#[tokio::test]
async fn the_official_description_allows_what_we_ask() {
    let description = description();
    let request = json!({ "$ref": "FreeBusyRequest" });
    let faults = json!({ "timeMin": "soon", "item": [], "items": [{ "id": 7 }], "timeZone": {} });
    // It does judge.
    assert_eq!(wrong(&description, &request, &faults, "").len(), 4);

    let (server, google) = scripted(&[problem(409, "duplicate"), problem(500, "")]).await;
    let zone = new_york();
    let of = event(UID, at_ten(), &zone);
    let _ = google.insert(ACCESS, "c", &event_id(UID, 0), &of).await;
    let _ = google.update(ACCESS, "c", &event_id(UID, 0), &of).await;
    let _ = google.delete(ACCESS, "c", &event_id(UID, 0)).await;
    let _ = google.create_calendar(ACCESS, "First Call", &zone).await;
    let _ = google.busy(ACCESS, &[PRIMARY, "ann@example.com"], at_ten()).await;
    let channel = Channel { id: "c-1", token: "s", address: "https://calls.example.com/hooks/google/calendar" };
    let _ = google.watch(ACCESS, PRIMARY, &channel, Timestamp::now()).await;
    let requests = server.requests();
    assert_eq!(requests.len(), 7);
    for request in requests {
        let method = method(&description, &request);
        let scope =
            if request.line.contains("freeBusy") || request.line.contains("watch") { SCOPE_BUSY } else { SCOPE_WRITE };
        assert!(method["scopes"].as_array().unwrap().contains(&json!(scope)), "{}: {}", request.line, method["scopes"]);
        let target = format!("http://x{}", request.line.split(' ').nth(1).unwrap());
        for (name, value) in query(&target) {
            let allowed = &method["parameters"][&name]["enum"];
            assert!(allowed.as_array().unwrap().contains(&json!(value)), "{name}={value}: {allowed}");
        }
        match request.body.as_str() {
            "" => assert!(method.get("request").is_none(), "{}", request.line),
            _ => assert_eq!(wrong(&description, &method["request"], &body(&request), ""), [""; 0]),
        }
    }
}
