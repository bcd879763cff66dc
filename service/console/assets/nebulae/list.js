/** All nebulae. */

import { element, find } from "../html.js";
import { trying } from "../notice.js";
import { empty, PagedTable } from "../table.js";
import { moment } from "../time.js";

const list = new PagedTable(find("#list"), "/v1/nebulae", {
  label: "Nebulae",
  columns: [
    {
      title: "Name",
      cell: (nebula) => element("a", { href: `/nebulae/${encodeURIComponent(nebula.name)}` }, nebula.title),
    },
    { title: "Origin", cell: (nebula) => nebula.origin },
    { title: "Since", cell: (nebula) => moment(nebula.created_at) },
  ],
  empty: empty(element("p", {}, "No nebula yet.")),
});

await trying(() => list.load())();
