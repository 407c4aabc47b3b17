import { type Answer, textAnswer } from './answer.js';

/** What the CDN host says to a signature that is wrong or too old. */
export function expiredAnswer(): Answer {
  return textAnswer(
    403,
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>',
    {},
    'application/xml',
  );
}
