/** What is around every page of the console: the volume, signing out, what is said of the connection, how long ago things were. */

import { find } from "./html.js";
import { trying } from "./notice.js";
import { connection, leave } from "./server.js";
import { signIn } from "./session.js";
import { ago } from "./time.js";
import { showVolume } from "./volume.js";

const MINUTE = 60_000;

const button = find("#sign-out");

button.addEventListener(
  "click",
  trying(() => leave("DELETE", "/v1/session", "/sign-in")),
);
button.disabled = false;

connection.addEventListener("unknown", signIn);

showVolume();

setInterval(() => {
  for (const time of document.querySelectorAll("time")) time.textContent = ago(time.dateTime);
}, MINUTE);
