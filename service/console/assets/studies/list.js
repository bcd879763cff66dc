/** All studies. */

import { element, find } from "../html.js";
import { trying } from "../notice.js";
import { empty, PagedTable } from "../table.js";
import { moment } from "../time.js";

const list = new PagedTable(find("#list"), "/v1/studies", {
  label: "Studies",
  columns: [
    { title: "Name", cell: (study) => element("a", { href: `/studies/${study.id}` }, study.name) },
    { title: "State", cell: (study) => study.state },
    { title: "Since", cell: (study) => moment(study.created_at) },
  ],
  empty: empty(element("p", {}, "No study yet.")),
});

await trying(() => list.load())();
