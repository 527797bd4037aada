// A list that is searched by typing is named by its label: the library that draws it, some time after the page has come,
// gives it no name while it is empty.
const named = () => {
  document.querySelectorAll("select.select2-hidden-accessible").forEach((list) => {
    const label = document.querySelector(`label[for="${list.id}"]`);
    const drawn = list.parentElement.querySelector(".select2-selection");
    const chosen = drawn?.querySelector(".select2-selection__rendered");
    if (!label || !chosen) return;
    label.id ||= `label-of-${list.id}`;
    drawn.setAttribute("aria-labelledby", `${label.id} ${chosen.id}`);
    chosen.setAttribute("aria-labelledby", label.id);
  });
};
new MutationObserver(named).observe(document.documentElement, { childList: true, subtree: true });
