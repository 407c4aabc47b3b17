import type { Schema } from './api-document.js';
import { oddJson, oddText } from './odd-values.js';
import type { Random } from './random.js';

/** How far a value is from what its schema says. */
export type Fidelity = 'valid' | 'nearly valid' | 'broken';

/** What stands for a string of a schema by its name, where it is meant to be right. */
export type GoodText = (name: string) => string;

/**
 * A value for a schema, as JSON text: what is broken may not be JSON at all.
 *
 * @param name of the member that the value is for
 */
export function jsonFor(
  schema: Schema,
  fidelity: Fidelity,
  random: Random,
  goodText: GoodText,
  name = '',
): string {
  const whole = valueFor(schema, fidelity, random, goodText, name);
  return fidelity === 'broken' ? damage(whole, random) : whole;
}

function valueFor(
  schema: Schema,
  fidelity: Fidelity,
  random: Random,
  goodText: GoodText,
  name: string,
): string {
  if (fidelity !== 'valid' && random.chance(0.15)) return oddJson(random);
  const inside = (inner: Schema, ofName: string) => valueFor(inner, fidelity, random, goodText, ofName);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return JSON.stringify(random.pick(schema.enum));
  if (schema.anyOf !== undefined) return inside(random.pick(schema.anyOf), name);
  switch (schema.type) {
    case 'object':
      return objectFor(schema, fidelity, random, inside);
    case 'array': {
      const { items = {} } = schema;
      return `[${Array.from({ length: 1 + random.below(3) }, () => inside(items, name)).join(',')}]`;
    }
    case 'string':
      return JSON.stringify(fidelity === 'valid' || random.chance(0.7) ? goodText(name) : oddText(random));
    case 'boolean':
      return random.pick(['true', 'false']);
    case 'number':
    case 'integer':
      return String(random.below(1000));
    default:
      return oddJson(random);
  }
}

function objectFor(
  { properties = {}, required = [] }: Schema,
  fidelity: Fidelity,
  random: Random,
  inside: (schema: Schema, name: string) => string,
): string {
  const isLoose = fidelity !== 'valid';
  const members: string[] = [];
  for (const [name, schema] of Object.entries(properties)) {
    if (required.includes(name) ? isLoose && random.chance(0.1) : random.chance(0.5)) continue;
    members.push(`${JSON.stringify(name)}:${inside(schema, name)}`);
    // The same member twice is JSON, and what it means is anyone's guess.
    if (isLoose && random.chance(0.03)) members.push(`${JSON.stringify(name)}:${inside(schema, name)}`);
  }
  if (isLoose && random.chance(0.2)) {
    const strange = random.pick([
      '__proto__',
      'constructor',
      'prototype',
      'hasOwnProperty',
      'x',
      '',
      '\u0000',
    ]);
    members.push(`${JSON.stringify(strange)}:${oddJson(random)}`);
  }
  return `{${members.join(',')}}`;
}

/** Breaks a text as lost, doubled and changed bytes would. */
function damage(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  switch (random.below(6)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return (
        text.slice(0, at) + random.pick(['"', '{', '}', ',', '\\', '\0', '\n', '\ud800']) + text.slice(at)
      );
    case 2:
      return text.slice(0, at) + text.slice(at + 1 + random.below(10));
    case 3:
      return text + text;
    case 4:
      return `\ufeff${text}`;
    default:
      return random.bytes(random.below(200)).toString('latin1');
  }
}
