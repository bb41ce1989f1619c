// What all parts of the page share; in the document's head, so that it is there before any of them.
"use strict";
window.footnote = {
  // Ask our own server; an answer that is none becomes an Error with a sentence.
  async get(path, options = {}) {
    let response;
    try {
      response = await fetch(path, options);
    } catch {
      throw new Error("Footnote cannot be reached. Is it still running?");
    }
    if (response.status === 401) location.assign("login");
    if (response.ok) return response;
    const reason = await response.json().catch(() => null);
    throw new Error(reason?.error?.message || `Footnote could not do this (${response.status}). Load the page again.`);
  },

  post(path, value) {
    const headers = { "Content-Type": "application/json" };
    return footnote.get(path, { method: "POST", headers, body: JSON.stringify(value) });
  },

  // For screen readers alone.
  say(text) {
    const said = document.getElementById("said");
    if (said) said.textContent = text;
  },

  // For everybody, for some seconds.
  tell(text) {
    const told = document.getElementById("told");
    if (!told) return;
    told.textContent = text;
    told.hidden = false;
    clearTimeout(footnote.telling);
    footnote.telling = setTimeout(() => (told.hidden = true), 6000);
  },

  // A question with two answers, in a dialog of the page; the promise is of true or false.
  confirm(question, yes = "Delete") {
    const dialog = document.createElement("dialog");
    const words = Object.assign(document.createElement("p"), { textContent: question, id: "confirming" });
    const form = document.createElement("form");
    form.method = "dialog";
    for (const [value, text] of [["yes", yes], ["no", "Keep"]]) {
      form.append(Object.assign(document.createElement("button"), { value, textContent: text, autofocus: value === "no" }));
    }
    dialog.setAttribute("aria-labelledby", "confirming");
    dialog.append(words, form);
    document.body.append(dialog);
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => {
        dialog.remove();
        resolve(dialog.returnValue === "yes");
      });
    });
  },

  // The settings that go along with every question: {chat, number, source, since, until, answerer}.
  settings: () => ({}),

  tab(name) {
    [...document.querySelectorAll("[role=tab]")].find((tab) => tab.textContent.trim() === name)?.click();
  },
};
