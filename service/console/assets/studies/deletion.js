/** Deleting a study, and what that frees. */

import { confirmed } from "../dialog.js";
import { bytes, counted } from "../numbers.js";
import { get, leave } from "../server.js";

/** Deletes a study if the person agrees, and leaves its page. */
export async function remove({ id }) {
  const path = `/v1/studies/${id}`;
  const [{ name }, freed] = await Promise.all([get(path), get(`${path}/footprint`)]);
  const what = `Its ${counted(freed.trials, "trial")}, the nebula that it found, its report and its sounds are deleted`;
  const text = `${what}, which frees ${bytes(freed.bytes)}. Nebulae that were saved from it stay. This cannot be taken back.`;
  if (await confirmed(`Delete “${name}”?`, text, "Delete")) await leave("DELETE", path, "/studies");
}
