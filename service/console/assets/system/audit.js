/** Who did what, the latest first. */

import { element, show } from "../html.js";
import { empty, PagedTable } from "../table.js";
import { moment } from "../time.js";

/** Shows the audit log. */
export async function showAudit(place) {
  const holder = element("div");
  show(
    place,
    element("h2", {}, "Audit log"),
    element("p", { class: "soft" }, "What changed something, and whose key did it."),
    holder,
  );
  const list = new PagedTable(holder, "/v1/audit", {
    label: "Audit log",
    limit: 20,
    columns: [
      { title: "When", cell: ({ at }) => moment(at) },
      { title: "Who", cell: ({ caller, key_id: key }) => caller || key || "nobody with a key" },
      { title: "What", cell: ({ action }) => action },
      { title: "Which", cell: ({ subject }) => element("span", { class: "mono" }, subject) },
      { title: "More", cell: ({ details }) => words(details) },
    ],
    empty: empty(element("p", {}, "Nothing yet.")),
  });
  await list.load();
}

function words(details) {
  return Object.entries(details)
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}
