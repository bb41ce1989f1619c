// The conversation: Gradio redraws the exchange that grows; this follows it, and does what its links and buttons say.
const DONE = "article.exchange[data-done]";
let folds = new Map();
let announced = 0;
let current = "";

const box = () => document.querySelector("#asking textarea, #asking input");
const busy = () => Boolean(element.querySelector("article.exchange:not([data-done])"));
const chatOf = () => element.querySelector("[data-chat]")?.dataset.chat;

const address = (chat) => {
  const query = new URLSearchParams(location.search);
  query.delete("article");
  query.delete("sentence");
  if (chat) query.set("chat", chat);
  else query.delete("chat");
  history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
};

footnote.openChat = (chat) => {
  footnote.settings({ chat, number: null });
  address(chat);
  trigger("open", { chat });
  box()?.focus();
};

// Gradio calls this once a chat is there; its last exchange is where the person was.
footnote.opened = () => {
  current = "";
  [...document.querySelectorAll("#past article.exchange")].at(-1)?.scrollIntoView({ block: "start" });
  footnote.listChats?.();
};

const ask = (question, number = null) => {
  if (busy()) return footnote.tell("Stop the present answer first.");
  trigger("again", { question, number });
};

// What is new in the answer is said once, and not the whole of it at every change.
const announce = (exchange) => {
  const claims = [...exchange.querySelectorAll(".claim .said")].map((claim) => claim.textContent);
  const news = claims.slice(announced);
  announced = claims.length;
  if (!exchange.hasAttribute("data-done")) return news.length && footnote.say(news.join(" "));
  const notes = exchange.querySelectorAll("ol.notes > li").length;
  const rest = exchange.querySelector(".refusal .answer, .error")?.textContent || `${notes} footnote${notes === 1 ? "" : "s"}.`;
  footnote.say([...news, rest].join(" "));
};

watch("value", () => {
  const exchange = element.querySelector("article.exchange");
  document.body.classList.toggle("answering", busy());
  for (const [id, open] of folds) {
    const details = document.getElementById(id);
    if (details) details.open = open;
  }
  if (!exchange) return;
  const { chat, number } = element.querySelector("[data-chat]").dataset;
  const shown = `${chat}/${exchange.dataset.number}/${exchange.dataset.key}`;
  if (shown !== current) {
    current = shown;
    announced = 0;
    hideCard();
    if (footnote.settings().chat !== chat) footnote.settings({ chat });
    footnote.settings({ number: null });
    address(chat);
    requestAnimationFrame(() => exchange.scrollIntoView({ block: "start" }));
  }
  announce(exchange);
  if (exchange.matches(DONE)) footnote.listChats?.();
});

document.addEventListener("toggle", ({ target }) => target.id?.startsWith("dropped-") && folds.set(target.id, target.open), true);

// A footnote's card: the quote, title and day, while a chip is pointed at or has the focus.
const card = document.createElement("div");
card.id = "card";
card.setAttribute("role", "tooltip");
card.hidden = true;
document.body.append(card);
let leaving;

const showCard = (chip) => {
  const note = document.getElementById(chip.dataset.note);
  if (!note) return;
  clearTimeout(leaving);
  card.replaceChildren(...["bdi", ".about"].map((part) => note.querySelector(part).cloneNode(true)));
  card.hidden = false;
  const at = chip.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = card;
  card.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  card.style.top = `${at.bottom + height + 10 < innerHeight ? at.bottom + 4 : Math.max(8, at.top - height - 4)}px`;
};

const hideCard = (footnote.hideCard = () => {
  const was = !card.hidden;
  card.hidden = true;
  return was;
});

const leave = () => {
  clearTimeout(leaving);
  leaving = setTimeout(hideCard, 150);
};

for (const [type, act] of [["mouseover", showCard], ["focusin", showCard]]) {
  document.addEventListener(type, ({ target }) => {
    const chip = target.closest?.("a.chip");
    if (chip) act(chip);
    else if (card.contains(target)) clearTimeout(leaving);
  });
}
for (const type of ["mouseout", "focusout"]) {
  document.addEventListener(type, ({ target }) => (target.closest?.("a.chip") || card.contains(target)) && leave());
}
addEventListener("scroll", hideCard, true);

const openSource = (link) => {
  const { article, sentence, hash } = link.dataset;
  const all = [...(link.closest(".reply")?.querySelectorAll("[data-article]") || [link])];
  const cited = new Set(all.filter((one) => one.dataset.article === article).map((one) => Number(one.dataset.sentence)));
  hideCard();
  footnote.openArticle(article, { cited: [...cited].sort((a, b) => a - b), at: Number(sentence), hash });
};

const place = (button) => {
  const exchange = button.closest("article.exchange");
  return { exchange, chat: footnote.settings().chat, number: Number(exchange?.dataset.number) };
};

const copy = async (button) => {
  const { chat, number } = place(button);
  const { form } = button.dataset;
  const text = await (await footnote.get(`chats/${chat}/${number}.${form}`)).text();
  if (navigator.clipboard && form === "html") {
    const plain = await (await footnote.get(`chats/${chat}/${number}.txt`)).text();
    const parts = { "text/html": text, "text/plain": plain };
    const blobs = Object.entries(parts).map(([type, part]) => [type, new Blob([part], { type })]);
    await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
  } else if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
  } else {
    throw new Error("The browser lets pages copy only over https, or on this machine.");
  }
  footnote.tell(`Copied, with its footnotes, as ${button.textContent}.`);
};

const rate = async (exchange, rating, remark) => {
  const { chat, number } = place(exchange);
  await footnote.post("feedback", { chat, number, rating, remark });
  for (const thumb of exchange.querySelectorAll("[data-rating]")) {
    thumb.setAttribute("aria-pressed", String(thumb.dataset.rating === rating));
  }
  exchange.querySelector("form.remark").hidden = rating === null;
};

const ACTS = {
  example: (button) => ask(button.textContent),
  library: () => footnote.tab("Library"),
  retry(button) {
    const { exchange, number } = place(button);
    ask(exchange.querySelector("h2").textContent, number);
  },
  edit(button) {
    if (busy()) return footnote.tell("Stop the present answer first.");
    const { exchange, number } = place(button);
    const field = box();
    field.value = exchange.querySelector("h2").textContent;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    footnote.settings({ number });
    field.focus();
  },
  copy,
  async rate(button) {
    const { exchange } = place(button);
    const rating = button.getAttribute("aria-pressed") === "true" ? null : button.dataset.rating;
    const field = exchange.querySelector("form.remark input");
    await rate(exchange, rating, field.value);
    if (rating) field.focus();
  },
};

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-article]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    return openSource(link);
  }
  const button = event.target.closest("button[data-act]");
  if (!button || !ACTS[button.dataset.act]) return;
  try {
    await ACTS[button.dataset.act](button);
  } catch (error) {
    footnote.tell(error.message);
  }
});

document.addEventListener("submit", async (event) => {
  if (!event.target.matches("form.remark")) return;
  event.preventDefault();
  const exchange = event.target.closest("article.exchange");
  try {
    const rating = exchange.querySelector('[aria-pressed="true"]')?.dataset.rating ?? null;
    await rate(exchange, rating, event.target.elements.remark.value);
    footnote.tell("Your remark is kept.");
  } catch (error) {
    footnote.tell(error.message);
  }
});

// An empty question goes nowhere: when Gradio's reply came it would empty the box, with what is typed by then.
const stopEmpty = (event) => {
  const asking = document.getElementById("asking");
  const asked = event.type === "click" ? event.target.closest("#send") : event.key === "Enter" && !event.shiftKey && event.target;
  if (!asked || !asking?.contains(asked)) return;
  if (box().value.trim() && !busy()) return;
  if (busy()) footnote.tell("Stop the present answer first.");
  event.preventDefault();
  event.stopImmediatePropagation();
};
for (const type of ["click", "keydown", "keypress"]) document.addEventListener(type, stopEmpty, true);

// Stop is for the person; a page that is left stops too, or a chat model would write on for nobody.
const stop = () => footnote.get(`chats/${chatOf()}/stop`, { method: "POST", keepalive: true });
document.addEventListener("click", ({ target }) => {
  if (!target.closest("#stop")) return;
  footnote.say("Stopping.");
  stop().catch((error) => footnote.tell(error.message));
});
addEventListener("pagehide", () => busy() && stop().catch(() => {}));

// What the address names: a chat to go on with, an article to show.
const given = new URLSearchParams(location.search);
footnote.begin = () => {
  const { article, sentence } = Object.fromEntries(given);
  trigger("open", { chat: given.get("chat") || "" });
  if (given.get("chat")) footnote.settings({ chat: given.get("chat") });
  if (article) footnote.openArticle(article, { at: /^\d+$/.test(sentence) ? Number(sentence) : null });
};
setTimeout(footnote.begin);
