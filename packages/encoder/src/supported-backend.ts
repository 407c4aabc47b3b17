import { type Backend, WebsslError } from '@webssl/backend';

/** The contract of `@webssl/backend` that this encoder speaks. Backends of any release that speak it too can be used. */
const supported = 'v1';

/**
 * A backend that this encoder can use, whatever versions the two packages have.
 *
 * @param name how the caller knows it, for the message
 * @returns the backend itself
 * @throws WebsslError `BACKEND_INCOMPATIBLE` when it speaks another contract, or is no backend at all
 */
export function supportedBackend(backend: Backend, name?: string): Backend {
  // Types promise it, but packages of other versions and plain JavaScript do not keep to them.
  const version: unknown = (backend as Partial<Backend> | null)?.specificationVersion;
  if (version === supported) return backend;
  const who = name ?? `The backend ${JSON.stringify((backend as Partial<Backend> | null)?.id ?? 'given')}`;
  throw new WebsslError({
    code: 'BACKEND_INCOMPATIBLE',
    message:
      typeof version === 'string'
        ? `${who} speaks version ${version} of the contract of @webssl/backend, and this encoder version ${supported}. ` +
          `Install an encoder and a backend that speak the same one: the newer one's changelog says which.`
        : `${who} is no backend of webssl: it has no specificationVersion, which would be '${supported}'.`,
    details: { supported, version: version ?? null },
  });
}
