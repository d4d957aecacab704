// What the page of all images asks for: a condition put together from its parts, and the address that says all of it.

/** What a column of a kind can be asked for: a comparison in SQL, and in words. */
export const COMPARISONS = {
  text: [["=", "is"], ["<>", "is not"], ["like", "contains"], ["is null", "is empty"], ["is not null", "is not empty"]],
  number: [["<", "is under"], [">", "is over"], ["=", "is"], ["<>", "is not"], ["is null", "is empty"], ["is not null", "is not empty"]],
  flag: [["", "holds"], ["not", "does not hold"], ["is null", "is empty"]],
};

/** A condition in SQL from a column of { name, kind }, a comparison and a value. */
export function condition({ name, kind }, comparison, value) {
  if (kind === "flag") return comparison === "not" ? `not ${name}` : `${name} ${comparison}`.trim();
  if (comparison.endsWith("null")) return `${name} ${comparison}`;
  if (comparison === "like") return `instr(lower(${name}), ${quoted(value.toLowerCase())}) > 0`;
  const isNumber = kind === "number" && value.trim() !== "" && Number.isFinite(Number(value));
  return `${name} ${comparison} ${isNumber ? Number(value) : quoted(value)}`;
}

function quoted(text) {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Both have to hold. */
export function both(one, other) {
  return one.trim() ? `(${one.trim()}) and (${other})` : other;
}

/** What is asked for, from the address of the page. */
export function asked(search) {
  const told = new URLSearchParams(search);
  return {
    where: told.get("where") ?? "",
    sort: told.get("sort") || "path",
    descending: told.get("descending") === "1",
    text: told.get("text") ?? "",
    item: told.get("item") ?? "",
    page: Math.max(0, Number.parseInt(told.get("page") ?? "0", 10) || 0),
  };
}

/** The address that says what is asked for. */
export function told({ where, sort, descending, text, item, page }) {
  const known = { where, sort: sort === "path" ? "" : sort, descending: descending ? "1" : "", text, item, page: page || "" };
  const query = new URLSearchParams(Object.entries(known).filter(([, value]) => value !== "")).toString();
  return query ? `review.html?${query}` : "review.html";
}
