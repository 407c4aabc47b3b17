import { Converter } from 'typedoc';

/**
 * A TypeDoc plugin: a page is called what its first heading says, and not what its file is called.
 *
 * @param {import('typedoc').Application} application
 */
export function load(application) {
  application.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, page) => {
    const text = page.content.map((part) => part.text).join('');
    const heading = /^# (.+)$/m.exec(text)?.[1];
    if (heading !== undefined) page.name = heading.replaceAll('`', '');
  });
}
