import { expect, test } from 'vitest';
import { imageSourceOf } from './image-source.js';

test.each([
  ['data:image/png;base64,AAAA', { kind: 'data-uri', uri: 'data:image/png;base64,AAAA' }],
  ['DATA:,x', { kind: 'data-uri', uri: 'data:,x' }],
  ['iVBORw0KGgo=', { kind: 'base64', text: 'iVBORw0KGgo=' }],
  ['https://example.org/a.jpg', { kind: 'url', url: 'https://example.org/a.jpg' }],
  ['FILE:///etc/passwd', { kind: 'url', url: 'FILE:///etc/passwd' }],
  ['/etc/passwd', { kind: 'base64', text: '/etc/passwd' }],
  ['../photo.jpg', { kind: 'base64', text: '../photo.jpg' }],
  ['note: a sentence', { kind: 'base64', text: 'note: a sentence' }],
  ['file:/etc/passwd', { kind: 'base64', text: 'file:/etc/passwd' }],
])('%s is read as what it is, and never as a path', (text, source) => {
  expect(imageSourceOf(text, 'input')).toEqual(source);
});

test('an empty string is refused with the name of its place', () => {
  expect(() => imageSourceOf('', 'images[2]')).toThrow(
    expect.objectContaining({ code: 'REQUEST_INVALID', details: { param: 'images[2]' } }),
  );
});
