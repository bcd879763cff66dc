/** All corpora. */

import { element, find } from "../html.js";
import { trying } from "../notice.js";
import { count } from "../numbers.js";
import { empty, PagedTable } from "../table.js";
import { moment } from "../time.js";

const list = new PagedTable(find("#list"), "/v1/corpora", {
  label: "Corpora",
  columns: [
    { title: "Name", cell: (corpus) => element("a", { href: `/corpora/${corpus.id}` }, corpus.name) },
    { title: "State", cell: (corpus) => corpus.state },
    { title: "Sounds", cell: (corpus) => count(corpus.sounds_usable), number: true },
    { title: "Since", cell: (corpus) => moment(corpus.created_at) },
  ],
  empty: empty(element("p", {}, "No corpus yet.")),
});

await trying(() => list.load())();
