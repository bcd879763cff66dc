/** What runs, what finished, and what to do next. */

import { element, find, show } from "./html.js";
import { trying } from "./notice.js";
import { get } from "./server.js";

await trying(async () => {
  const { items } = await get("/v1/studies?limit=10");
  show(find("#list"), items.map((study) => element("p", {}, element("a", { href: `/studies/${study.id}` }, study.name))));
})();
