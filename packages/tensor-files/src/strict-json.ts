/** A number that is no plain count: negative, with a fraction or an exponent, or above 2^53 - 1. Kept as it was written. */
export class NumberLiteral {
  readonly literal: string;

  constructor(literal: string) {
    this.literal = literal;
  }
}

/** Objects are Maps, so that `__proto__` is a key like any other. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | NumberLiteral
  | readonly JsonValue[]
  | ReadonlyMap<string, JsonValue>;

/** Why a text was refused; callers turn it into an error that names the file. */
export class JsonProblem extends Error {
  /** The name that an object has twice, where that is the problem. */
  readonly duplicate: string | undefined;

  constructor(message: string, duplicate?: string) {
    super(message);
    this.duplicate = duplicate;
  }
}

const deepest = 64;
/** More digits than any number needs that a double can hold. */
const longestNumber = 512;
const numberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const countPattern = /^(?:0|[1-9]\d*)$/;
const loneSurrogate = /\p{Surrogate}/u;
const words: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** A name for a message: escaped, and cut where it is long. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}...` : name);
}

/**
 * Parses JSON (RFC 8259) for headers that come from strangers. Unlike `JSON.parse` it refuses an object that has a
 * name twice (there the last one silently wins) and never rounds an integer.
 * @throws JsonProblem with the position, in UTF-16 units from the start.
 */
export function parseStrictJson(text: string): JsonValue {
  let position = 0;

  function fail(what: string): never {
    throw new JsonProblem(`${what} at character ${position}`);
  }

  function skipSpace(): void {
    for (;;) {
      const code = text.charCodeAt(position);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      position++;
    }
  }

  function parseString(): string {
    if (text[position] !== '"') fail('a string is expected');
    let end = position + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
    if (end >= text.length) fail('a string does not end');
    const value = unquote(text.slice(position, end + 1));
    position = end + 1;
    return value;
  }

  function unquote(literal: string): string {
    let value: string;
    try {
      value = JSON.parse(literal) as string;
    } catch {
      return fail('a string has an invalid escape or a control character');
    }
    return loneSurrogate.test(value) ? fail('a string has half a surrogate pair') : value;
  }

  function parseNumber(): number | NumberLiteral {
    let end = position;
    while ('+-.0123456789eE'.includes(text[end] ?? ' ')) end++;
    const literal = text.slice(position, end);
    if (literal.length > longestNumber || !numberPattern.test(literal)) fail('a value is expected');
    position = end;
    const value = Number(literal);
    return countPattern.test(literal) && Number.isSafeInteger(value) ? value : new NumberLiteral(literal);
  }

  function parseWord(): boolean | null {
    for (const [word, value] of words) {
      if (text.startsWith(word, position)) {
        position += word.length;
        return value;
      }
    }
    return fail('a value is expected');
  }

  /** The items between an opening and a closing bracket, `item` parsing one. */
  function parseItems(close: string, item: () => void): void {
    position++;
    skipSpace();
    if (text[position] === close) {
      position++;
      return;
    }
    for (;;) {
      item();
      skipSpace();
      const next = text[position];
      if (next !== ',' && next !== close) fail(`"," or "${close}" is expected`);
      position++;
      if (next === close) return;
      skipSpace();
    }
  }

  function parseObject(depth: number): ReadonlyMap<string, JsonValue> {
    const members = new Map<string, JsonValue>();
    parseItems('}', () => {
      const name = parseString();
      if (members.has(name)) {
        throw new JsonProblem(`the name ${quoted(name)} occurs twice in one object`, name);
      }
      skipSpace();
      if (text[position] !== ':') fail('":" is expected');
      position++;
      members.set(name, parseValue(depth));
    });
    return members;
  }

  function parseValue(depth: number): JsonValue {
    if (depth > deepest) fail(`values are nested more than ${deepest} deep`);
    skipSpace();
    switch (text[position]) {
      case '{':
        return parseObject(depth + 1);
      case '[': {
        const items: JsonValue[] = [];
        parseItems(']', () => items.push(parseValue(depth + 1)));
        return items;
      }
      case '"':
        return parseString();
      case 't':
      case 'f':
      case 'n':
        return parseWord();
      default:
        return parseNumber();
    }
  }

  const value = parseValue(0);
  skipSpace();
  if (position < text.length) fail('nothing more is expected');
  return value;
}
