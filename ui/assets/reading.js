// The reading panel: an article beside whatever tab is open, with the cited sentences marked.
const panel = element.querySelector("#reading");
const page = panel.querySelector(".page");
const walked = panel.querySelector("#walked");
const name = panel.querySelector("#reading-name");
let opener = null;
let turn = 0;

const marks = () => [...page.querySelectorAll(".sentence.cited, .sentence.at")];

const goTo = (mark) => {
  const all = marks();
  for (const one of all) one.classList.toggle("at", one === mark);
  const place = all.indexOf(mark);
  const words = Object.assign(document.createElement("span"), { className: "wide", textContent: "Cited sentence " });
  walked.replaceChildren(...(all.length > 1 ? [words, `${place + 1} of ${all.length}`] : []));
  for (const button of panel.querySelectorAll("[data-walk]")) button.hidden = all.length < 2;
  if (!mark) return;
  mark.scrollIntoView({ block: "center" });
  mark.focus({ preventScroll: true });
};

const walk = (step) => {
  const all = marks();
  if (all.length < 2) return;
  goTo(all[(all.findIndex((one) => one.classList.contains("at")) + step + all.length) % all.length]);
};

const show = () => {
  panel.hidden = false;
  panel.dataset.open = "";
  document.body.classList.add("with-reading");
};

const close = () => {
  if (panel.hidden) return;
  turn++;
  panel.hidden = true;
  delete panel.dataset.open;
  document.body.classList.remove("with-reading");
  if (opener?.isConnected) opener.focus();
  opener = null;
};

footnote.openArticle = async (id, { cited = [], at = null, hash = "" } = {}) => {
  const asked = ++turn;
  if (!panel.contains(document.activeElement)) opener = document.activeElement;
  const query = new URLSearchParams({ id, cited: cited.join(","), hash });
  if (at !== null) query.set("at", at);
  try {
    const html = await (await footnote.get(`reading/article?${query}`)).text();
    if (asked !== turn) return;
    page.innerHTML = html; // drawn by our server, every word escaped
    show();
    page.scrollTop = 0;
    name.textContent = page.querySelector("h2").textContent;
    goTo(page.querySelector(".sentence.at"));
    if (!page.querySelector(".sentence.at")) panel.focus();
  } catch (error) {
    if (asked !== turn) return;
    name.textContent = "";
    const line = Object.assign(document.createElement("p"), { textContent: error.message, className: "error", id: "reading-title" });
    page.replaceChildren(line);
    show();
    goTo(null);
    panel.focus();
  }
};

panel.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.id === "close-reading") close();
  else if (button?.dataset.walk) walk(Number(button.dataset.walk));
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]") && footnote.hideCard?.() !== true) close();
  const typed = event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select");
  if (!panel.contains(document.activeElement) || typed) return;
  if (event.key === "n") walk(1);
  if (event.key === "p") walk(-1);
});
