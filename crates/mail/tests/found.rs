//! What the fuzzer found, made small: each with the reading that is right.

#![allow(clippy::unwrap_used, reason = "a helper of tests may fail the test")]

mod common;

use common::{fields, mail_with, reading};

const FORM: &str = "Instrument: drums\nDate: Friday, December 11\nTime: 3 PM\nTime zone: Eastern\n";

#[test]
fn a_damaged_sender_is_nobody_s_address_1_6() {
    for from in [
        "From: Thessaly <thessaly.From: Jericho <jericho@example.com>\r\n",
        "From: <wren@example.com@example.com>\r\n",
        "From: <wren halloway@example.com>\r\n",
        "From: <@example.com>\r\n",
    ] {
        let got = reading(&mail_with(from, FORM));
        assert_eq!((got.client.email.as_deref(), fields(&got).as_str()), (None, "client"), "{from}");
    }
}
