//! Whatever happens, rule 8 holds.

use super::*;
use firstcall_core::ids::ChairNo;
use firstcall_core::manage::Act;

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn hour(&mut self) -> i64 {
        i64::try_from(self.below(8)).unwrap() + 34
    }
}

fn settings(dice: &mut Dice) -> Policy {
    let quiet = ClockRange { from: time(21, 0, 0, 0), to: time(9, 0, 0, 0) };
    Policy {
        previous_offers: [PreviousOffers::StayOpen, PreviousOffers::Void][usize::from(dice.below(2) == 1)],
        after_no: [AfterNo::Wait, AfterNo::Next][usize::from(dice.below(2) == 1)],
        quiet_hours: (dice.below(2) == 1).then_some(quiet),
        travel_gap: SignedDuration::from_mins(30 * i64::from(dice.below(2) == 1)),
        ..policy()
    }
}

fn act(dice: &mut Dice) -> Act {
    let someone = MusicianId([1, 2, 3, 11, 12][usize::try_from(dice.below(5)).unwrap()]);
    let chair = ChairNo(u16::try_from(dice.below(2)).unwrap());
    match dice.below(12) {
        0 => Act::Pause,
        1 | 2 => Act::Resume,
        3 | 4 => Act::Next,
        5 => Act::Ask(someone, chair),
        6 => Act::Fill(someone, chair),
        7 => Act::Release(chair),
        8 => Act::AddTimes(vec![session(dice.hour())]),
        9 => Act::DropTimes(vec![session(dice.hour())]),
        10 => Act::Move(session(dice.hour())),
        _ => Act::Cancel,
    }
}

fn something(model: &mut Model, dice: &mut Dice, now: Timestamp) {
    let id = BookingId(i64::try_from(dice.below(6)).unwrap());
    let offers = model.view(id).offers.len();
    let offer = OfferNo(u32::try_from(dice.below(offers as u64 + 1)).unwrap());
    match dice.below(16) {
        0..6 => drop(model.answer(id, offer, true, now)),
        6..8 => drop(model.answer(id, offer, false, now)),
        8 => drop(model.stands_by(id, offer, now)),
        9 => drop(model.drops_out(id, offer, now)),
        10 => model.delivered(id, offer, Delivery::Failed(now), now),
        11 => drop(model.manage(id, &act(dice), now)),
        12 if dice.below(10) == 0 => model.opted_out(MusicianId(2), now),
        _ => texts_leave(model, id, now),
    }
}

fn check(model: &Model, now: Timestamp) {
    let mut sessions: Vec<Span> = Vec::new();
    let mut held: Vec<(MusicianId, BookingId, Span)> = Vec::new();
    for id in model.bookings().collect::<Vec<_>>() {
        let view = model.view(id);
        let holds: Vec<&OfferView> = view.offers.iter().filter(|offer| offer.answer == "held").collect();
        for (nth, offer) in holds.iter().enumerate() {
            let twice = holds[..nth].iter().any(|other| (other.option, other.chair) == (offer.option, offer.chair));
            assert!(!twice, "two on one chair");
            let taken = held.iter().any(|(musician, booking, time)| {
                *musician == offer.musician && *booking != id && time.overlaps(&offer.option_time)
            });
            assert!(!taken, "one in two places");
            held.push((offer.musician, id, offer.option_time));
        }
        if view.status == "booked" {
            let time = view.current.unwrap();
            assert!(!sessions.iter().any(|other| other.overlaps(&time)), "two in the studio");
            sessions.push(time);
        }
        assert!(view.deadline.is_none_or(|deadline| deadline > now), "overdue: {view:?}");
        assert!(view.deadline.is_some() || !matches!(view.status, "calling" | "paused"), "waits for nothing");
        let ended = matches!(view.status, "expired" | "cancelled" | "no_times");
        assert!(!ended || view.offers.iter().all(|offer| offer.answer != "held" && !offer.answerable));
    }
}

#[test]
fn whatever_happens_rule_8_holds() {
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let mut model = studio(settings(&mut dice));
        for id in 0..6 {
            let times = [dice.hour(), dice.hour(), dice.hour()];
            book(&mut model, BookingId(id), &[("drums", 1), ("bass", 1)], &times);
        }
        for step in 0..250 {
            let now = hour(0) + SignedDuration::from_mins(step * 10);
            model.wake(now);
            something(&mut model, &mut dice, now);
            model.wake(now);
            check(&model, now);
        }
    }
}
