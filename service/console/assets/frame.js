/** What is around every page of the console: signing out, and what is said of the connection. */

import { find } from "./html.js";
import { trying } from "./notice.js";
import { send } from "./server.js";

const button = find("#sign-out");

button.addEventListener(
  "click",
  trying(async () => {
    await send("DELETE", "/v1/session");
    location.assign("/sign-in");
  }),
);
button.disabled = false;
