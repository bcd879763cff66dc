/** Who works on what, and how fast. */

import { find, show } from "./html.js";
import { trying } from "./notice.js";
import { count } from "./numbers.js";
import { get } from "./server.js";
import { facts } from "./table.js";

await trying(async () => {
  const system = await get("/v1/system");
  const { manager, workers } = system;
  show(
    find("#list"),
    facts([
      ["Version", system.version],
      ["Manager", manager.alive ? "alive" : "away"],
      ["Workers", count(workers.length)],
      ["Evaluations a minute", count(manager.evaluations_per_minute)],
    ]),
  );
})();
