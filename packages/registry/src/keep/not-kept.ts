import { WebsslError } from '@webssl/backend';

/** The error for a model that is to be looked at or removed and is not there. */
export function notKept(id: string, revision: string | undefined, cache: string): WebsslError {
  const which = revision === undefined ? id : `Revision ${revision} of ${id}`;
  return new WebsslError({
    code: 'MODEL_NOT_ON_DISK',
    message: `${which} is not in ${cache}. 'webssl models list' tells what is.`,
    details: { id, revision, cache },
  });
}
