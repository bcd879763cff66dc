/** All listening tests. */

import { element, find, show } from "../html.js";
import { trying } from "../notice.js";
import { count } from "../numbers.js";
import { repeat } from "../polling.js";
import { may } from "../session.js";
import { empty, PagedTable } from "../table.js";
import { moment } from "../time.js";
import { badge, methodName } from "./states.js";

const REFRESH_SECONDS = 10;

function ways() {
  if (!may("experimenter")) return null;
  return [
    element("a", { class: "button quiet", href: "/listening-tests/webmushra" }, "From webMUSHRA"),
    element("a", { class: "button", href: "/listening-tests/new" }, "Plan a listening test"),
  ];
}

const list = new PagedTable(find("#list"), "/v1/listening-tests", {
  label: "Listening tests",
  columns: [
    { title: "Name", cell: (test) => element("a", { href: `/listening-tests/${test.id}` }, test.name) },
    { title: "Method", cell: (test) => methodName(test.method) },
    { title: "State", cell: badge },
    { title: "Since", cell: (test) => moment(test.created_at) },
    { title: "People", cell: ({ counts }) => count(counts.joined), number: true },
    { title: "Finished", cell: ({ counts }) => count(counts.completed), number: true },
    { title: "Answers", cell: ({ counts }) => count(counts.answers), number: true },
  ],
  empty: empty(
    element("p", {}, "No listening test yet."),
    element(
      "p",
      {},
      "A score says that a nebula is near to its target; only ears say whether it is better. In a listening test " +
        "people compare or rate sounds by a link that you send them, and nobody, you included, knows which sound is " +
        "which until you close the test and unblind it.",
    ),
    element("div", { class: "row" }, ways()),
  ),
});

await trying(() =>
  repeat(REFRESH_SECONDS, async () => {
    // Who is on their way through the table with the keyboard would lose their place.
    if (find("#list").contains(document.activeElement)) return;
    const items = await list.load();
    show(find("#actions"), items.length > 0 ? ways() : null);
  }),
)();
