import type { WebsslError } from '@webssl/backend';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { requestInvalid } from './request-error.js';

/** What the schemas say of a part of a request. */
interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Of a value that may have one of several forms: why it has none of them. */
  readonly errors?: readonly (readonly Issue[])[];
}

/** The error for a request that does not fit its route's schema; undefined for other errors. */
export function schemaProblem(error: unknown): WebsslError | undefined {
  if (!hasZodFastifySchemaValidationErrors(error)) return undefined;
  const [first] = error.validation;
  const path = (first?.instancePath ?? '').split('/').slice(1);
  const { errors } = (first?.params ?? {}) as Pick<Issue, 'errors'>;
  return issueProblem({ path, message: first?.message ?? '', ...(errors === undefined ? {} : { errors }) });
}

/** The error for one issue, with the part of the request that it is about. */
export function issueProblem(issue: Issue | undefined): WebsslError {
  const param = nameOf([...(issue?.path ?? []), ...deepest(issue?.errors)]);
  // Names of unknown members are the client's own words, and may be many.
  const message = (issue?.message ?? 'It does not fit.').slice(0, longestMessage);
  return requestInvalid(param === '' ? message : `${param}: ${message}`, param === '' ? undefined : param);
}

const longestMessage = 300;

/** Of several forms the one that is meant is that which fits furthest. */
function deepest(forms: Issue['errors']): readonly PropertyKey[] {
  const paths = (forms ?? []).flatMap(([first]) =>
    first === undefined ? [] : [[...first.path, ...deepest(first.errors)]],
  );
  return paths.reduce((longest, path) => (path.length > longest.length ? path : longest), []);
}

/** `images[3].image` */
function nameOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (/^\d+$/.test(String(part)) ? `[${String(part)}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
    .slice(0, longestMessage);
}
