/**
 * A plan as its participants would meet it, on their page.
 *
 *     form.append(preview("Preview as a participant", () => form.get(), (error) => form.fail(error)));
 */

import { element, lead, show } from "../html.js";
import { fail } from "../notice.js";
import { post } from "../server.js";

/**
 * Returns a button that makes a preview, and then the link to it.
 *
 * @param action What the button says.
 * @param read Returns the spec.
 * @param refused Called with the error when there can be no preview of it.
 */
export function preview(action, read, refused = fail) {
  const made = element("span", { class: "preview-made", role: "status" });
  const button = element("button", { type: "button", class: "quiet" }, action);
  button.addEventListener("click", async () => {
    button.disabled = true;
    show(made, "Rendering a few sounds …");
    try {
      const { path } = await post("/v1/listening-tests/previews", read());
      const link = element("a", { href: path, target: "_blank", rel: "noopener" }, "Open the preview in a new tab");
      show(made, link);
      lead(link);
    } catch (error) {
      show(made);
      refused(error);
    } finally {
      button.disabled = false;
    }
  });
  return element("span", { class: "row" }, button, made);
}
