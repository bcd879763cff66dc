/** Sends files as a new corpus, and tells how far that is, which `fetch` cannot. */

import { ServerError, Unreachable } from "../server.js";
import { signIn } from "../session.js";

/**
 * Returns the corpus that the server made of files.
 *
 * @param files List of `{ path, file }`.
 * @param name What people call the corpus.
 * @param moved Told how many bytes of how many are sent.
 * @param signal Ends it; then the promise fails with an AbortError.
 * @param base Id of the corpus whose sounds it is to have, too; null for none.
 */
export function upload(files, name, moved, signal, base = null) {
  const form = new FormData();
  // Before the files, so that the server knows it whatever comes.
  form.append("name", name);
  if (base !== null) form.append("base", base);
  for (const { path, file } of files) form.append("files", file, path);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/v1/corpora");
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => moved(loaded, total));
    request.addEventListener("load", () => {
      if (request.status === 201) resolve(request.response);
      else reject(problem(request));
    });
    request.addEventListener("error", () => reject(new Unreachable()));
    request.addEventListener("abort", () => reject(new DOMException("The upload was cancelled.", "AbortError")));
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

function problem({ status, response }) {
  if (status === 401) signIn();
  return response?.error ? new ServerError(status, response.error) : new Unreachable();
}
