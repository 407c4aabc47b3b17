/** A list as one text: its parts with the separator between them, a JSON array where a part would be misread so. */
export function joinList(parts: readonly (string | number)[]): string {
  if (parts.every((part) => typeof part === 'number')) return parts.join(',');
  return parts.every((part) => /^[^ [][^ ]*$/.test(String(part))) ? parts.join(' ') : JSON.stringify(parts);
}

/** The parts of a text that {@link joinList} made; the text itself where it is no list. */
export function splitList(text: string, separator: ',' | ' '): unknown {
  if (!text.startsWith('[')) return text.split(separator);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
