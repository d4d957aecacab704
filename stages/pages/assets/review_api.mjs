// What the review app is asked for. Its pages and these addresses are one origin; the cookie goes along by itself.

/** An address with its question: parameters that are empty are left out. */
export function address(path, parameters = {}) {
  const told = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false);
  const query = new URLSearchParams(told.map(([name, value]) => [name, value === true ? "1" : String(value)])).toString();
  return query ? `api/${path}?${query}` : `api/${path}`;
}

/** The app's answer; where it has none, an error in its own words. */
export async function get(path, parameters) {
  let response;
  try {
    response = await fetch(address(path, parameters), { credentials: "same-origin" });
  } catch {
    throw new Error("The review app does not answer. Is winnow review still running?");
  }
  const told = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(plain(told.error) ?? `The review app answered ${response.status}.`);
  return told;
}

/** An error as the terminal shows it, without the name in front. */
export function plain(text) {
  return text?.replace(/^winnow: /, "");
}
