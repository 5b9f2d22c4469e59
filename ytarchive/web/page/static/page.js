// Keeps the parts of a page fresh that are marked with data-live. Everything is drawn by the server; without this
// script the page is as it was when it was asked for.
"use strict";

(() => {
  const parts = [...document.querySelectorAll("[data-live]")];
  if (!parts.length) return;

  const announcer = document.getElementById("announcer");
  const QUICK_MS = 1000, CALM_MS = 3000, POLL_MS = 10000, ANNOUNCE_MS = 5000;
  const BIG = new Set(["ended", "listed", "pass", "manifests", "reloaded", "waiting", "planned"]);
  const SAID = new Set(["ended", "pass", "manifests", "reloaded"]);
  let timer = null, wantsAll = false, busy = false, unsaid = [], saying = null;

  // Only "now" is asked for while bytes arrive; the whole page when something began or ended.
  function soon(all) {
    wantsAll = wantsAll || all;
    if (timer === null) timer = setTimeout(refresh, all ? CALM_MS : QUICK_MS);
  }

  async function refresh() {
    timer = null;
    if (busy || document.hidden) return soon(wantsAll);
    busy = true;
    const all = wantsAll;
    wantsAll = false;
    try {
      const answer = await fetch(all ? location.href : "/page/now", { headers: { Accept: "text/html" } });
      if (answer.ok) replace(new DOMParser().parseFromString(await answer.text(), "text/html"), all);
    } catch { /* the daemon is away: the next event or poll tries again */ }
    busy = false;
  }

  function replace(fresh, all) {
    for (const part of document.querySelectorAll("[data-live]")) {
      const other = fresh.getElementById(part.id);
      if (other === null || other.innerHTML === part.innerHTML) continue;
      const focus = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      part.className = other.className;
      part.replaceChildren(...other.childNodes);
      if (focus) [...part.querySelectorAll("a")].find((link) => link.getAttribute("href") === focus)?.focus();
    }
    if (all && fresh.title) document.title = fresh.title;
  }

  // One sentence at a time, and not one for each of a hundred videos.
  function say(text) {
    unsaid.push(text);
    if (saying !== null) return;
    saying = setTimeout(() => {
      const last = unsaid.pop();
      announcer.textContent = unsaid.length ? `${last} (and ${unsaid.length} more)` : last;
      unsaid = [];
      saying = null;
    }, ANNOUNCE_MS);
  }

  function heard(message) {
    let told = {};
    try { told = JSON.parse(message.data); } catch { return; }
    const kind = told.kind || message.type;
    soon(BIG.has(kind) || kind === "started");
    if (SAID.has(kind) && told.text) say(String(told.text));
  }

  const since = document.querySelector("[data-since]")?.dataset.since || "0";
  const source = new EventSource(`/api/v1/events?since=${since}`);
  for (const kind of ["message", "started", "progress", "ended", "listed", "note", "waiting", "pass", "manifests", "planned", "reloaded"])
    source.addEventListener(kind, heard);
  setInterval(() => { if (source.readyState !== EventSource.OPEN) soon(true); }, POLL_MS);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(true); });
})();
