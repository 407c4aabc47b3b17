import { WebsslError } from '@webssl/backend';
import { makeFolder } from '@webssl/tensor-files';

/**
 * Makes the folder that results go to, where it is not there.
 *
 * @throws WebsslError `EVALUATION_OUTPUT_UNWRITABLE`
 */
export async function makeOutputFolder(folder: string): Promise<void> {
  await makeFolder(folder).catch((cause: Error) => {
    throw outputUnwritable(folder, cause);
  });
}

export function outputUnwritable(folder: string, cause: Error): WebsslError {
  return new WebsslError({
    code: 'EVALUATION_OUTPUT_UNWRITABLE',
    message: `The results cannot be written to ${folder}: ${cause.message}. Name a folder that can be written.`,
    cause,
  });
}
