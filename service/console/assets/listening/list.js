/** All listening tests. */

import { element, find } from "../html.js";
import { trying } from "../notice.js";
import { empty, PagedTable } from "../table.js";

const list = new PagedTable(find("#list"), "/v1/listening-tests", {
  label: "Listening tests",
  columns: [
    { title: "Name", cell: (test) => element("a", { href: `/listening-tests/${test.id}` }, test.name) },
    { title: "State", cell: (test) => test.state },
  ],
  empty: empty(element("p", {}, "No listening test yet.")),
});

await trying(() => list.load())();
