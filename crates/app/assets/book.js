// The booking form with a script: the reader's time zone is found out, and times are tapped on a calendar. Without it the
// form lists them week by week.
(() => {
  const id = (name) => document.getElementById(name);
  const when = id("when"), plain = id("plain"), zone = id("zone"), minutes = id("minutes");
  const studio = when.dataset.studio, now = +when.dataset.now;
  const chosen = new Set();
  let starts = [], month = null, day = null, asked = 0;

  const make = (tag, attributes = {}, ...content) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "onclick") element.onclick = value;
      else if (value !== null) element.setAttribute(name, value);
    }
    element.append(...content);
    return element;
  };
  const format = (place, options) => new Intl.DateTimeFormat("en-GB", { timeZone: place, ...options });
  const known = (place) => { try { return format(place, {}).resolvedOptions().timeZone; } catch { return null; } };
  const own = () => known(zone.value.trim()) || studio;
  const date = (at) => new Date(at * 60000);
  const say = (place, options, at) => format(place, options).format(date(at)).replace(",", "");
  // "2026-12-02" where the reader is.
  const key = (at, place = own()) => {
    const part = Object.fromEntries(format(place, { year: "numeric", month: "2-digit", day: "2-digit" })
      .formatToParts(date(at)).map(({ type, value }) => [type, value]));
    return `${part.year}-${part.month}-${part.day}`;
  };
  const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const DAY = { weekday: "short", day: "numeric", month: "short" };
  // "10:00"; where the clock shows it twice, with its offset.
  const clock = (at, place) => {
    const shown = say(place, CLOCK, at);
    const twice = [-60, -30, 30, 60].some((gap) => say(place, CLOCK, at + gap) === shown);
    return twice ? say(place, { ...CLOCK, timeZoneName: "short" }, at) : shown;
  };
  const there = (at) => {
    const place = own(), same = say(place, { ...DAY, ...CLOCK }, at) === say(studio, { ...DAY, ...CLOCK }, at);
    if (same) return "";
    const other = key(at, place) === key(at, studio) ? "" : say(studio, { weekday: "short" }, at) + " ";
    return `${other}${clock(at, studio)} at the studio`;
  };
  const whole = (at) => {
    const studios = there(at);
    const time = `${say(own(), DAY, at)} ${clock(at, own())}`;
    return studios ? `${time} your time (${studios})` : time;
  };

  const pick = make("div", { id: "pick" });
  const said = make("p", { class: "soft" }), status = make("p", { role: "status", class: "soft" });
  const head = make("div", { class: "month" }), table = make("table", { class: "cal" });
  const slots = make("div", { class: "slots" }), list = make("ul", { class: "chosen" });
  const title = make("strong", { id: "month", "aria-live": "polite" });
  const back = make("button", { type: "button", "aria-label": "Month before", onclick: () => go(-1) }, "‹");
  const on = make("button", { type: "button", "aria-label": "Next month", onclick: () => go(1) }, "›");
  const times = make("p", { id: "times", tabindex: "-1" });
  table.setAttribute("aria-labelledby", "month");
  slots.setAttribute("role", "group");
  slots.setAttribute("aria-labelledby", "times");
  head.append(back, title, on);
  pick.append(said, head, table, times, slots, status, list);

  const first = (text) => new Date(`${text}-01T00:00:00Z`);
  const days = () => {
    const begin = first(month);
    return new Date(Date.UTC(begin.getUTCFullYear(), begin.getUTCMonth() + 1, 0)).getUTCDate();
  };
  const go = (step) => {
    const begin = first(month);
    month = new Date(Date.UTC(begin.getUTCFullYear(), begin.getUTCMonth() + step, 1)).toISOString().slice(0, 7);
    day = null;
    load();
  };

  // Asks for a month; an answer to an older question is not looked at. In the beginning an empty month is left.
  const load = async (skip = 0) => {
    const question = ++asked;
    const answer = await fetch(`./book/times?from=${month}-01&days=${days()}&minutes=${minutes.value}`);
    if (question !== asked) return;
    if (!answer.ok) throw new Error(answer.status);
    starts = (await answer.json()).starts;
    if (question !== asked) return;
    if (skip > 0 && !starts.some((at) => key(at).startsWith(month))) {
      const begin = first(month);
      month = new Date(Date.UTC(begin.getUTCFullYear(), begin.getUTCMonth() + 1, 1)).toISOString().slice(0, 7);
      await load(skip - 1);
      return;
    }
    show();
  };

  const show = () => {
    const place = own();
    said.textContent = place === studio ? `Times are in the studio's zone, ${place}.` : `Times are in your zone, ${place}.`;
    title.textContent = first(month).toLocaleString("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
    back.disabled = month <= key(now).slice(0, 7);
    const free = new Map();
    for (const at of starts) free.set(key(at), [...(free.get(key(at)) || []), at]);
    const mine = new Set([...chosen].map((at) => key(at)));
    const names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map((name) => make("th", { scope: "col" }, name));
    const body = make("tbody");
    let row = make("tr");
    for (let blank = (first(month).getUTCDay() + 6) % 7; blank > 0; blank--) row.append(make("td"));
    for (let number = 1; number <= days(); number++) {
      const name = `${month}-${String(number).padStart(2, "0")}`, count = (free.get(name) || []).length;
      const words = new Date(`${name}T00:00:00Z`).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
      const label = `${words}, ${count ? `${count} ${count === 1 ? "time" : "times"}` : "no time"}${mine.has(name) ? ", chosen" : ""}`;
      row.append(make("td", {}, make("button", {
        type: "button", "data-day": name, "aria-label": label, "aria-pressed": String(name === day), disabled: count ? null : "",
        class: mine.has(name) ? "some" : "", onclick: () => { day = name; show(); focus(name); },
      }, String(number))));
      if (row.children.length === 7) { body.append(row); row = make("tr"); }
    }
    if (row.children.length) body.append(row);
    table.replaceChildren(make("thead", {}, make("tr", {}, ...names)), body);
    const open = free.get(day) || [];
    times.textContent = open.length ? `Times on ${say(place, DAY, open[0])}:`
      : free.size ? "Choose a day." : "No time is free in this month.";
    slots.replaceChildren(...open.map((at) => make("button", {
      type: "button", "data-at": at, "aria-pressed": String(chosen.has(at)), onclick: () => toggle(at),
    }, `${clock(at, place)} `, there(at) ? make("small", {}, there(at)) : "")));
    list.replaceChildren(...[...chosen].sort((a, b) => a - b).map((at) => make("li", {},
      make("span", {}, whole(at)), make("input", { type: "hidden", name: "time", value: at }),
      make("button", { type: "button", "aria-label": `Remove ${whole(at)}`, onclick: () => { toggle(at); times.focus(); } }, "Remove"))));
    status.textContent = chosen.size ? `${chosen.size} ${chosen.size === 1 ? "time" : "times"} chosen:` : "No time chosen yet.";
  };
  const focus = (name) => table.querySelector(`[data-day="${name}"]`)?.focus();
  const toggle = (at) => {
    if (!chosen.delete(at)) chosen.add(at);
    show();
    slots.querySelector(`[data-at="${at}"]`)?.focus();
  };

  // Arrow keys go from day to day; the tabulator does too.
  table.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...table.querySelectorAll("button")];
    for (let at = all.indexOf(document.activeElement) + step; at >= 0 && at < all.length; at += step) {
      if (!all[at].disabled) { all[at].focus(); return; }
    }
  };

  const begin = async () => {
    const found = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if ("fresh" in zone.dataset && known(found)) zone.value = found;
    for (const box of when.querySelectorAll("input[name=time]")) if (box.checked) chosen.add(+box.value);
    month = key(chosen.size ? Math.min(...chosen) : now).slice(0, 7);
    day = chosen.size ? key(Math.min(...chosen)) : null;
    await load(2);
    // From here on the list is the calendar's; where it cannot be had, the form stays as it was.
    for (const label of when.querySelectorAll("label.slot")) label.remove();
    plain.hidden = true;
    plain.replaceChildren();
    when.append(pick);
    const again = () => load().catch(() => { status.textContent = "The times cannot be had right now. Please try again."; });
    minutes.onchange = () => { asked++; again(); };
    zone.onchange = () => { day = null; if (known(zone.value.trim())) show(); };
  };
  begin().catch(() => {});
})();
