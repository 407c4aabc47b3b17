import { WebsslError } from '@webssl/backend';
import { expect, test } from 'vitest';
import { errorAnswer } from './error-answer.js';

function error(code: string, details: Record<string, unknown> = {}): WebsslError {
  return new WebsslError({ code, message: 'in /home/somebody/model something broke', details });
}

test.each([
  ['REQUEST_INVALID', 422, 'invalid_request_error'],
  ['MODEL_NOT_SERVED', 404, 'invalid_request_error'],
  ['API_KEY_UNKNOWN', 401, 'authentication_error'],
  ['ORIGIN_REFUSED', 403, 'authentication_error'],
  ['QUEUE_FULL', 429, 'rate_limit_error'],
  ['RATE_LIMITED', 429, 'rate_limit_error'],
  ['DEADLINE_EXCEEDED', 504, 'server_error'],
])('%s is the client’s to know, with %i and its message', (code, status, type) => {
  expect(errorAnswer(error(code), 'input')).toMatchObject({
    status,
    isOurs: false,
    body: {
      error: { code, type, param: 'input', message: 'in /home/somebody/model something broke' },
    },
  });
});

test.each([
  ['BACKEND_LOST', error('BACKEND_LOST'), 503],
  ['BACKEND_CLOSED', error('BACKEND_CLOSED'), 503],
  ['ENCODER_CLOSED', error('ENCODER_CLOSED'), 503],
  ['FEATURES_NOT_FINITE', error('FEATURES_NOT_FINITE'), 500],
  ['PREPROCESS_FAILED', error('PREPROCESS_FAILED'), 500],
  ['UNEXPECTED', new TypeError('x of undefined in /home/somebody/model'), 500],
  ['UNEXPECTED', 'a string in /home/somebody/model', 500],
  ['UNEXPECTED', Object.assign(new Error('/home/somebody/model'), { code: 'ENOENT', statusCode: 500 }), 500],
])('%s is ours: the client gets no path, no stack and no message of a library', (code, thrown, status) => {
  const answer = errorAnswer(thrown);
  expect(answer).toMatchObject({ status, isOurs: true, body: { error: { code, type: 'server_error' } } });
  expect(JSON.stringify(answer)).not.toMatch(/somebody|\.[jt]s:\d|node_modules/);
  expect(answer.body.error.message).not.toBe('');
});

test('what has to be tried again says when, in whole seconds of at least one', () => {
  expect(errorAnswer(error('QUEUE_FULL', { retryAfterSeconds: 2.2 })).retryAfterSeconds).toBe(3);
  expect(errorAnswer(error('QUEUE_FULL', { retryAfterSeconds: 0.1 })).retryAfterSeconds).toBe(1);
  expect(errorAnswer(error('BACKEND_LOST')).retryAfterSeconds).toBe(1);
  expect(errorAnswer(error('REQUEST_INVALID'))).not.toHaveProperty('retryAfterSeconds');
});

test.each([
  ['bytes', 413],
  ['pixels', 422],
  ['frames', 422],
])(
  'an image with too many %s is told the limit of this server, not an option of a library',
  (option, status) => {
    const thrown = error('IMAGE_TOO_LARGE', { actual: 900, limit: 500, option });
    expect(errorAnswer(thrown)).toMatchObject({
      status,
      body: {
        error: {
          message: `The image has 900 ${option}, and this server takes 500 at most. Send a smaller one.`,
        },
      },
    });
  },
);

test('errors of the HTTP framework keep their status and get a code of ours', () => {
  const thrown = Object.assign(new Error('Body is not valid JSON'), {
    code: 'FST_ERR_CTP_INVALID_JSON_BODY',
    statusCode: 400,
  });
  expect(errorAnswer(thrown)).toMatchObject({
    status: 400,
    isOurs: false,
    body: {
      error: {
        code: 'REQUEST_MALFORMED',
        message: expect.stringMatching(/^Body is not valid JSON\. .*base64 -w 0/),
      },
    },
  });
});

test('a client that has gone is no fault', () => {
  expect(errorAnswer(error('CLIENT_GONE'))).toMatchObject({ status: 499, isOurs: false });
});
