/** One study. */

import { find } from "../html.js";
import { trying } from "../notice.js";
import { get } from "../server.js";
import { subject } from "../session.js";

await trying(async () => {
  const { name } = await get(`/v1/studies/${encodeURIComponent(subject)}`);
  find("h1").textContent = name;
})();
