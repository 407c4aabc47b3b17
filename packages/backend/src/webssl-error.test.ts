import { expect, it } from 'vitest';
import { WebsslError } from './webssl-error.js';

it('knows its own, by code where one is given', () => {
  const cause = new Error('why');
  const error = new WebsslError({ code: 'AREA_PROBLEM', message: 'what', cause, details: { figure: 1 } });
  expect(error).toMatchObject({ name: 'WebsslError', message: 'what', cause, details: { figure: 1 } });
  expect(WebsslError.isInstance(error)).toBe(true);
  expect(WebsslError.isInstance(error, 'AREA_PROBLEM')).toBe(true);
  expect(WebsslError.isInstance(error, 'AREA_OTHER')).toBe(false);
});

it('knows those of another copy of the package', async () => {
  const { WebsslError: Other } = await import('@webssl/backend');
  const error = new Other({ code: 'AREA_PROBLEM', message: 'what' });
  expect(error).not.toBeInstanceOf(WebsslError);
  expect(WebsslError.isInstance(error)).toBe(true);
});

it.each([[new Error('other')], [undefined], [null], ['text'], [{ code: 'AREA_PROBLEM' }]])(
  'does not take %s for one',
  (value) => {
    expect(WebsslError.isInstance(value)).toBe(false);
  },
);
