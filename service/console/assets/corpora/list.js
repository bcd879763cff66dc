/** All corpora, and a place to bring more. */

import { element, find } from "../html.js";
import { fail, trying } from "../notice.js";
import { bytes, count } from "../numbers.js";
import { may } from "../session.js";
import { empty, PagedTable } from "../table.js";
import { duration, moment } from "../time.js";
import { Bringing } from "./bringing.js";
import { deleted } from "./deletion.js";
import { progress, skippedOf } from "./reading.js";

const columns = [
  { title: "Name", cell: (corpus) => element("a", { href: `/corpora/${corpus.id}` }, corpus.name) },
  { title: "State", cell: (corpus) => progress(corpus, () => list.load()) },
  { title: "Since", cell: (corpus) => moment(corpus.created_at) },
  { title: "Sounds", cell: (corpus) => count(corpus.sounds_usable), number: true },
  { title: "Skipped", cell: (corpus) => count(skippedOf(corpus)), number: true },
  { title: "Length", cell: (corpus) => duration(corpus.seconds), number: true },
  { title: "Size", cell: (corpus) => bytes(corpus.size_bytes), number: true },
];

if (may("experimenter")) {
  columns.push({ title: element("span", { class: "hidden-text" }, "Actions"), cell: deleteButton });
  new Bringing(find("#bring"), () => list.load().catch(fail));
}

const list = new PagedTable(find("#list"), "/v1/corpora", {
  label: "Corpora",
  columns,
  empty: empty(
    element("p", {}, "No corpus yet. A corpus is a folder of sounds that a nebula can be tuned to sound like."),
  ),
});

function deleteButton(corpus) {
  const act = trying(async () => {
    if (await deleted(corpus.id)) await list.load();
  });
  const label = `Delete ${corpus.name}`;
  return element("button", { type: "button", class: "quiet small", "aria-label": label, click: act }, "Delete");
}

await trying(() => list.load())();
