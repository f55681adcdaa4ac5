// What Stripe's clients send: forms with brackets, as in items[0][price]=price_1.

/** The parameters as nested objects; lists become arrays. */
export function parse(text) {
  const root = {};
  for (const [name, value] of new URLSearchParams(text)) place(root, name.split(/\[|\]\[?/).filter((part, i, all) => part !== "" || i < all.length - 1), value);
  return listed(root);
}

function place(node, [head, ...rest], value) {
  const key = head === "" ? String(Object.keys(node).length) : head;
  if (rest.length === 0) {
    if (Object.hasOwn(node, key)) throw new Error(`${key} is given twice`);
    node[key] = value;
  } else {
    if (typeof (node[key] ??= {}) !== "object") throw new Error(`${key} is both a value and an object`);
    place(node[key], rest, value);
  }
}

function listed(node) {
  if (typeof node !== "object") return node;
  const keys = Object.keys(node);
  const isList = keys.length > 0 && keys.every((key, index) => key === String(index));
  return isList ? keys.map((key) => listed(node[key])) : Object.fromEntries(keys.map((key) => [key, listed(node[key])]));
}
