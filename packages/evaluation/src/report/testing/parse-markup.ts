import { parseHTML } from 'linkedom';

const voidElements = new Set(['meta', 'br', 'hr', 'img', 'link', 'input']);
const tag = /<!--|<!doctype html>|<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|</g;

/** What is wrong with the tags of a page: not closed, closed in another order, or a `<` that begins no tag. */
export function markupFaults(page: string): string[] {
  const open: string[] = [];
  const faults: string[] = [];
  for (const { 0: whole, 1: closing, 2: name, 4: selfClosing, index } of page.matchAll(tag)) {
    if (whole === '<!doctype html>') continue;
    if (name === undefined) faults.push(`${page.slice(index, index + 40)} begins no tag`);
    else if (closing === '/') {
      const expected = open.pop();
      if (expected !== name) faults.push(`</${name}> closes <${expected}>`);
    } else if (selfClosing !== '/' && !voidElements.has(name)) open.push(name);
  }
  return [...faults, ...open.map((name) => `<${name}> is not closed`)];
}

interface ParsedRow {
  /** By header: the cell's text. */
  readonly text: Readonly<Record<string, string>>;
  /** By header: the whole figure of a cell that has one. */
  readonly figures: Readonly<Record<string, number>>;
}

/** The page as a document; linkedom's types need a browser's, which Node's projects have not. */
export interface ParsedPage {
  text(selector: string): string[];
  count(selector: string): number;
  attributes(name: string): string[];
  table(caption: string): ParsedRow[];
}

interface ElementLike {
  readonly textContent: string;
  getAttribute(name: string): string | null;
  querySelector(selector: string): ElementLike | null;
  querySelectorAll(selector: string): Iterable<ElementLike>;
}

export function parsePage(page: string): ParsedPage {
  const document: ElementLike = parseHTML(page).document;
  const all = (selector: string, from = document) => [...from.querySelectorAll(selector)];
  return {
    text: (selector) => all(selector).map(({ textContent }) => textContent),
    count: (selector) => all(selector).length,
    attributes: (name) => all(`[${name}]`).map((element) => element.getAttribute(name) ?? ''),
    table(caption) {
      const table = all('table').find(
        (candidate) => candidate.querySelector('caption')?.textContent === caption,
      );
      if (table === undefined) throw new Error(`There is no table ${caption}`);
      const headers = all('thead th', table).map(({ textContent }) => textContent);
      return all('tbody tr', table).map((row) => {
        const cells = all('th, td', row).map((cell, column) => [headers[column] ?? '', cell] as const);
        return {
          text: Object.fromEntries(cells.map(([header, cell]) => [header, cell.textContent])),
          figures: Object.fromEntries(
            cells.flatMap(([header, cell]) => {
              const value = cell.querySelector('data')?.getAttribute('value');
              return value === undefined || value === null ? [] : [[header, Number(value)] as const];
            }),
          ),
        };
      });
    },
  };
}
