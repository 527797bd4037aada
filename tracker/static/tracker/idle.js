// Keeps somebody who is typing signed in, warns before a session ends, and says it when it has ended: what was typed
// is not lost. The server alone decides; this asks it. A request with X-Daymark-Poll keeps nobody signed in.
document.addEventListener("DOMContentLoaded", () => {
  const box = document.getElementById("dm-idle");
  if (!box) return;
  const limit = Number(box.dataset.seconds) * 1000;
  const warning = Math.min(120000, limit / 3);
  const noted = Math.min(60000, limit / 10);
  const made = (tag, text, more) => Object.assign(document.createElement(tag), { textContent: text, ...more });
  const said = made("p", "");
  const words = made("span", "");
  // Read aloud once, not every five seconds.
  const clock = made("b", "", { ariaHidden: "true" });
  said.append(words, " ", clock);
  const stays = made("button", box.dataset.stay, { type: "button", className: "dm-btn dm-pri" });
  const door = made("a", box.dataset.again, { href: box.dataset.door, target: "_blank", className: "dm-btn dm-pri" });
  box.append(said, stays, door);
  let deadline = Date.now() + limit;
  let stayed = Date.now();
  let touched = false;
  let over = false;
  let token = "";

  const show = (soon) => {
    const hidden = !soon && !over;
    if (box.hidden !== hidden) box.hidden = hidden;
    stays.hidden = over;
    door.hidden = !over;
    const left = Math.max(0, Math.ceil((deadline - Date.now()) / 1000));
    const text = over ? box.dataset.over : box.dataset.soon;
    if (words.textContent !== text) words.textContent = text;
    clock.textContent = over ? "" : `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  };

  // Signing in again, in another tab, changes the token with which the forms of this page are sent.
  const renew = (fresh) => {
    token = fresh;
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((field) => { field.value = fresh; });
  };

  const ask = async (method) => {
    const headers = method === "POST" ? { "X-CSRFToken": token } : { "X-Daymark-Poll": "1" };
    let answer;
    try {
      answer = await fetch(box.dataset.url, { method, headers, redirect: "manual", credentials: "same-origin" });
    } catch {
      return; // No network: nothing is known, and nothing said.
    }
    if (answer.type === "opaqueredirect" || answer.status === 401) {
      over = true;
    } else if (answer.ok) {
      const told = await answer.json();
      // Somebody else at the same desk: this page stays hers who opened it.
      over = String(told.user) !== box.dataset.user;
      if (over) return;
      const cameBack = Date.now() >= deadline;
      deadline = Date.now() + told.seconds_left * 1000;
      if (cameBack || !token) renew(told["X-CSRFToken"]);
    }
  };

  const stay = async () => {
    if (!token) await ask("GET");
    stayed = Date.now();
    touched = false;
    await ask("POST");
  };

  const look = async () => {
    if (over) {
      await ask("GET");
    } else if (touched && Date.now() - stayed >= noted) {
      await stay();
    } else if (deadline - Date.now() <= warning) {
      await ask("GET"); // Another tab may have been used meanwhile.
    }
    show(deadline - Date.now() <= warning);
  };

  ["keydown", "input", "pointerdown"].forEach((name) => document.addEventListener(name, () => { touched = true; }));
  stays.addEventListener("click", () => stay().then(() => show(false)));
  setInterval(look, Math.min(5000, limit / 20));
});
