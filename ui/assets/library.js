// The library tab: the table of articles, and adding files. What is drawn comes escaped from our server.
const part = (id) => element.querySelector(`#${id}`);
const shelf = part("shelf");
const filters = part("shelf-filters");
const paste = part("paste");
const zone = part("drop-zone");
const { suffixes, most } = part("library").dataset;
const readable = suffixes.split(",");
const order = { sort: "published", desc: true, page: 1 };
const AT_ONCE = 3;
const PATIENCE = 10;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const plural = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

// The table
let turn = 0;
const draw = async () => {
  const mine = ++turn;
  const wanted = new URLSearchParams({ ...Object.fromEntries(new FormData(filters)), ...order });
  try {
    const html = await (await footnote.get(`library/articles?${wanted}`)).text();
    if (mine !== turn) return;
    const focused = shelf.contains(document.activeElement) ? document.activeElement.id : "";
    shelf.innerHTML = html; // drawn by our server, every word escaped
    if (focused) (part(focused) || part("shelf-count"))?.focus();
    choose();
    const count = part("shelf-count")?.firstChild.textContent;
    if (count && count !== draw.said) footnote.say(count);
    draw.said = count;
  } catch (error) {
    if (mine === turn) footnote.tell(error.message);
  }
};

const chosen = () => [...shelf.querySelectorAll("[data-pick]:checked")].map((box) => box.dataset.pick);

const choose = () => {
  const count = chosen().length;
  part("remove-chosen").disabled = count === 0;
  part("remove-chosen").textContent = count ? `Remove ${plural(count, "article")}` : "Remove chosen";
};

const remove = async (ids, question) => {
  if (!ids.length || !(await footnote.confirm(question, "Remove"))) return;
  try {
    const { removed } = await (await footnote.post("library/remove", { ids })).json();
    footnote.tell(`${plural(removed, "article")} removed.`);
    await draw();
    part("shelf-count")?.focus();
  } catch (error) {
    footnote.tell(error.message);
  }
};

const askThese = () => {
  const { source, since, until } = Object.fromEntries(new FormData(filters));
  const said = [source && `of “${source}”`, since && `from ${since}`, until && `to ${until}`].filter(Boolean).join(" ");
  footnote.setFilter({ source, since, until });
  footnote.tab("Chat");
  const without = filters.elements.search.value ? " The search is not part of it." : "";
  footnote.tell(`Questions now go to ${said ? `articles ${said}` : "all articles"}.${without}`);
};

shelf.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { open, remove: doomed, sort, page } = button.dataset;
  if (open !== undefined) return footnote.openArticle(open);
  if (doomed !== undefined) return remove([doomed], `Remove “${button.closest("tr").querySelector("[data-open]").textContent}” from the library?`);
  if (button.id === "shelf-clear") filters.reset();
  else if (button.getAttribute("aria-disabled")) return;
  else if (page) return void Object.assign(order, { page: Number(page) }), draw();
  else if (sort) Object.assign(order, { desc: order.sort === sort ? !order.desc : sort === "published" || sort === "sentences", sort });
  order.page = 1;
  draw();
});

shelf.addEventListener("change", (event) => {
  if (event.target.id === "shelf-all") for (const box of shelf.querySelectorAll("[data-pick]")) box.checked = event.target.checked;
  choose();
});

let typing;
filters.addEventListener("input", () => {
  clearTimeout(typing);
  order.page = 1;
  typing = setTimeout(draw, 200);
});
filters.addEventListener("submit", (event) => event.preventDefault());
part("ask-these").addEventListener("click", askThese);
part("remove-chosen").addEventListener("click", () => remove(chosen(), `Remove ${plural(chosen().length, "article")} from the library?`));
new IntersectionObserver(([seen]) => seen.isIntersecting && draw()).observe(part("library"));

// Adding: files are sent one by one, and then indexed together; what is added meanwhile waits for its turn.
let adding = Promise.resolve();
let pending = 0;

const row = (name) => {
  const line = document.createElement("li");
  const words = ["name", "state", "detail"].map((look) => Object.assign(document.createElement("span"), { className: look }));
  words[0].textContent = name;
  words[0].dir = words[2].dir = "auto";
  line.append(words[0], " ", words[1], " ", words[2]);
  part("additions-files").append(line);
  return line;
};

const become = (line, state, detail = "") => {
  const failed = state === "failed";
  line.dataset.state = state;
  line.querySelector(".state").textContent = state;
  line.querySelector(".detail").textContent = detail;
  if (failed) part("additions-files").prepend(line);
};

const progress = (sentence, done, total) => {
  part("additions-sentence").textContent = sentence;
  const bar = part("additions-bar");
  if (total) bar.value = done / total;
  else bar.removeAttribute("value");
};

const begin = () => {
  part("additions").hidden = false;
  part("additions-bar").hidden = false;
  part("additions-close").hidden = true;
};

const finish = async (sentence) => {
  const failed = element.querySelectorAll("#additions-files [data-state=failed]").length;
  part("additions-sentence").textContent = sentence;
  part("additions-bar").hidden = true;
  part("additions-close").hidden = false;
  footnote.say(failed ? `${sentence} ${plural(failed, "file")} failed.` : sentence);
  await draw();
};

const send = async (file) => {
  if (file.size > Number(most)) throw new Error(`it is larger than ${Number(most) / 1e6} MB: split it, or index it in a terminal`);
  const response = await footnote.get(`library/upload?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });
  return (await response.json()).token;
};

const sendAll = async (files) => {
  const tokens = new Map();
  const lines = files.map(({ name }) => row(name));
  lines.forEach((line) => become(line, "waiting"));
  let next = 0;
  let sent = 0;
  const worker = async () => {
    while (next < files.length) {
      const number = next++;
      try {
        become(lines[number], "sending");
        const token = await send(files[number].file);
        become(lines[number], "sent");
        tokens.set(token, [...(tokens.get(token) || []), lines[number]]);
      } catch (error) {
        become(lines[number], "failed", error.message);
      }
      progress(`Sending: ${++sent} of ${plural(files.length, "file")}.`, sent, files.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return tokens;
};

const follow = async (told, lines) => {
  const { id } = told;
  for (let lost = 0, quarter = 0; ; ) {
    for (const { token, name, state, detail } of told.files) {
      if (!lines.has(token)) lines.set(token, [row(name)]);
      for (const line of lines.get(token)) become(line, state, detail);
    }
    if (told.state === "done" || told.state === "failed") return told.sentence;
    progress(told.sentence, told.done, told.total);
    const reached = told.total ? Math.floor((4 * told.done) / told.total) : 0;
    if (reached > quarter) footnote.say(`${25 * (quarter = reached)} % read.`);
    await pause(document.hidden ? 2000 : 400);
    try {
      told = await (await footnote.get(`library/jobs/${encodeURIComponent(id)}?after=${told.at}`)).json();
      lost = 0;
    } catch (error) {
      if (++lost >= PATIENCE) throw error;
      await pause(1500);
      told = { ...told, files: [] };
    }
  }
};

const indexed = async (tokens) => {
  if (!tokens.size) return "Nothing was added.";
  return follow(await (await footnote.post("library/index", { files: [...tokens.keys()] })).json(), tokens);
};

const inTurn = (work) => {
  if (!pending++) part("additions-files").replaceChildren();
  adding = adding.then(async () => {
    begin();
    try {
      await finish(await work());
    } catch (error) {
      await finish(error.message);
    }
    pending--;
  });
  return adding;
};

const add = (files, skipped = 0) => {
  const note = part("additions-skipped");
  note.hidden = !skipped;
  note.textContent = `${plural(skipped, "file")} left out: hidden, or of a kind that cannot be read.`;
  if (!files.length && !skipped) return;
  inTurn(async () => indexed(await sendAll(files)));
};

const isReadable = (name) => !name.split("/").some((piece) => piece.startsWith(".")) && readable.some((end) => name.toLowerCase().endsWith(end));

const addFolder = (all) => {
  const files = all.filter(({ name }) => isReadable(name));
  add(files, all.length - files.length);
};

const entriesOf = async (folder) => {
  const reader = folder.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return found;
    found.push(...some);
  }
};

const filesOf = async (entry, path = "") => {
  const name = path + entry.name;
  if (entry.isFile) return [{ name, file: await new Promise((done, failed) => entry.file(done, failed)) }];
  const found = [];
  if (!entry.name.startsWith(".")) for (const inner of await entriesOf(entry)) found.push(...(await filesOf(inner, `${name}/`)));
  return found;
};

const drop = async (transfer) => {
  const items = [...transfer.items].filter((item) => item.kind === "file").map((item) => [item.webkitGetAsEntry?.(), item.getAsFile()]);
  const entries = items.map(([entry]) => entry).filter(Boolean);
  try {
    const named = items.filter(([entry, file]) => !entry && file).map(([, file]) => ({ file, name: file.name }));
    const within = [];
    for (const entry of entries) (entry.isFile ? named : within).push(...(await filesOf(entry)));
    const files = within.filter(({ name }) => isReadable(name));
    add([...named, ...files], within.length - files.length); // what is named outright is tried, and says why it fails
  } catch {
    footnote.tell("What was dropped could not be read. Choose it with the buttons.");
  }
};

for (const type of ["dragenter", "dragover"]) {
  zone.addEventListener(type, (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    zone.classList.add("over");
  });
}
zone.addEventListener("dragleave", (event) => zone.contains(event.relatedTarget) || zone.classList.remove("over"));
zone.addEventListener("drop", (event) => {
  event.preventDefault();
  zone.classList.remove("over");
  drop(event.dataTransfer);
});

const picked = (input) => {
  const files = [...input.files].map((file) => ({ file, name: file.webkitRelativePath || file.name }));
  input.value = "";
  return files;
};
part("add-files").addEventListener("click", () => part("files").click());
part("add-folder").addEventListener("click", () => part("folder").click());
part("files").addEventListener("change", (event) => add(picked(event.target)));
part("folder").addEventListener("change", (event) => addFolder(picked(event.target)));

const unfold = (shown) => {
  paste.hidden = !shown;
  part("add-text").setAttribute("aria-expanded", String(shown));
  (shown ? paste.elements.title : part("add-text")).focus();
};
part("add-text").addEventListener("click", () => unfold(paste.hidden));
paste.addEventListener("reset", () => unfold(false));
paste.addEventListener("submit", (event) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(paste));
  inTurn(async () => {
    const { token, name } = await (await footnote.post("library/paste", fields)).json();
    paste.reset();
    return indexed(new Map([[token, [row(fields.title || name)]]]));
  });
});

part("additions-close").addEventListener("click", () => {
  part("additions").hidden = true;
  part("additions-files").replaceChildren();
  part("add-files").focus();
});

// What was begun before the page was loaded again
footnote.get("library/jobs").then((response) => response.json()).then((ids) => {
  for (const id of ids) inTurn(async () => follow(await (await footnote.get(`library/jobs/${id}`)).json(), new Map()));
}).catch((error) => footnote.tell(error.message));
