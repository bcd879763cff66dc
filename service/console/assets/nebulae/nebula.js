/** One nebula. */

import { find } from "../html.js";
import { trying } from "../notice.js";
import { get } from "../server.js";
import { subject } from "../session.js";

await trying(async () => {
  const { title } = await get(`/v1/nebulae/${encodeURIComponent(subject)}`);
  find("h1").textContent = title;
})();
