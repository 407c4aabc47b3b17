import { isSafeRelativePath } from './relative-path.js';

const longestId = 96;

/** Whether a text has the form `organisation/name` of a hub repository. */
export function isHubId(text: string): boolean {
  return text.includes('/') && isRepositoryId(text);
}

/**
 * Whether the hub may have a repository of this id: `organisation/name`, or a name alone as the oldest ones have. As the
 * Python client has it: at most 96 letters, digits, `.`, `_` and `-`; no `--` and no `..`; parts neither start nor end
 * with `.` or `-`.
 */
export function isRepositoryId(text: string): boolean {
  return (
    text.length <= longestId &&
    /^\w(?:[\w.-]*\w)?(?:\/\w(?:[\w.-]*\w)?)?$/.test(text) &&
    !/--|\.\./.test(text) &&
    isSafeRelativePath(text)
  );
}
