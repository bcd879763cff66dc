/**
 * Files that a person chose or dropped, each with its path within the folder, and what to call them together.
 *
 *     const { name, files } = await dropped(event.dataTransfer);
 *     files[0]  // { path: "kicks/808.wav", file }
 */

/** Returns the files of an input. */
export function chosen(input) {
  return named([...input.files].map((file) => ({ path: file.webkitRelativePath || file.name, file })));
}

/** Returns what was dropped, the contents of folders included. */
export async function dropped(transfer) {
  // All at once: what is dropped can be asked for its entries only until the event is over.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  return named((await Promise.all(entries.map(inside))).flat());
}

/** Takes the name of the one folder that all files lie in off their paths; else a zip or the only file has one. */
function named(found) {
  const files = found.filter(isVisible);
  const folders = new Set(files.map(({ path }) => (path.includes("/") ? path.split("/")[0] : "")));
  const [folder] = folders;
  if (folders.size === 1 && folder) {
    return { name: folder, files: files.map(({ path, file }) => ({ path: path.slice(folder.length + 1), file })) };
  }
  return { name: files.length === 1 ? files[0].path.replace(/\.[^.]*$/, "") : "sounds", files };
}

async function inside(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => {
      entry.file(resolve, reject);
    });
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  const reader = entry.createReader();
  const found = [];
  // A reader gives a hundred entries at a time, and none once it is at its end.
  for (let piece = await listed(reader); piece.length > 0; piece = await listed(reader)) found.push(...piece);
  return (await Promise.all(found.map(inside))).flat();
}

function listed(reader) {
  return new Promise((resolve, reject) => {
    reader.readEntries(resolve, reject);
  });
}

/** Returns whether a file is none of those that systems hide in folders, which are never sounds. */
function isVisible({ path }) {
  return !path.split("/").some((part) => part.startsWith(".") || part === "__MACOSX");
}
