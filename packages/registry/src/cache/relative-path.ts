/** Names that Windows gives to devices, whatever follows a dot. */
const deviceName = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

/** Control characters, separators of Windows, drives and streams (`:`), and what else no Windows file name may hold. */
const forbiddenCharacter = /[\p{Cc}\\:<>"|?*]/u;

/**
 * Whether a path with `/` stays below any folder that it is joined to, and names the same file on every platform: not
 * absolute, no drive, no UNC, no empty, `.` or `..` segment, no backslash, no control character, no device of Windows,
 * no segment that Windows would shorten (`a.`, `a `). The rules of all platforms hold on each, so that a cache may move.
 */
export function isSafeRelativePath(path: string): boolean {
  return path.split('/').every(isSafeSegment);
}

function isSafeSegment(segment: string): boolean {
  return (
    segment !== '' && !/[. ]$/.test(segment) && !forbiddenCharacter.test(segment) && !deviceName.test(segment)
  );
}
