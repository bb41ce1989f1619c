// What the chat is about and who answers: filters as chips, and the choice of a model.
const filters = element.querySelector("#filters");
const answerer = element.querySelector("#answerer");
const advice = element.querySelector("#advice");
const NAMES = { source: "Source", since: "From", until: "Until" };
let rows = [];

footnote.setFilter = ({ source = "", since = "", until = "" }) => footnote.settings({ source, since, until });

const chip = (text, label, undo) => {
  const item = document.createElement("li");
  const remove = document.createElement("button");
  remove.type = "button";
  remove.textContent = "×";
  remove.setAttribute("aria-label", label);
  remove.addEventListener("click", () => {
    undo();
    document.querySelector("#asking textarea")?.focus();
  });
  item.append(Object.assign(document.createElement("bdi"), { textContent: text }), remove);
  return item;
};

document.addEventListener("footnote:settings", () => {
  const chosen = footnote.settings();
  const chips = Object.entries(NAMES)
    .filter(([name]) => chosen[name])
    .map(([name, words]) =>
      chip(`${words}: ${chosen[name]}`, `Remove the filter ${words}: ${chosen[name]}`, () => footnote.settings({ [name]: "" })),
    );
  if (Number.isInteger(chosen.number)) {
    const undo = () => footnote.settings({ number: null });
    chips.unshift(chip(`Editing question ${chosen.number + 1}`, "Do not edit, but ask further", undo));
  }
  filters.replaceChildren(...chips);
});

answerer.addEventListener("change", () => {
  const row = rows.find((one) => one.name === answerer.value);
  advice.hidden = row.ready;
  advice.textContent = row.ready ? "" : `${row.name} cannot be used: ${row.state}. ${row.advice}`;
  if (row.ready) footnote.settings({ answerer: row.name });
  else answerer.value = footnote.settings().answerer || rows.find((one) => one.chosen).name;
});

const list = async () => {
  rows = await (await footnote.get("reading/answerers")).json();
  const options = rows.map((row) => {
    const words = row.name === "quote" ? "Quoting the articles" : `Writing with ${row.name}`;
    return new Option(row.ready ? words : `${words} (${row.state})`, row.name, row.chosen, row.chosen);
  });
  answerer.replaceChildren(...options);
};
const leave = async () => {
  const { name } = await (await footnote.get("reading/who")).json();
  const form = document.getElementById("leave");
  if (!name || !form) return;
  form.querySelector("span").textContent = name;
  form.hidden = false;
};
leave().catch((error) => footnote.tell(error.message));
list().catch((error) => footnote.tell(error.message));
