import { type Backend, WebsslError } from '@webssl/backend';

/**
 * A backend on one of several devices, whose errors of opening say which one it is: of a pool one device may be bad.
 *
 * @param index of the device
 */
export function namingDevice(backend: Backend, index: number): Backend {
  return {
    specificationVersion: backend.specificationVersion,
    id: backend.id,
    probe: () => backend.probe(),
    async open(model, options) {
      try {
        return await backend.open(model, options);
      } catch (error) {
        throw WebsslError.isInstance(error) && isOfDevice(error) ? onDevice(error, backend.id, index) : error;
      }
    },
  };
}

/** What the caller did, and what is wrong with the model, has nothing to do with the device. */
function isOfDevice({ code }: WebsslError): boolean {
  return /^(?:BACKEND|CANN)_/.test(code) && code !== 'BACKEND_ABORTED';
}

function onDevice(cause: WebsslError, id: string, index: number): WebsslError {
  const { code, message, details } = cause;
  return new WebsslError({
    code,
    message: `${id}@${index}: ${message}`,
    cause,
    details: { ...details, backend: id, device: index },
  });
}
