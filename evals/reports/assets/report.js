"use strict";
// Shows the cases. Whatever a person, an article or a model wrote becomes a text node, never markup.
const data = JSON.parse(document.getElementById("data").textContent);
const AT_ONCE = 40;
const bad = new Set(data.bad);
const byId = (id) => document.getElementById(id);
const filters = { outcome: byId("outcome"), lost: byId("lost"), answerable: byId("answerable"), search: byId("search") };
let found = [];
let shown = 0;

function element(tag, look, ...children) {
  const made = document.createElement(tag);
  if (look) made.className = look;
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

function option(select, value, words, count) {
  const made = element("option", "", `${words} (${count.toLocaleString()})`);
  made.value = value;
  select.append(made);
}

function tally(field) {
  const counts = new Map();
  for (const one of data.cases) if (one[field]) counts.set(one[field], (counts.get(one[field]) || 0) + 1);
  return counts;
}

function fillFilters() {
  const outcomes = tally("outcome");
  const wrong = data.cases.filter((one) => bad.has(one.outcome)).length;
  option(filters.outcome, "", "all", data.cases.length);
  option(filters.outcome, "bad", "not right", wrong);
  for (const outcome of data.outcomes) if (outcomes.has(outcome)) option(filters.outcome, outcome, outcome, outcomes.get(outcome));
  option(filters.lost, "", "any stage", data.cases.length);
  for (const [stage, count] of tally("lost")) option(filters.lost, stage, stage, count);
  filters.outcome.value = wrong ? "bad" : "";
}

function words(one) {
  const titles = [...(one.gold || []), ...(one.cited || [])].map(([at]) => (data.articles[at] || {}).title || at);
  const claims = (one.claims || []).map(([text]) => text);
  return [one.id, one.question, one.error, ...(one.answers || []), ...claims, ...titles].join("\n").toLowerCase();
}

function matches(one) {
  const { outcome, lost, answerable, search } = filters;
  if (outcome.value === "bad" ? !bad.has(one.outcome) : outcome.value && one.outcome !== outcome.value) return false;
  if (lost.value && one.lost !== lost.value) return false;
  if (answerable.value && one.answerable !== (answerable.value === "yes")) return false;
  const wanted = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return true;
  one.words ??= words(one);
  return wanted.every((word) => one.words.includes(word));
}

function list() {
  found = data.cases.filter(matches);
  shown = 0;
  byId("cases").replaceChildren();
  byId("count").textContent = `${found.length.toLocaleString()} of ${data.cases.length.toLocaleString()} answers`;
  more();
}

function more() {
  byId("cases").append(...found.slice(shown, shown + AT_ONCE).map(item));
  shown = Math.min(found.length, shown + AT_ONCE);
  byId("more").hidden = shown === found.length;
}

function item(one) {
  const outcome = element("span", bad.has(one.outcome) ? "outcome bad" : "outcome", one.outcome);
  outcome.title = data.meanings[one.outcome] || "";
  const question = element("span", "question", one.question);
  question.dir = "auto";
  const about = [one.id, one.run ? `run ${one.run}` : "", one.lost ? `lost: ${one.lost}` : ""].filter(Boolean).join(" · ");
  const details = element("details", "", element("summary", "", outcome, question, element("span", "id", about)));
  details.addEventListener("toggle", () => {
    if (!details.open || details.children.length > 1) return;
    details.append(body(one));
    for (const text of details.querySelectorAll(".text")) {
      const mark = text.querySelector("mark.gold, mark.cited") || text.querySelector("mark");
      if (mark) text.scrollTop = mark.offsetTop - 60;
    }
  });
  return element("li", "", details);
}

function body(one) {
  const facts = element("dl", "facts");
  const fact = (name, ...values) => {
    if (!values.length) return;
    const dd = element("dd", "", values.join("\n"));
    dd.dir = "auto";
    facts.append(element("dt", "", name), dd);
  };
  const given = (field) => one[field] || [];
  fact("what came of it", data.meanings[one.outcome]);
  if (one.lost) fact("where it was lost", `${one.lost}: ${data.meanings[one.lost] || ""}`);
  if (one.error) fact("error", one.error);
  if (one.invalid) fact("what does not resolve", one.invalid);
  fact("earlier turns", ...given("history"));
  if (one.understood) fact("understood as", one.understood);
  if (one.asOf) fact("asked on", one.asOf);
  fact("known answers", ...given("answers"));
  fact("expected sentences", ...(one.goldSentences || given("gold").map(quote)));
  fact("answer given", ...given("claims").map(([text, markers]) => `${text} ${markers.map((m) => `[${m}]`).join("")}`));
  fact("dropped by the check", ...given("dropped").map(([text, reason]) => `${text} (${reason})`));
  if (one.confidence !== undefined) fact("confidence", one.confidence.toFixed(3));
  fact("best sentences read", ...given("evidence").map((span, rank) => `${rank + 1}. ${quote(span)} (${span[3].toFixed(3)})`));
  return element("div", "case", facts, ...articles(one), metrics(one));
}

// Offsets count code points; a JavaScript string counts UTF-16 units, so it is taken apart first.
function points(part) {
  part[2] ??= Array.from(part[1]);
  return part[2];
}

function quote([at, start, end]) {
  for (const part of (data.articles[at] || { windows: [] }).windows) {
    if (part[0] <= start && end <= part[0] + points(part).length) {
      return `“${points(part).slice(start - part[0], end - part[0]).join("")}”`;
    }
  }
  return `${at} [${start}:${end}], which this report does not hold`;
}

function articles(one) {
  const spans = new Map();
  const add = (at, span) => spans.set(at, [...(spans.get(at) || []), span]);
  for (const [at, start, end] of one.gold || []) add(at, { start, end, look: "gold", label: "expected" });
  for (const [at, start, end, marker] of one.cited || []) add(at, { start, end, look: "cited", label: `cited [${marker}]` });
  (one.evidence || []).forEach(([at, start, end], rank) => add(at, { start, end, look: "read", label: `best ${rank + 1}` }));
  return [...spans].filter(([at]) => data.articles[at]).map(([at, marked]) => article(data.articles[at], marked));
}

function article(one, spans) {
  const about = [one.published, one.source, one.id].filter(Boolean).join(" · ");
  const title = element("h4", "", one.title || one.id);
  title.dir = "auto";
  const text = element("div", "text");
  text.dir = "auto";
  text.tabIndex = 0;
  text.setAttribute("role", "region");
  text.setAttribute("aria-label", `Text of ${one.title || one.id}`);
  let end = 0;
  for (const part of one.windows) {
    if (part[0] > end) text.append(element("span", "gap", " … "));
    text.append(...pieces(part, spans));
    end = part[0] + points(part).length;
  }
  if (end < one.length) text.append(element("span", "gap", " …"));
  return element("section", "article", element("header", "", title, element("p", "quiet", about)), text);
}

function pieces(part, spans) {
  const [first] = part;
  const last = first + points(part).length;
  const inside = spans.filter((span) => span.start < last && span.end > first);
  const edges = [first, last, ...inside.flatMap((span) => [Math.max(first, span.start), Math.min(last, span.end)])];
  const cuts = [...new Set(edges)].sort((one, other) => one - other);
  return cuts.slice(1).flatMap((to, number) => {
    const from = cuts[number];
    const over = inside.filter((span) => span.start <= from && to <= span.end);
    const words = points(part).slice(from - first, to - first).join("");
    if (!over.length) return [document.createTextNode(words)];
    const tags = over.filter((span) => span.start === from).map((span) => element("b", `tag ${span.look}`, span.label));
    return [element("mark", [...new Set(over.map((span) => span.look))].join(" "), ...tags, words)];
  });
}

function metrics(one) {
  const values = data.values[data.cases.indexOf(one)];
  const rows = data.metrics.map((name, at) => [name, values[at]]).filter(([, value]) => value !== null);
  const write = (value) => (Number.isInteger(value) ? String(value) : value.toFixed(3));
  const items = rows.map(([name, value]) => element("li", "", `${name}: ${write(value)}`));
  return element("details", "", element("summary", "", "All metrics of this case"), element("ul", "metrics", ...items));
}

fillFilters();
list();
byId("filters").addEventListener("input", list);
byId("filters").addEventListener("submit", (event) => event.preventDefault());
byId("more").addEventListener("click", () => {
  const next = shown;
  more();
  byId("cases").children[next].querySelector("summary").focus();
});
