// Numbers as the rest of the page writes them, whatever the reader's locale.

/** 1234 -> "1,234" */
export function number(value) {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** (1, "image") -> "1 image", (1234, "image") -> "1,234 images" */
export function plural(value, one, many = `${one}s`) {
  return `${number(value)} ${value === 1 ? one : many}`;
}
