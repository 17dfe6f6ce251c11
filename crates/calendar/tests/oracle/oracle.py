"""The answers of PyPI `icalendar` and `recurring-ical-events` to when a calendar blocks time.

    oracle.py make    writes cases of its own making (the same each time) with their answers
    oracle.py answer  reads cases and writes them again with their answers

A case is a line "# name | owner's zone | from | to", the calendar without BEGIN, VERSION and END of VCALENDAR, a line
"=", and the answers, one "start end" a line, in UTC. Cases are separated by empty lines.
"""
import datetime as dt
import random
import sys
import zoneinfo

import icalendar
import recurring_ical_events
from dateutil.rrule import rrulestr

UTC = dt.timezone.utc
ZONES = ["America/New_York", "Europe/Berlin", "Europe/London", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kolkata",
         "Africa/Cairo", "America/St_Johns", "Asia/Beirut", "Pacific/Chatham", "America/Los_Angeles", "Australia/Sydney",
         "America/Havana", "Africa/Casablanca", "America/Scoresbysund"]
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(value, owner):
    """A date or a time as an instant; days and times without a zone are the owner's."""
    if not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time())
    return (value if value.tzinfo else value.replace(tzinfo=owner)).astimezone(UTC)


def blocks(event):
    free = event.get("TRANSP", "OPAQUE").upper() == "TRANSPARENT" or event.get("STATUS", "").upper() == "CANCELLED"
    return not free and event.get("X-MICROSOFT-CDO-BUSYSTATUS", "BUSY").upper() != "FREE"


def length(event, calendar, start, owner):
    """The end of an instance. The library adds what clocks on the wall say; RFC 5545 has the same exact duration for every
    instance of an event with DTEND (3.8.5.3), and an exact one where DURATION has hours (3.3.6). They differ where an
    instance is across a change of the clock."""
    on_wall = event.end - event.start
    for source in calendar.events:
        timed = isinstance(source.start, dt.datetime) and source.end - source.start == on_wall
        if timed and "DTEND" in source:
            return start + (instant(source.end, owner) - instant(source.start, owner))
        if timed and "DURATION" in source and source.DURATION < dt.timedelta(days=1):
            return start + source.DURATION
    return instant(event.end, owner)


def answer(text, zone, first, last):
    calendar = icalendar.Calendar.from_ical("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\n" + text.replace("\n", "\r\n") + "END:VCALENDAR\r\n")
    owner = zoneinfo.ZoneInfo(zone)
    margin = dt.timedelta(days=3)
    events = recurring_ical_events.of(calendar).between(first - margin, last + margin)
    spans = []
    for event in filter(blocks, events):
        start = instant(event.start, owner)
        end = length(event, calendar, start, owner)
        start, end = max(start, first), min(end, last)
        if start < end:
            spans.append((start, end))
    merged = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return [f"{stamp(start)} {stamp(end)}" for start, end in merged]


def some(random_, pool, most=3):
    return ",".join(str(each) for each in sorted(random_.sample(list(pool), random_.randint(1, most))))


def rule(r):
    """A rule of which a real one might be made."""
    kind = r.choice(["DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY", "YEARLY", "HOURLY", "MINUTELY"])
    parts = [f"FREQ={kind}"]
    if r.random() < 0.5:
        parts.append(f"INTERVAL={r.randint(2, 5) if kind != 'MINUTELY' else r.choice([45, 90, 200, 1441])}")
    elif kind == "MINUTELY":
        parts.append("INTERVAL=77")
    month_days = [*range(1, 32), -1, -2, -5, -31]
    weekdays = some(r, DAYS, 4)
    numbered = ",".join(sorted({f"{r.choice([1, 2, 3, 4, 5, -1, -2])}{r.choice(DAYS)}" for _ in range(r.randint(1, 3))}))
    choose = r.random()
    if kind == "WEEKLY" and choose < 0.7:
        parts.append(f"BYDAY={weekdays}")
    if kind == "MONTHLY":
        if choose < 0.25:
            parts.append(f"BYMONTHDAY={some(r, month_days)}")
        elif choose < 0.5:
            parts.append(f"BYDAY={numbered}")
        elif choose < 0.7:
            parts += [f"BYDAY={weekdays}", f"BYSETPOS={some(r, [1, 2, 3, -1, -2], 2)}"]
        elif choose < 0.8:
            parts += [f"BYMONTHDAY={some(r, range(8, 15), 5)}", f"BYDAY={r.choice(DAYS)}"]
    if kind == "YEARLY":
        if choose < 0.2:
            parts += [f"BYMONTH={some(r, range(1, 13))}", f"BYDAY={numbered}"]
        elif choose < 0.35:
            parts += [f"BYWEEKNO={some(r, [1, 2, 10, 20, 52, 53, -1])}", f"BYDAY={weekdays}"]
        elif choose < 0.5:
            parts.append(f"BYYEARDAY={some(r, [1, 60, 100, 200, 365, 366, -1, -100])}")
        elif choose < 0.6:
            parts.append(f"BYDAY={r.choice([1, 20, 35, -1])}{r.choice(DAYS)}")
        elif choose < 0.8:
            parts += [f"BYMONTH={some(r, range(1, 13))}", f"BYMONTHDAY={some(r, month_days)}"]
        elif choose < 0.9:
            parts += [f"BYMONTH={some(r, range(1, 13))}", f"BYDAY={weekdays}", f"BYSETPOS={some(r, [1, 2, -1, 7], 2)}"]
    if kind == "DAILY" and choose < 0.5:
        parts.append(r.choice([f"BYMONTH={some(r, range(1, 13), 5)}", f"BYDAY={weekdays}", f"BYMONTHDAY={some(r, month_days, 3)}"]))
    if kind == "HOURLY":
        parts.append(f"BYDAY={weekdays}")
        parts.append(r.choice([f"BYHOUR={some(r, range(24), 4)}", f"BYMINUTE={some(r, range(60), 3)}"]))
    if kind == "MINUTELY":
        parts += [f"BYHOUR={some(r, range(24), 4)}", f"BYDAY={weekdays}"]
    if kind in ("DAILY", "WEEKLY", "MONTHLY") and r.random() < 0.2:
        parts += [f"BYHOUR={some(r, range(24), 3)}", f"BYMINUTE={some(r, range(60), 2)}"]
    if r.random() < 0.3:
        parts.append(f"WKST={r.choice(['SU', 'MO', 'TH'])}")
    return ";".join(parts)


def written(value, where, day):
    if day:
        return f";VALUE=DATE:{value:%Y%m%d}"
    if where == "UTC":
        return f":{value:%Y%m%dT%H%M%S}Z"
    return f";TZID={where}:{value:%Y%m%dT%H%M%S}" if where else f":{value:%Y%m%dT%H%M%S}"


def make_one(r, number):
    where = r.choice([*ZONES * 2, "UTC", "UTC", "", ""])
    day = r.random() < 0.12
    parts = rule(r)
    if day:
        parts = ";".join(part for part in parts.split(";") if not part.startswith(("BYHOUR", "BYMINUTE")))
        day = "HOURLY" not in parts and "MINUTELY" not in parts
    begin = dt.datetime(r.randint(2016, 2026), r.randint(1, 12), r.randint(1, 28), r.choice([0, 1, 2, 2, 3, 9, 14, 22, 23]), r.choice([0, 15, 30, 45]))
    if day:
        begin = begin.replace(hour=0, minute=0)
    try:
        recurrence = rrulestr("RRULE:" + parts, dtstart=begin)
        start = next(iter(recurrence.xafter(begin, count=1, inc=True)), None)
    except ValueError:
        return None  # It has no instance at all.
    if start is None or start.year > 2027:
        return None
    if r.random() < 0.25:
        parts += f";COUNT={r.randint(1, 60)}"
    elif r.random() < 0.25:
        until = start + dt.timedelta(days=r.randint(0, 900), hours=r.randint(0, 23))
        parts += f";UNTIL={until:%Y%m%d}" if day else f";UNTIL={until:%Y%m%dT%H%M%S}{'Z' if where else ''}"
    lines = [f"UID:{number}@example.com", "DTSTAMP:20260101T000000Z", f"DTSTART{written(start, where, day)}"]
    minutes = r.choice([15, 30, 60, 90, 180])
    days = r.choice([1, 1, 1, 2, 5])
    end = start + (dt.timedelta(days=days) if day else dt.timedelta(minutes=minutes))
    if day:
        lines.append(r.choice([f"DTEND{written(end, where, day)}", f"DURATION:P{days}D"]))
    else:
        lines.append(r.choice([f"DTEND{written(end, where, day)}", f"DURATION:PT{minutes}M"]))
    lines.append("RRULE:" + parts)
    all_ = list(rrulestr("RRULE:" + parts.replace("Z", ""), dtstart=start).xafter(start, count=400, inc=True))
    center = r.choice(all_)
    # Half of the ranges are around a night in which clocks change somewhere.
    if r.random() < 0.5:
        year = center.year
        center = r.choice([dt.datetime(year, 3, 12), dt.datetime(year, 3, 29), dt.datetime(year, 10, 28), dt.datetime(year, 11, 4), dt.datetime(year, 4, 4), dt.datetime(year, 10, 4)])
    first = center.replace(tzinfo=UTC) - dt.timedelta(days=r.randint(1, 40), minutes=r.randint(0, 1440))
    last = first + dt.timedelta(days=r.randint(5, 90))
    near = [each for each in all_ if first <= each.replace(tzinfo=UTC) <= last] or all_[:20]
    extra, without = [], []
    # Of several instances a day the library also leaves out those whose clock shows in UTC what that of a changed one shows
    # in its own zone. Such cases are among those written by hand.
    alone = all(later - earlier > dt.timedelta(days=1) for earlier, later in zip(all_, all_[1:]))
    if alone and r.random() < 0.4:
        without = r.sample(near, min(len(near), r.randint(1, 3)))
        for each in without:
            lines.append(f"EXDATE{written(each, where, day)}")
    elif r.random() < 0.2:
        other = r.choice(near) + dt.timedelta(days=1, hours=0 if day else 3)
        lines.append(f"RDATE{written(other, where, day)}")
    if alone and r.random() < 0.4 and "RDATE" not in lines[-1]:
        changed = r.sample(near, min(len(near), r.randint(1, 2)))
        for place, each in enumerate(sorted(set(changed) - set(without))):
            moved = each + dt.timedelta(days=r.choice([0, 0, 1, -1, 3]), hours=0 if day else r.choice([0, 1, -2, 5]))
            future = ";RANGE=THISANDFUTURE" if place == 0 and r.random() < 0.4 else ""
            length = dt.timedelta(days=r.choice([1, 2])) if day else dt.timedelta(minutes=r.choice([20, 60, 240]))
            extra += ["BEGIN:VEVENT", f"UID:{number}@example.com", "DTSTAMP:20260102T000000Z", "SEQUENCE:1",
                      f"RECURRENCE-ID{future}{written(each, where, day)}", f"DTSTART{written(moved, where, day)}",
                      f"DTEND{written(moved + length, where, day)}",
                      *r.choice([[], [], ["STATUS:CANCELLED"], ["TRANSP:TRANSPARENT"]]), "END:VEVENT"]
    text = "\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT", *extra]) + "\n"
    return f"generated {number}", r.choice(ZONES), first.replace(second=0), last.replace(second=0), text


def write(name, zone, first, last, text):
    """Prints a case, unless it is too long to be kept."""
    answers = answer(text, zone, first, last)
    if len(answers) > 40:
        return False
    print("\n".join([f"# {name} | {zone} | {stamp(first)} | {stamp(last)}", text + "=", *answers, ""]))
    return True


def make(count):
    r = random.Random(7)
    number = 0
    while number < count:
        case = make_one(r, number)
        if case and write(*case):
            number += 1


def cases(text):
    for block in text.split("\n\n"):
        if not block.strip():
            continue
        head, _, rest = block.strip().partition("\n")
        name, zone, first, last = head.removeprefix("# ").split(" | ")
        yield name, zone, dt.datetime.fromisoformat(first), dt.datetime.fromisoformat(last), rest.partition("\n=")[0] + "\n"


if sys.argv[1] == "make":
    make(int(sys.argv[2]))
else:
    for case in cases(sys.stdin.read()):
        write(*case)
