// An explanation closes with Escape and stays closed until the pointer or the focus comes back to it.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelectorAll(".dm-tip").forEach((tip) => tip.classList.add("dm-closed"));
});
for (const leaving of ["pointerout", "focusout"]) {
  document.addEventListener(leaving, (event) => {
    const tip = event.target instanceof Element && event.target.closest(".dm-tip");
    if (tip && !tip.contains(event.relatedTarget)) tip.classList.remove("dm-closed");
  });
}
