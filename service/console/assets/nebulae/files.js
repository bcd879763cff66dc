/** Files of JSON that people bring. */

/** Returns what a file holds; an error that can be shown says that it is no JSON. */
export async function content(file) {
  try {
    return JSON.parse(await file.text());
  } catch {
    throw new Error(`${file.name} is not JSON.`);
  }
}
