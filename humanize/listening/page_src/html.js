/**
 * Makes an element. Properties that are functions become listeners ("click", "input", ...),
 * true and false set and leave out an attribute, all others are attributes.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

/** "A", "A and B", "A, B and C". */
export function enumerate(words) {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

export const letterOf = (index) => String.fromCharCode(65 + index);
