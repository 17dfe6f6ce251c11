//! What the program's worker does in its loops: deadlines fire, texts leave, reports come, an auditor looks.

use crate::musicians::PIECES_WAIT;
use crate::process::Did;
use crate::world::{Checked, Deliveries, Failure, World};
use firstcall::engine::{Claimed, Mark};
use firstcall::worker;
use firstcall_connect::{Because, Handed, Refusal, Report};
use firstcall_store::Tx;
use firstcall_store::messages;
use jiff::{SignedDuration, Timestamp};

/// How often the auditor looks; as in the program's worker.
const AUDIT_EVERY: SignedDuration = SignedDuration::from_mins(15);

impl World {
    /// Does everything that is due, as the loops of the worker would, and looks at what has become of it.
    ///
    /// # Errors
    /// With the first thing that is wrong.
    pub async fn settle(&mut self) -> Checked<()> {
        self.catches_up().await?;
        for round in 0.. {
            let busy = self.takes_left_pieces().await?
                | self.wake_due().await?
                | self.send_due().await?
                | self.take_reports().await?
                | self.audits().await?;
            self.look(busy).await?;
            if !busy {
                break;
            }
            if round > 200 {
                return Err(Failure("it never comes to rest".to_owned()));
            }
        }
        self.checks.nothing_is_overdue(&self.store, self.now()).await
    }

    async fn wake_due(&mut self) -> Checked<bool> {
        let mut any = false;
        let mut rounds = 0;
        while self.wake_some().await? {
            any = true;
            rounds += 1;
            if rounds > 200 {
                return Err(Failure(format!("4.4: woken in vain: {:?}", self.bookings().await?)));
            }
        }
        self.model_wakes();
        Ok(any)
    }

    /// False when nothing is due.
    async fn wake_some(&mut self) -> Checked<bool> {
        let engine = self.engine.clone();
        let due = engine.due(64).await?;
        for id in &due {
            if let Did::Ended(_) = self.runs(engine.wake(*id)).await? {
                self.catches_up().await?;
                return Ok(true);
            }
        }
        Ok(!due.is_empty())
    }

    async fn send_due(&mut self) -> Checked<bool> {
        let engine = self.engine.clone();
        let mut known = self.deliveries().await?;
        let recovered = self.runs(engine.recover_abandoned()).await?;
        let mut moved = self.note_deliveries(&mut known).await?;
        if let Did::Ended(_) = recovered {
            self.catches_up().await?;
            return Ok(true);
        }
        let Some(settled) = self.settle_doubts(&mut known).await? else {
            self.catches_up().await?;
            return Ok(true);
        };
        let claimed = self.runs(engine.claim(64)).await?;
        moved |= self.note_deliveries(&mut known).await?;
        let Did::Said(claimed) = claimed else {
            self.catches_up().await?;
            return Ok(true);
        };
        for message in &claimed {
            if !self.hand_over(message, &mut known).await? {
                self.catches_up().await?;
                return Ok(true);
            }
        }
        Ok(moved || settled || !claimed.is_empty())
    }

    /// Looks up the texts of which nobody knows whether the network has them. None when the process ended over it.
    async fn settle_doubts(&mut self, known: &mut Deliveries) -> Checked<Option<bool>> {
        let engine = self.engine.clone();
        let doubts = engine.doubts(64).await?;
        for doubt in &doubts {
            let records = self.network.look_up(doubt, self.seed);
            self.note(&format!("text {} is looked up: {records:?}", doubt.id));
            self.probe(if records.is_ok() { "a doubt looked up" } else { "records that could not be read" });
            let looked = self.runs(engine.looked_up(doubt, records)).await?;
            let id = doubt.id;
            let text = self.store.read(async move |tx: &mut Tx| messages::get(tx, id).await).await?;
            if let Some(record) = text.and_then(|text| text.network_id?.parse().ok()) {
                self.network.is_known_as(record, id);
            }
            self.note_deliveries(known).await?;
            if let Did::Ended(_) = looked {
                return Ok(None);
            }
        }
        Ok(Some(!doubts.is_empty()))
    }

    /// One text. False when the process ended over it.
    async fn hand_over(&mut self, message: &Claimed, known: &mut Deliveries) -> Checked<bool> {
        let now = self.now();
        let fate = self.network.decide(message, self.seed, now);
        if fate.takes {
            self.note(&format!("text {} to {} is taken", message.id, message.to));
            self.checks.takes(&self.store, &self.network, message, self.engine.policy(), now).await?;
            let id = message.id;
            let text = self.store.read(async move |tx: &mut Tx| messages::get(tx, id).await).await?;
            if text.is_some_and(|text| text.resent) {
                self.probe("a text handed over a second time");
            }
            self.network.takes(message, now);
        }
        if let Some(report) = fate.early {
            self.probe("a report before its text was recorded");
            if !self.is_reported(message.id, report, known).await? {
                return Ok(false);
            }
        }
        let Some(handed) = fate.says else {
            self.note(&format!("the process ends over text {}", message.id));
            self.probe("ended while handing over");
            self.away = fate.away;
            self.ends().await?;
            return Ok(false);
        };
        if matches!(handed, Handed::Later(..)) {
            self.probe("a text that had to wait for the network");
        }
        if !matches!(handed, Handed::Taken(_)) {
            self.note(&format!("text {}: {handed:?}", message.id));
        }
        let engine = self.engine.clone();
        let recorded = self.runs(engine.handed(message, handed.clone())).await?;
        if let Handed::Refused(refusal) = &handed {
            self.believes(message.id, refusal).await?;
        }
        self.note_deliveries(known).await?;
        if matches!(recorded, Did::Said(())) {
            self.checks.was_recorded(&self.store, message.id, &handed).await?;
        }
        Ok(matches!(recorded, Did::Said(())))
    }

    async fn take_reports(&mut self) -> Checked<bool> {
        let mut any = false;
        while let Some((id, report)) = self.network.report(self.now()) {
            any = true;
            let mut known = self.deliveries().await?;
            if !self.is_reported(id, report, &mut known).await? {
                self.catches_up().await?;
            }
        }
        Ok(any)
    }

    /// False when the process ended over it.
    async fn is_reported(&mut self, id: i64, report: Report, known: &mut Deliveries) -> Checked<bool> {
        self.note(&format!("text {id} is reported: {report:?}"));
        let engine = self.engine.clone();
        let text = self.network.taken.get(&id);
        let record = text.map_or(id, |text| text.record).to_string();
        let mark = Mark { id, attempt: text.map(|text| text.attempt) };
        let taken = self.runs(engine.reported(mark, Some(&record), report.clone())).await?;
        if let Report::Failed(refusal) = &report {
            self.believes(id, refusal).await?;
        }
        self.note_deliveries(known).await?;
        if let Did::Ended(_) = taken {
            let now = self.now();
            self.network.report_again(id, report, now);
        }
        Ok(matches!(taken, Did::Said(())))
    }

    /// A network that knows of a STOP, or that a number is none, is believed (rules 4.12, 5.7): the second reading hears of
    /// it if the program has done so.
    async fn believes(&mut self, id: i64, refusal: &Refusal) -> Checked<()> {
        let text = self.store.read(async move |tx: &mut Tx| messages::get(tx, id).await).await?;
        let Some(text) = text else { return Ok(()) };
        let Some(musician) = text.musician else { return Ok(()) };
        let standing = self.people().await?.into_iter().find(|person| person.id == musician).map(|p| p.standing);
        if standing == self.model.standing(musician) {
            return Ok(());
        }
        let stop = refusal.because == Because::OptedOut;
        self.probe(if stop { "a STOP that the network knows of" } else { "a number that is none" });
        let now = self.now();
        let failed = text.booking.zip(text.offer).filter(|_| text.state == "failed");
        match (failed, standing) {
            (Some((booking, offer)), Some(standing)) => self.model.refused(booking, offer, musician, standing, now),
            _ if stop => self.model.opted_out(musician, now),
            _ => {}
        }
        self.tell_the_roster().await
    }

    /// What did not come of a long text does not come any more: what is there of it is read.
    async fn takes_left_pieces(&mut self) -> Checked<bool> {
        let now = self.now();
        // From before the clock was set back: nobody waits for that moment to come once more.
        let set_back = |due: Timestamp| due.duration_since(now) > PIECES_WAIT * 2;
        let Some(pieces) = self.pieces.take_if(|pieces| pieces.due <= now || set_back(pieces.due)) else {
            return Ok(false);
        };
        self.probe("a piece that never came");
        // How far it came would be anybody's guess.
        self.crash.spare();
        let before = self.before(pieces.musician).await?;
        let engine = self.engine.clone();
        self.runs(engine.take_left_pieces()).await?;
        self.note(&format!("musician {} has texted {:?}, and something that is lost", pieces.musician, pieces.words));
        self.understands(pieces.musician, &pieces.words, before).await?;
        Ok(true)
    }

    /// The auditor looks every 15 minutes, takes up what was left, and finds nothing late.
    pub(crate) async fn audits(&mut self) -> Checked<bool> {
        let now = self.now();
        if now < self.next_audit && self.next_audit.duration_since(now) <= AUDIT_EVERY {
            return Ok(false);
        }
        self.next_audit = now.saturating_add(AUDIT_EVERY).unwrap_or(Timestamp::MAX);
        let left = self.left_texts().await?;
        if !left.is_empty() {
            // Which of them it came to would be anybody's guess.
            self.crash.spare();
        }
        let (engine, before) = (self.engine.clone(), self.crash.commits());
        let audited = self.runs(worker::audit(&engine)).await?;
        self.were_read(left).await?;
        match audited {
            Did::Said(overdue) if overdue > 0 => Err(Failure(format!("4.4: the auditor finds {overdue} overdue"))),
            // It always writes once: what is old is forgotten.
            Did::Said(_) => Ok(self.crash.commits() > before + 1),
            Did::Ended(_) => {
                self.catches_up().await?;
                Ok(true)
            }
        }
    }
}
