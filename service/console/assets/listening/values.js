/** What people wrote into fields, as the API takes it; undefined, which JSON leaves out, where they wrote nothing. */

/** Returns text. */
export function text(control) {
  const written = control.value.trim();
  return written === "" ? undefined : written;
}

/** Returns a number. */
export function number(control) {
  return control.value === "" ? undefined : Number(control.value);
}

/** Returns a list: one text a line, or between commas. */
export function list(control, separator = "\n") {
  return control.value.split(separator).map((each) => each.trim()).filter((each) => each !== "");
}

/** Returns what JSON says; its error names the value. */
export function json(control, name) {
  if (control.value.trim() === "") return undefined;
  try {
    return JSON.parse(control.value);
  } catch (error) {
    throw new Unreadable(`${name}: not JSON (${error.message})`);
  }
}

/** Something in the form cannot be read. */
class Unreadable extends Error {
  constructor(message) {
    super(message);
    this.name = "ServerError";
  }
}
