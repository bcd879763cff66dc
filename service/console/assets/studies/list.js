/** All studies, those of one state if wanted, the newest first. */

import { element, find, show } from "../html.js";
import { fail } from "../notice.js";
import { repeat } from "../polling.js";
import { may } from "../session.js";
import { empty, PagedTable } from "../table.js";
import { moment } from "../time.js";
import { badge, progress, result, STATES } from "./states.js";

const AGAIN_SECONDS = 3;

function link(words) {
  return element("a", { class: "button", href: "/studies/new" }, words);
}

const list = new PagedTable(find("#list"), "/v1/studies", {
  label: "Studies",
  columns: [
    { title: "Name", cell: (study) => element("a", { href: `/studies/${study.id}` }, study.name) },
    { title: "State", cell: badge },
    { title: "Progress", cell: progress },
    { title: "Score", cell: result, number: true },
    { title: "Posted", cell: (study) => moment(study.created_at) },
    { title: "Ended", cell: (study) => moment(study.ended_at) },
  ],
  empty: element("div", { id: "none" }),
});

/** Says why the list is empty. */
function showNone() {
  const place = document.querySelector("#none");
  if (place === null) return;
  if (words.value.trim()) show(place, empty(element("p", {}, "No study of such a name.")));
  else if (chosen) show(place, empty(element("p", {}, `No study is ${chosen}.`)));
  else {
    const words = "No study yet. A study looks for the nebula whose random sounds are nearest to a target, or most varied.";
    show(place, empty(element("p", {}, words), may("experimenter") && element("p", {}, link("Begin the first one"))));
  }
}

const words = element("input", { type: "search", maxlength: 64, "aria-label": "Search by name", placeholder: "Search by name" });

let chosen = new URLSearchParams(location.search).get("state") ?? "";
if (!STATES.includes(chosen)) chosen = "";

function showTabs() {
  show(
    find("#states"),
    ["", ...STATES].map((state) =>
      element(
        "button",
        { type: "button", "aria-pressed": String(state === chosen), click: () => choose(state) },
        state || "all",
      ),
    ),
  );
}

function choose(state) {
  chosen = state;
  history.replaceState(null, "", state ? `/studies?state=${state}` : "/studies");
  for (const tab of find("#states").children)
    tab.setAttribute("aria-pressed", String(tab.textContent === (state || "all")));
  load();
}

async function load() {
  try {
    await list.load({ ...(chosen && { state: chosen }), ...(words.value.trim() && { search: words.value.trim() }) });
    showNone();
  } catch (error) {
    fail(error);
  }
}

words.addEventListener("input", load);
show(find("#search"), words);
show(find("#actions"), may("experimenter") && link("New study"));
showTabs();
await repeat(AGAIN_SECONDS, load);
