/** As many of a list are told. */
export const shown = 3;

/** The first few of a list in words, and how many more there are. */
export function few(items: readonly string[], total = items.length): string {
  const first = items.slice(0, shown).join('; ');
  return total > shown ? `${first}; and ${total - shown} more` : first;
}

/** Text of a log, no longer than a message can bear. */
export function excerpt(text: string, length = 120): string {
  return text.length <= length ? text : `${text.slice(0, length)}...`;
}

/** `1 run`, `2 runs` */
export function countOf(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
