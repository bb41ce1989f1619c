// A person's past chats: listed, searched, opened, deleted.
const list = element.querySelector("#chat-list");
const search = element.querySelector("#chat-search");
const past = element.querySelector("#past-chats");
const forget = element.querySelector("#forget-all");
let asked = 0;

footnote.listChats = async () => {
  const turn = ++asked;
  try {
    const html = await (await footnote.get(`chats?search=${encodeURIComponent(search.value)}`)).text();
    if (turn !== asked) return;
    list.innerHTML = html; // drawn by our server, every word escaped
    const current = footnote.settings().chat;
    for (const button of list.querySelectorAll("button[data-chat]")) {
      if (current && button.dataset.chat === current) button.setAttribute("aria-current", "true");
    }
    forget.hidden = !list.querySelector("button[data-chat]") || Boolean(search.value);
  } catch (error) {
    footnote.tell(error.message);
  }
};

const remove = async (path, question, then) => {
  if (!(await footnote.confirm(question))) return;
  try {
    await footnote.get(path, { method: "DELETE" });
    then();
    await footnote.listChats();
    search.focus();
  } catch (error) {
    footnote.tell(error.message);
  }
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { chat, delete: doomed } = button.dataset;
  if (button.id === "new-chat") footnote.openChat("");
  else if (button === forget) remove("chats", "Delete all of your chats?", () => footnote.openChat(""));
  else if (doomed) {
    const gone = () => doomed === footnote.settings().chat && footnote.openChat("");
    remove(`chats/${doomed}`, `${button.getAttribute("aria-label")}?`, gone);
  } else if (chat) {
    footnote.openChat(chat);
    if (innerWidth < 1000) past.open = false;
  }
});

let typing;
search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(footnote.listChats, 200);
});
past.open = innerWidth >= 1000;
footnote.listChats();
