use super::*;
use firstcall_mail::built_in_instruments;
use jiff::civil::date;

const HEADER: &str = "name,phone,email,time_zone,instruments,notes\n";

fn vocabulary() -> Vocabulary {
    Vocabulary { instruments: built_in_instruments(), studio_zone: TimeZone::get("America/New_York").unwrap() }
}

fn rows(text: &str) -> Vec<Row> {
    read(text.as_bytes(), &vocabulary()).unwrap()
}

fn mistakes(text: impl AsRef<[u8]>) -> Vec<String> {
    read(text.as_ref(), &vocabulary()).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn a_whole_row_is_read() {
    let rows = rows(&format!(
        "{}Ann Example,(212) 555-0143,Ann@Example.com,America/Chicago,\"drums; double bass=3\",\"Loud, but good\",2026-05-01\n",
        HEADER.replace("notes\n", "notes,last_booked\n"),
    ));
    let musician = NewMusician {
        name: "Ann Example".into(),
        phone: Phone::new("+12125550143").unwrap(),
        email: Some(EmailAddress::new("Ann@example.com").unwrap()),
        zone: TimeZone::get("America/Chicago").unwrap(),
        instruments: vec![("drums".into(), 1), ("upright_bass".into(), 3)],
        notes: Some("Loud, but good".into()),
        last_booked: Some(date(2026, 5, 1)),
    };
    assert_eq!(rows, [Row { line: 2, musician }]);
}

#[test]
fn columns_come_in_any_order_and_the_others_are_optional() {
    let rows = rows("Instruments , PHONE,name\nkeys,2125550143,Ann\n");
    assert_eq!(rows[0].musician.instruments, [("keyboard".to_owned(), 1)]);
    assert_eq!(rows[0].musician.zone.iana_name(), Some("America/New_York"));
    assert_eq!((&rows[0].musician.email, &rows[0].musician.notes), (&None, &None));
}

#[test]
fn columns_are_known_by_the_names_that_people_give_them() {
    let rows =
        rows("Name,Phone number,Instrument,E-mail,Timezone\nAnn,2125550143,drums,ann@example.com,America/Chicago\n");
    assert_eq!(rows[0].musician.instruments, [("drums".to_owned(), 1)]);
    assert_eq!(rows[0].musician.zone.iana_name(), Some("America/Chicago"));
}

#[test]
fn without_places_the_order_of_the_rows_is_the_call_list() {
    let rows = rows(&format!(
        "{HEADER}A,2125550101,,,drums;trumpet,\nB,2125550102,,,trumpet=1,\nC,2125550103,,,drums,\nD,2125550104,,,trumpet,\n"
    ));
    let places: Vec<_> = rows.into_iter().map(|row| row.musician.instruments).collect();
    let own = |each: &[(&str, u32)]| each.iter().map(|(name, place)| ((*name).to_owned(), *place)).collect::<Vec<_>>();
    assert_eq!(
        places,
        [own(&[("drums", 1), ("trumpet", 2)]), own(&[("trumpet", 1)]), own(&[("drums", 2)]), own(&[("trumpet", 3)])]
    );
}

#[test]
fn a_byte_order_mark_line_ends_and_empty_lines_do_not_matter() {
    let text =
        "\u{feff}name,phone,instruments\r\n\r\nAnn,2125550101,drums\r\n,,\r\n\r\nBob,2125550102,drums\r\n,,\r\n\r\n";
    assert_eq!(rows(text).iter().map(|row| row.line).collect::<Vec<_>>(), [3, 6]);
    let old = "name,phone,instruments\rAnn,2125550101,drums\r\rBob,2125550102,drums\r";
    assert_eq!(rows(old).iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4]);
    let no_end = "name,phone,instruments\nAnn,2125550101,drums";
    assert_eq!(rows(no_end)[0].line, 2);
}

#[test]
fn every_mistake_is_named_with_its_line_and_column() {
    let text = "name,phone,instruments,notes,email,time_zone,last_booked\n\
        Ann,2125550101,drums,\"one\ntwo\n\nfour\",,,\n\
        ,555-0102,kazoo,,nobody,EST,May 1\n\
        Bob,,,,,America/Gotham,2026-02-30\n\
        Cy,2125550103,drums=0,,,,\n\
        Di,2125550104,drums;drummer,,,,\n";
    let all = "acoustic_guitar, drums, electric_bass, electric_guitar, keyboard, live_piano, tenor_sax, trumpet, \
        upright_bass, violin";
    assert_eq!(
        mistakes(text),
        [
            "line 6, name: empty, but needed",
            "line 6, phone: \"555-0102\": no country code: write it with a + (North American numbers have 10 digits, or \
             11 with a leading 1)",
            "line 6, email: \"nobody\": not an e-mail address: it needs a name, one @ and a domain, without spaces",
            "line 6, time_zone: \"EST\": not a full IANA name; allowed: an IANA zone such as \"America/New_York\"",
            &format!("line 6, instruments: \"kazoo\": no instrument \"kazoo\"; allowed: {all} and their aliases"),
            "line 6, last_booked: \"May 1\": not a date; allowed: year-month-day, such as 2026-11-22",
            "line 7, phone: empty, but needed",
            "line 7, time_zone: \"America/Gotham\": no such zone; allowed: an IANA zone such as \"America/New_York\"",
            "line 7, instruments: empty, but needed",
            "line 7, last_booked: \"2026-02-30\": not a date; allowed: year-month-day, such as 2026-11-22",
            "line 8, instruments: \"drums=0\": \"0\" is no place; allowed: 1, 2, 3…",
            "line 9, instruments: \"drums;drummer\": drums is there twice",
        ]
    );
}

#[test]
fn a_word_for_two_instruments_is_asked_about_unless_it_is_the_name_of_one() {
    let named = |name: &str, alias: &str| InstrumentName { name: name.into(), aliases: vec![alias.into()] };
    let instruments = vec![named("pocket_trumpet", "Brass"), named("tuba", "brass"), named("horn", "tuba")];
    let vocabulary = Vocabulary { instruments, ..vocabulary() };
    let file = |instrument: &str| format!("name,phone,instruments\nAnn,2125550101,{instrument}\n").into_bytes();
    let read = |instrument: &str| read(&file(instrument), &vocabulary).map(|rows| rows[0].musician.instruments.clone());
    assert_eq!(read("Pocket-Trumpet").unwrap(), [("pocket_trumpet".to_owned(), 1)]);
    assert_eq!(read("tuba").unwrap(), [("tuba".to_owned(), 1)]);
    assert_eq!(
        read("brass").unwrap_err()[0].to_string(),
        "line 2, instruments: \"brass\": \"brass\" may mean pocket_trumpet or tuba"
    );
}

#[test]
fn the_same_number_twice_names_both_lines() {
    let text = format!("{HEADER}A,212-555-0101,,,drums,\nB,2125550102,,,drums,\nC,+1 212 555 0101,,,drums,\n");
    assert_eq!(mistakes(text), ["line 4, phone: \"+1 212 555 0101\": the same number as in line 2"]);
}

#[test]
fn columns_that_are_unknown_missing_or_doubled_are_named() {
    let allowed = "name, phone, email, time_zone, instruments, notes, last_booked";
    assert_eq!(
        mistakes("name,mobile,name\nAnn,2125550101,Ann\n"),
        [
            &format!("line 1, mobile: no such column; allowed: {allowed}"),
            "line 1, name: this column is there twice",
            "line 1, phone: this column is missing",
            "line 1, instruments: this column is missing",
        ]
    );
    assert!(mistakes("name;phone;instruments\n")[0].contains("save the file with commas"));
}

#[test]
fn rows_have_as_many_fields_as_there_are_columns() {
    let reason = "a field with a comma in it is put in quotation marks";
    assert_eq!(
        mistakes("name,phone,instruments\nAnn,2125550101\nBob,2125550102,drums,loud\n"),
        [format!("line 2: 2 fields, but 3 columns; {reason}"), format!("line 3: 4 fields, but 3 columns; {reason}")]
    );
}

#[test]
fn files_that_are_no_text_are_told_apart() {
    assert_eq!(mistakes(""), ["line 1: the file is empty"]);
    assert_eq!(mistakes("\u{feff}\r\n\r\n"), ["line 1: the file is empty"]);
    assert_eq!(mistakes(b"\xff\xfen\0a\0"), ["line 1: the file is in UTF-16: save it as \"CSV UTF-8\""]);
    assert_eq!(
        mistakes(b"name,phone,instruments\nAnn,2125550101,drums\nZo\xeb,2125550102,drums\n"),
        ["line 3: a character that is not UTF-8: save the file as \"CSV UTF-8\""]
    );
    assert_eq!(
        mistakes("name,phone,instruments\nAnn,2125550101,drums\n\"Bob,2125550102,drums\nCy,2125550103,drums\n"),
        ["line 3: a quotation mark that is never closed"]
    );
}

#[test]
fn what_is_written_can_be_read_back() {
    let text = "name,phone,email,time_zone,instruments,notes,last_booked\n\
        \"Zoë \"\"Z\"\" Example, Jr.\",+12125550101,z@example.com,America/Chicago,drums=2;trumpet=1,\"=SUM(A1)\nsecond line\",2026-05-01\n\
        Bob,+12125550102,,America/New_York,drums=1,,\n";
    let read = rows(text);
    assert_eq!(write(read.iter().map(|row| &row.musician)).unwrap(), text);
}

#[test]
fn only_a_header_is_a_file_without_musicians() {
    assert_eq!(rows(HEADER), []);
}
