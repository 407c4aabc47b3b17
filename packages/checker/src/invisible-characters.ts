const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Text with every character escaped as `\uXXXX` that moves a terminal's cursor, breaks a line, turns the direction of writing
 * or cannot be written as UTF-8: controls, format characters, line and paragraph separators, half surrogate pairs.
 */
export function escapeInvisible(text: string): string {
  return text.replace(invisible, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
