"use strict";
// A call list is ordered by dragging, too: what is dropped is posted as the form's buttons are.
(() => {
  const form = document.getElementById("order");
  if (!form) return;
  let held = null;
  const row = (event) => event.target.closest?.("li[data-id]");
  for (const item of form.querySelectorAll("li[data-id]")) item.draggable = true;
  form.addEventListener("dragstart", (event) => {
    held = row(event);
    if (!held) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.dataset.id);
  });
  form.addEventListener("dragend", () => { held = null; });
  form.addEventListener("dragover", (event) => { if (held && row(event)) event.preventDefault(); });
  form.addEventListener("drop", (event) => {
    const onto = row(event);
    if (!held || !onto) return;
    event.preventDefault();
    if (onto === held) return;
    const box = onto.getBoundingClientRect();
    const side = event.clientY < box.top + box.height / 2 ? "before" : "after";
    form.elements.drop.value = `${held.dataset.id} ${side} ${onto.dataset.id}`;
    form.submit();
  });
})();
