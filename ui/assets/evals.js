// The evals tab: the table of runs, drawn and escaped by our server, and the report of the one that is chosen.
const part = (id) => element.querySelector(`#${id}`);
const runs = part("runs");
let chosen = "";

const mark = () => {
  for (const button of runs.querySelectorAll("[data-report]")) {
    if (button.dataset.report === chosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
};

const draw = async () => {
  try {
    const focused = runs.contains(document.activeElement) && document.activeElement.dataset.report;
    runs.innerHTML = await (await footnote.get("evals/runs")).text();
    mark();
    if (focused) [...runs.querySelectorAll("[data-report]")].find((button) => button.dataset.report === focused)?.focus();
  } catch (error) {
    footnote.tell(error.message);
  }
};

runs.addEventListener("click", (event) => {
  const button = event.target.closest("[data-report]");
  if (!button) return;
  chosen = button.dataset.report;
  mark();
  const title = `${button.textContent}, ${button.closest("tr").cells[1].textContent}`;
  part("report-title").textContent = title;
  part("report-alone").href = chosen;
  part("report-frame").title = `Report of the run ${title}`;
  part("report-frame").src = chosen;
  part("report").hidden = false;
  part("report").scrollIntoView({ block: "start" });
});

new IntersectionObserver(([seen]) => seen.isIntersecting && draw()).observe(part("evals"));
