import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** What publint finds in a packed package, suggestions too: a line each. */
export async function publintProblems(tarball: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const { messages, pkg } = await publint({ pack: { tarball: tarball.buffer }, strict: true });
  return messages.map(
    (message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`,
  );
}
