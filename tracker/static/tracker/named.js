// A list that is searched by typing is named by its label: the library that draws it gives it no name while it is empty.
window.addEventListener("load", () => {
  document.querySelectorAll("select.select2-hidden-accessible").forEach((list) => {
    const label = document.querySelector(`label[for="${list.id}"]`);
    const drawn = list.parentElement.querySelector(".select2-selection");
    const chosen = drawn?.querySelector(".select2-selection__rendered");
    if (!label || !chosen) return;
    label.id ||= `label-of-${list.id}`;
    drawn.setAttribute("aria-labelledby", `${label.id} ${chosen.id}`);
    chosen.setAttribute("aria-labelledby", label.id);
  });
});
