// The laboratory panel by keyboard alone. Without this script everything works with Tab and the mouse.
"use strict";
(() => {
  const form = document.querySelector("form.dm-entry[data-ask]");
  if (!form) return;
  document.body.classList.add("dm-scripted");
  const rows = [...form.querySelectorAll("[data-row]")];
  const cell = (row, name) => row.querySelector(`[data-cell="${name}"]`);
  const part = (root, name) => root.querySelector(`[data-part="${name}"]`);

  // What is remembered is grey until somebody changes it; what is asked is white.
  const remember = (field, known) => {
    if (!field) return;
    field.dataset.known = known;
    field.classList.toggle("dm-remembered", Boolean(known) && field.value === known);
  };
  const repaint = (row) => {
    for (const name of ["unit", "limit"]) {
      const field = cell(row, name);
      if (field) remember(field, field.dataset.known || "");
    }
    const limit = cell(row, "limit");
    const why = row.querySelector(".dm-entry-why");
    // Where the server asked for the reason, the place for it stays.
    if (why && !("asked" in why.dataset)) why.toggleAttribute("data-hide", !limit.dataset.known || !limit.value || limit.value === limit.dataset.known);
  };
  for (const row of rows) {
    for (const name of ["unit", "limit"]) remember(cell(row, name), cell(row, name)?.closest("td").dataset.known);
    repaint(row);
  }

  // Where Enter goes: the shared fields, each value, and of what stands beside it only what is asked.
  const isShown = (field) => field.offsetParent !== null && field.type !== "hidden";
  const isAsked = (field) => {
    const name = field.dataset.cell;
    if (!name || name === "value") return true;
    if (name === "unit") return false;
    return Boolean(cell(field.closest("[data-row]"), "value").value) && !field.classList.contains("dm-remembered");
  };
  const fields = () => [...form.querySelectorAll("input:not([type=radio]), select")].filter(isShown);
  const next = (from, wanted = isAsked) => {
    const all = fields();
    return all.slice(all.indexOf(from) + 1).find(wanted);
  };
  const focus = (field) => {
    if (!field) return;
    field.focus();
    if (field.select && field.type === "text") field.select();
  };

  // Ask what saving would mean, a moment after the last key.
  let waiting = 0;
  let asked = 0;
  const ask = async () => {
    const turn = ++asked;
    const answer = await fetch(form.dataset.ask, { method: "POST", body: new FormData(form), credentials: "same-origin" });
    if (!answer.ok || turn !== asked) return;
    const said = await answer.json();
    for (const row of rows) show(row, said.rows[row.dataset.row]);
    part(document, "gate").innerHTML = said.gate;
    part(form, "open").innerHTML = said.open;
  };
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 250);
  };
  const show = (row, said) => {
    part(row, "state").innerHTML = said.state;
    const place = part(row, "ask");
    if (place.innerHTML.trim() !== said.ask.trim()) place.innerHTML = said.ask;
    for (const name of ["unit", "limit"]) {
      const field = cell(row, name);
      if (!field) continue;
      const untouched = !field.value || field.value === field.dataset.known;
      if (untouched && (said[name] || name === "limit")) field.value = said[name];
      remember(field, said[name]);
    }
    repaint(row);
  };

  const answer = (key) => {
    const open = form.querySelector("[data-open]");
    const choice = open && open.querySelector(`[data-key="${key}"] input`);
    if (!choice) return false;
    const row = open.closest("[data-row]");
    const value = cell(row, "value");
    choice.checked = true;
    if (key === "y" && !choice.dataset.meant) {
      choice.checked = false;
      focus(value);
      return true;
    }
    if (key === "y") {
      value.value = choice.dataset.meant;
      cell(row, "unit").value = choice.dataset.unit;
      choice.checked = false;
      repaint(row);
    }
    open.removeAttribute("data-open");
    if (!document.activeElement || open.contains(document.activeElement)) focus(next(value) || value);
    ask();
    return true;
  };

  form.addEventListener("click", (event) => {
    const label = event.target.closest("[data-key]");
    if (!label) return;
    event.preventDefault();
    answer(label.dataset.key);
  });
  form.addEventListener("input", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) repaint(row);
    if (event.target.name === "laboratory") form.querySelector(".dm-entry-new").toggleAttribute("data-fold", event.target.value !== "+");
    soon();
  });
  // A column copied from a spreadsheet fills the values from here downwards.
  form.addEventListener("paste", (event) => {
    const column = event.clipboardData.getData("text").split(/\r?\n/).map((text) => text.trim());
    while (column.length && !column[column.length - 1]) column.pop();
    if (event.target.dataset.cell !== "value" || column.length < 2) return;
    event.preventDefault();
    const values = rows.map((row) => cell(row, "value"));
    const first = values.indexOf(event.target);
    column.slice(0, values.length - first).forEach((text, index) => { values[first + index].value = text; });
    focus(values[Math.min(first + column.length, values.length) - 1]);
    rows.forEach(repaint);
    soon();
  });
  form.addEventListener("keydown", (event) => {
    const at = event.target;
    const inRow = at.dataset.cell;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button.dm-pri"));
    } else if (event.key === "Enter" && at.matches("input:not([type=radio]), select")) {
      event.preventDefault();
      focus(next(at) || form.querySelector("button.dm-pri"));
    } else if ((event.key === "/" || event.key === "、") && inRow === "value") {
      event.preventDefault();
      focus(cell(at.closest("[data-row]"), "unit"));
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey && (event.code === "KeyY" || event.code === "KeyK")) {
      const typing = inRow === "reason" || at.name === "new_laboratory" || inRow === "unit";
      if (!typing && answer(event.code === "KeyY" ? "y" : "k")) event.preventDefault();
    }
  });
  // The browser itself opens where its own search stands.
  focus(form.querySelector("[autofocus]"));
  ask();
})();
