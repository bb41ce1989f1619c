// Runs once for the conversation's element; Gradio gives `element` and `watch`.
// Gradio redraws the conversation for every event: what the person has folded or unfolded is kept here.
const folds = new Map();
let exchanges = 0;

element.addEventListener("toggle", (event) => folds.set(event.target.id, event.target.open), true);

element.addEventListener("click", (event) => {
  const marker = event.target.closest("a.marker");
  if (!marker) return;
  event.preventDefault();
  const note = document.getElementById(marker.hash.slice(1));
  if (!note) return;
  note.open = true;
  note.querySelector("summary").focus({ preventScroll: true });
  note.scrollIntoView({ block: "nearest" });
});

// An empty question goes nowhere: when Gradio's reply came it would empty the box, with what is typed by then.
const stopEmpty = (event) => {
  const asking = document.getElementById("asking");
  const asked = event.type === "click" ? event.target.closest("button") : event.key === "Enter" && event.target;
  if (!asked || !asking?.contains(asked) || asking.querySelector("textarea, input").value.trim()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
};
for (const type of ["click", "keydown", "keypress"]) document.addEventListener(type, stopEmpty, true);

watch("value", () => {
  for (const [id, open] of folds) {
    const note = document.getElementById(id);
    if (note) note.open = open;
  }
  const all = element.querySelectorAll("article.exchange");
  if (all.length === 0) folds.clear();
  if (all.length > exchanges) all[all.length - 1].scrollIntoView({ block: "start" });
  exchanges = all.length;
});
