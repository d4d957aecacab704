// What the review app is asked for. Its pages and these addresses are one origin; the cookie goes along by itself.

/** An address with its question: parameters that are empty are left out. */
export function address(path, parameters = {}) {
  const told = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false);
  const query = new URLSearchParams(told.map(([name, value]) => [name, value === true ? "1" : String(value)])).toString();
  return query ? `api/${path}?${query}` : `api/${path}`;
}

/** The app's answer; where it has none, an error in its own words, with the `status` of the answer if there was one. */
export function get(path, parameters) {
  return answer(address(path, parameters));
}

/** Send a value as JSON. isKept(body): whether the browser is to send it even if its window is closed. */
export function post(path, value, isKept = () => false) {
  const body = JSON.stringify(value);
  return answer(address(path), { method: "POST", headers: { "Content-Type": "application/json" }, body, keepalive: isKept(body) });
}

async function answer(where, options = {}) {
  let response;
  try {
    response = await fetch(where, { credentials: "same-origin", ...options });
  } catch {
    throw new Error("The review app does not answer. Is winnow review still running?");
  }
  const told = await response.json().catch(() => ({}));
  if (response.ok) return told;
  throw Object.assign(new Error(reason(response.status, told.error)), { status: response.status });
}

/** Why the app does not do it; its errors are those of the terminal, without the name in front. */
export function reason(status, text) {
  if (status === 403) return "The review app was started anew: open the address that it printed.";
  return text?.replace(/^winnow: /, "") ?? `The review app answered ${status}.`;
}
