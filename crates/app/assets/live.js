"use strict";
// What htmx cannot: clocks and countdowns by the server's time, forms that are being filled in are left alone, threads
// stay at their end, and the line to the server is said to be lost.
(() => {
  const desk = document.getElementById("desk"), status = document.getElementById("connection");
  const clock = document.getElementById("clock");
  let told = "", base, since, speed, lost = false, again = 0;

  const now = () => {
    const { now, speed: fast } = desk.dataset;
    if (told !== now + fast) [told, base, speed, since] = [now + fast, Number(now), Number(fast), performance.now()];
    return base + (performance.now() - since) * speed;
  };
  const words = (left) => {
    const s = Math.floor(left / 1000), m = Math.floor(s / 60), h = Math.floor(s / 3600), d = Math.floor(s / 86400);
    if (d >= 2) return d + " days";
    if (h >= 1) return m % 60 ? h + " h " + (m % 60) + " min" : h + " h";
    return m >= 1 ? m + " min" : s + " s";
  };
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

  const threads = () => [...document.querySelectorAll(".thread")];
  const toEnd = (thread) => { thread.scrollTop = thread.scrollHeight; };
  let atEnd = [];
  document.addEventListener("htmx:before:swap", () => {
    atEnd = threads().filter((thread) => thread.scrollTop + thread.clientHeight >= thread.scrollHeight - 8);
  });
  document.addEventListener("htmx:after:swap", () => { atEnd.forEach(toEnd); tick(); });

  // The desk is not swapped where a form has this mark.
  document.addEventListener("input", (event) => event.target.form?.setAttribute("data-dirty", ""));
  document.addEventListener("htmx:finally:request", ({ target, detail }) => {
    if (target.matches("form") && detail.ctx.response?.status < 400) { target.reset(); target.removeAttribute("data-dirty"); }
  });

  const look = () => { again = 0; htmx.trigger(desk, "look"); };
  const lose = () => {
    lost = true;
    status.textContent = "Connection lost, retrying…";
    document.body.classList.add("lost");
  };
  const find = () => {
    if (lost) look();
    lost = false;
    status.textContent = "";
    document.body.classList.remove("lost");
  };
  const failed = ({ target, detail }) => {
    if (detail.ctx?.response?.status === 401 || detail.status === 401) location.reload();
    else if (target === status) lose();
    else if (!again) again = setTimeout(look, 2000);
  };
  for (const name of ["htmx:error", "htmx:response:error", "htmx:sse:error"]) document.addEventListener(name, failed);
  status.addEventListener("htmx:sse:before:connection", ({ detail }) => { if (detail.connection.attempt) lose(); });
  status.addEventListener("htmx:sse:after:connection", find);

  threads().forEach(toEnd);
  tick();
  setInterval(tick, 1000);
})();
