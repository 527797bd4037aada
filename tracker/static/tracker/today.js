// Today refreshes itself: what is new takes the place of what was there, while what somebody types, where she has
// scrolled to and what she has under her fingers stay as they are. Without this script the page works the same.
(() => {
  "use strict";
  const page = document.querySelector("[data-refresh-url]");
  if (!page) return;
  const every = Number(page.dataset.refreshSeconds) * 1000;
  const patience = 15000;
  const notice = document.getElementById("not-refreshed");
  let last = clockOf(document);
  let next = 0;
  let asking = false;

  function clockOf(root) {
    const foot = root.querySelector("#today-foot");
    return foot ? foot.dataset.refreshedAt : "";
  }

  function say(words) {
    if (!words) {
      notice.hidden = true;
      return;
    }
    const said = words.replace("{time}", last);
    // Said once, not again and again: a screen reader reads every change of it.
    if (notice.hidden || notice.firstElementChild.textContent !== said) {
      notice.firstElementChild.textContent = said;
      notice.hidden = false;
    }
  }

  function isBeingRead() {
    const chosen = window.getSelection();
    return Boolean(chosen && !chosen.isCollapsed && page.contains(chosen.anchorNode));
  }

  // The first row in view stays where it is on the screen, whatever comes or goes above it.
  function rowInView() {
    const rows = page.querySelectorAll(".dm-work[id], .dm-section, .dm-hero");
    const seen = [...rows].find((row) => row.id && row.getBoundingClientRect().bottom > 0);
    return seen ? { id: seen.id, top: seen.getBoundingClientRect().top } : null;
  }

  function keepInView(before) {
    const row = before && document.getElementById(before.id);
    const scroller = document.scrollingElement;
    if (row && scroller.scrollTop > 0) scroller.scrollTop += row.getBoundingClientRect().top - before.top;
  }

  function replace(fresh) {
    const focused = document.activeElement && document.activeElement.id;
    const before = rowInView();
    const across = document.getElementById("board") ? document.getElementById("board").scrollLeft : 0;
    for (const part of document.querySelectorAll("[data-live]")) {
      const now = fresh.querySelector(`#${part.id}`);
      if (now && now.innerHTML !== part.innerHTML) part.innerHTML = now.innerHTML;
    }
    const foot = fresh.querySelector("#today-foot");
    document.getElementById("today-foot").dataset.refreshedAt = foot.dataset.refreshedAt;
    for (const part of page.querySelectorAll("[data-from]")) part.textContent = foot.dataset[part.dataset.from];
    const board = document.getElementById("board");
    if (board) board.scrollLeft = across;
    const again = focused && document.getElementById(focused);
    if (again && again !== document.activeElement) again.focus({ preventScroll: true });
    keepInView(before);
  }

  async function refresh() {
    if (asking) return;
    asking = true;
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), patience);
    try {
      const response = await fetch(page.dataset.refreshUrl, {
        headers: { "X-Daymark-Poll": "1" }, redirect: "manual", cache: "no-store", signal: abort.signal,
      });
      if (response.type === "opaqueredirect" || response.status === 403) say(page.dataset.signedOut);
      else if (!response.ok) say(page.dataset.unreachable);
      else show(await response.text());
    } catch (problem) {
      say(page.dataset.unreachable);
    } finally {
      clearTimeout(timer);
      asking = false;
      next = Date.now() + every;
    }
  }

  function show(html) {
    say("");
    if (isBeingRead()) return;
    const fresh = new DOMParser().parseFromString(html, "text/html");
    if (!clockOf(fresh)) return say(page.dataset.signedOut);
    replace(fresh);
    last = clockOf(fresh);
  }

  // A page in the background asks nothing; when it is looked at again, it is made current at once.
  function look() {
    if (!document.hidden && Date.now() >= next) refresh();
  }

  next = Date.now() + every;
  setInterval(look, 1000);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", refresh);
  window.addEventListener("offline", () => say(page.dataset.unreachable));

  for (const field of page.querySelectorAll(".dm-chosen select")) {
    field.addEventListener("change", () => {
      const whose = page.querySelector('.dm-switch [aria-pressed="true"]');
      field.form.requestSubmit(whose);
    });
  }
})();
