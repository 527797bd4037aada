/* Shows by itself what a time brings about, as soon as it is typed or picked. Without this file the button does it. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-preview]");
  if (!form) return;
  document.documentElement.classList.add("dm-previews");
  const parts = ["plan-errors", "plan-choices", "plan-preview", "plan-end"];
  let asked = null;
  let timer = 0;

  const byId = (id) => document.getElementById(id);

  function mindTheReason() {
    const save = form.querySelector("[data-needs-reason]");
    if (!save) return;
    const missing = !form.elements.reason.value.trim();
    save.toggleAttribute("aria-disabled", missing);
    if (missing) save.setAttribute("aria-disabled", "true");
    save.setAttribute("aria-describedby", "why");
    form.querySelector("[data-why-reason]").hidden = !missing;
    form.querySelector("[data-why-ready]").hidden = missing;
  }

  async function preview() {
    if (asked) asked.abort();
    asked = new AbortController();
    const data = new FormData(form);
    data.set("show", "1");
    byId("plan-preview").setAttribute("aria-busy", "true");
    // What is on its way is not shown yet: nothing can be saved until it is.
    form.elements.shown.value = "";
    const save = form.querySelector("[data-save]");
    if (save) save.setAttribute("aria-disabled", "true");
    try {
      const answer = await fetch(location.href, { method: "POST", body: data, signal: asked.signal, credentials: "same-origin", redirect: "manual" });
      if (!answer.ok && answer.status !== 422) throw new Error(`answered ${answer.status}`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of parts) {
        const found = page.getElementById(id);
        if (found) byId(id).replaceWith(document.adoptNode(found));
      }
      byId("plan-failed").hidden = true;
      mindTheReason();
    } catch (error) {
      if (error.name === "AbortError") return;
      // What was typed stays; the button asks without this script, and leads to the door where somebody is signed out.
      byId("plan-preview").removeAttribute("aria-busy");
      document.documentElement.classList.remove("dm-previews");
      byId("plan-failed").hidden = false;
    }
  }

  function soon(wait) {
    clearTimeout(timer);
    timer = setTimeout(preview, wait);
  }

  form.addEventListener("change", (event) => {
    const field = event.target;
    if (field.name === "pick") {
      form.elements.at_0.value = field.dataset.day;
      form.elements.at_1.value = field.dataset.clock;
      soon(0);
    } else if (field.name === "at_0" || field.name === "at_1") {
      for (const each of form.querySelectorAll("input[name=pick]")) each.checked = false;
      soon(350);
    } else if (field.name === "clock" || field.name.startsWith("also_") || field.name.startsWith("not_before_")) {
      soon(0);
    }
  });
  form.addEventListener("input", (event) => {
    if (event.target.name === "reason") mindTheReason();
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-save]");
    if (button && button.hasAttribute("aria-disabled")) event.preventDefault();
  });
  mindTheReason();
})();
