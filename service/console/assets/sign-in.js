/** Signs a browser in with a key, and leads back to where it came from. */

import { find } from "./html.js";
import { trying } from "./notice.js";
import { post, ServerError } from "./server.js";

const form = find("#sign-in");
const field = find("#key");
const problem = find("#key-error");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  signIn();
});

const signIn = trying(async () => {
  problem.textContent = "";
  field.removeAttribute("aria-invalid");
  try {
    await post("/v1/session", { token: field.value.trim() });
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    problem.textContent = error.status === 401 ? "This key is not valid." : error.message;
    field.setAttribute("aria-invalid", "true");
    field.select();
    return;
  }
  location.assign(wanted());
});

find("button", form).disabled = false;

/** Returns the page of this server that was wanted; an address that leads elsewhere is passed over. */
function wanted() {
  const asked = new URL(new URLSearchParams(location.search).get("return") ?? "/", location.origin);
  return asked.origin === location.origin ? asked.pathname + asked.search : "/";
}
