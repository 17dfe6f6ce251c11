"use strict";
// Keeps a page of the desk live: on every event it fetches the page again and swaps the parts that changed.
(() => {
  const body = document.body;
  const status = document.getElementById("connection");
  const shown = new Map();
  let base, since, speed, last = null, fetching = false, again = false, timer = 0, lost = false;

  const setClock = (from) => {
    base = Number(from.dataset.now);
    speed = Number(from.dataset.speed);
    since = performance.now();
  };
  const now = () => base + (performance.now() - since) * speed;

  const words = (left) => {
    const s = Math.floor(left / 1000), m = Math.floor(s / 60), h = Math.floor(s / 3600), d = Math.floor(s / 86400);
    if (d >= 2) return d + " days";
    if (h >= 1) return m % 60 ? h + " h " + (m % 60) + " min" : h + " h";
    return m >= 1 ? m + " min" : s + " s";
  };
  const clock = document.getElementById("clock");
  const format = new Intl.DateTimeFormat("en-GB", {
    weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: clock.dataset.zone,
  });
  const tick = () => {
    const part = Object.fromEntries(format.formatToParts(now()).map((p) => [p.type, p.value]));
    clock.firstElementChild.textContent = `${part.weekday} ${part.day} ${part.month.slice(0, 3)}, ${part.hour}:${part.minute}`;
    for (const mark of document.querySelectorAll("[data-deadline]")) {
      const left = Number(mark.dataset.deadline) - now();
      const text = left <= 0 ? "now" : "in " + words(left);
      if (mark.textContent !== text) mark.textContent = text;
    }
  };

  // What somebody is typing into is left alone.
  const busy = (part) => part.dataset.dirty || (part.contains(document.activeElement) && part.querySelector("select, input:not([type=hidden]), textarea"));
  const remember = (part) => shown.set(part.id, part.innerHTML);
  const swap = (part, fresh) => {
    const open = [...part.querySelectorAll("details[id]")].map((d) => [d.id, d.open]);
    const focus = part.contains(document.activeElement) ? document.activeElement.id : "";
    const atEnd = part.scrollTop + part.clientHeight >= part.scrollHeight - 8, top = part.scrollTop;
    const next = document.importNode(fresh, true);
    remember(next);
    part.replaceWith(next);
    for (const [id, state] of open) { const d = document.getElementById(id); if (d) d.open = state; }
    if (focus) document.getElementById(focus)?.focus();
    next.scrollTop = atEnd ? next.scrollHeight : top;
  };

  const refresh = async () => {
    if (fetching) { again = true; return; }
    fetching = true;
    try {
      const answer = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
      if (answer.status === 401) { location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-live]")) {
        const fresh = page.getElementById(part.id);
        if (fresh && !busy(part) && shown.get(part.id) !== fresh.innerHTML) swap(part, fresh);
      }
      document.title = page.title;
      setClock(page.body);
      tick();
    } catch {
      setTimeout(soon, 2000);
    } finally {
      fetching = false;
      if (again) { again = false; soon(); }
    }
  };
  const soon = () => { if (!timer) timer = setTimeout(() => { timer = 0; refresh(); }, 120); };

  const listen = () => {
    const url = new URL(body.dataset.events, location.href);
    if (last !== null) url.searchParams.set("since", last);
    const source = new EventSource(url);
    source.onopen = () => {
      if (lost) soon();
      lost = false;
      status.textContent = "";
      body.classList.remove("lost");
    };
    source.onerror = () => {
      lost = true;
      status.textContent = "Connection lost, retrying…";
      body.classList.add("lost");
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
    };
    source.addEventListener("line", (event) => { last = event.lastEventId; soon(); });
    source.addEventListener("changed", soon);
  };

  document.addEventListener("input", (event) => {
    const part = event.target.closest("[data-live]");
    if (part) part.dataset.dirty = "yes";
  });
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-quiet]")) return;
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(form));
    if (event.submitter?.name) fields.set(event.submitter.name, event.submitter.value);
    try { await fetch(form.action, { method: "POST", body: fields, redirect: "manual" }); } finally { form.reset(); soon(); }
  });

  for (const part of document.querySelectorAll("[data-live]")) {
    remember(part);
    part.scrollTop = part.scrollHeight;
  }
  setClock(body);
  setInterval(tick, 1000);
  listen();
})();
