/** Attributes by name; `false` and undefined leave one away, `true` sets it empty. */
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Makes an element. Text is only ever text: a file may be named like markup. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(attribute, value === true ? '' : String(value));
  }
  made.append(...children);
  return made;
}

/**
 * The element of the document with this id.
 *
 * @throws Error when the document has none of that kind: it belongs to another version of the script
 */
export function existing<Kind extends Element>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`The page has no ${kind.name} with the id ${id}. Reload it.`);
}
