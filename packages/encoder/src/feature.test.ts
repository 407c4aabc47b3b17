import type { Tensor } from '@webssl/backend';
import { describe, expect, it } from 'vitest';
import { alone, covers, demandOf, featureOf, imageOf, parseFeature, unionOf } from './feature.js';

/** Two images of a CLS token and two patches, width 2. */
const state = {
  data: Float32Array.from([1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60]),
  dims: [2, 3, 2],
};
const all = { outputs: ['last_hidden_state'], tokens: 'all' } as const;

describe('parseFeature', () => {
  it('knows the named features and those of every layer', () => {
    for (const name of [
      'cls',
      'mean',
      'patches',
      'last_hidden_state',
      'hidden_states.0',
      'hidden_states.4',
      'attentions.3',
    ]) {
      expect(parseFeature(name, 4)).toBe(name);
    }
  });

  it.each([
    'pooler',
    'hidden_states.5',
    'attentions.4',
    'hidden_states.01',
    'hidden_states.-1',
    'attentions.',
    'CLS',
  ])('refuses %s and says what there is', (name) => {
    expect(() => parseFeature(name, 4)).toThrow(
      expect.objectContaining({
        code: 'FEATURE_UNKNOWN',
        message: expect.stringContaining(
          'hidden_states.0 to hidden_states.4 and attentions.0 to attentions.3',
        ),
      }),
    );
  });
});

describe('demandOf', () => {
  it('asks for the CLS token alone when nothing else is wanted', () => {
    expect(demandOf(['cls'])).toEqual({ outputs: ['last_hidden_state'], tokens: 'cls' });
    expect(demandOf(['mean', 'patches'])).toEqual({ outputs: ['last_hidden_state'], tokens: 'patches' });
    expect(demandOf(['cls', 'mean'])).toEqual(all);
  });

  it('asks for no last hidden state when only others are wanted', () => {
    expect(demandOf(['attentions.1', 'hidden_states.2']).outputs).toEqual([
      'attentions.1',
      'hidden_states.2',
    ]);
  });
});

describe('covers', () => {
  it('lets all tokens serve any selection, and nothing less serve all', () => {
    expect(covers(all, demandOf(['cls']))).toBe(true);
    expect(covers(demandOf(['cls']), all)).toBe(false);
    expect(covers(demandOf(['cls']), demandOf(['mean']))).toBe(false);
  });

  it('needs every output', () => {
    expect(covers(all, demandOf(['hidden_states.1']))).toBe(false);
    expect(covers(demandOf(['cls', 'hidden_states.1']), demandOf(['hidden_states.1']))).toBe(true);
  });
});

describe('featureOf', () => {
  const tensors = { last_hidden_state: state };

  it('takes the CLS token from the front', () => {
    expect(featureOf('cls', tensors, all, false)).toEqual({
      data: Float32Array.from([1, 2, 10, 20]),
      dims: [2, 2],
    });
  });

  it('takes the patches behind it', () => {
    expect(featureOf('patches', tensors, all, false)).toEqual({
      data: Float32Array.from([3, 4, 5, 6, 30, 40, 50, 60]),
      dims: [2, 2, 2],
    });
  });

  it('averages the patches and not the CLS token', () => {
    expect(featureOf('mean', tensors, all, false)).toEqual({
      data: Float32Array.from([4, 5, 40, 50]),
      dims: [2, 2],
    });
  });

  it('averages all tokens where the session gave only patches', () => {
    const patches = { data: Float32Array.from([3, 4, 5, 6]), dims: [1, 2, 2] };
    const demand = demandOf(['mean']);
    expect(featureOf('mean', { last_hidden_state: patches }, demand, false).data).toEqual(
      Float32Array.from([4, 5]),
    );
  });

  it('normalises each vector, leaves zero vectors and attention maps alone', () => {
    const tokens = { data: Float32Array.from([3, 4, 0, 0]), dims: [1, 2, 2] };
    expect(featureOf('hidden_states.1', { 'hidden_states.1': tokens }, all, true).data).toEqual(
      Float32Array.from([0.6, 0.8, 0, 0]),
    );
    expect(featureOf('attentions.1', { 'attentions.1': tokens }, all, true)).toBe(tokens);
  });
});

it('imageOf and alone cut one image out, as a copy of its own', () => {
  const { state: row } = imageOf({ state }, 1);
  expect(row).toEqual({ data: Float32Array.from([10, 20, 30, 40, 50, 60]), dims: [1, 3, 2] });
  const image = alone(row as Tensor);
  expect(image).toEqual({ data: Float32Array.from([10, 20, 30, 40, 50, 60]), dims: [3, 2] });
  expect(image.data.buffer).not.toBe(state.data.buffer);
});

describe('unionOf', () => {
  it('asks for what each one asks for, and for no more tokens than that', () => {
    expect(unionOf([demandOf(['cls']), demandOf(['cls', 'hidden_states.1'])])).toEqual({
      outputs: ['hidden_states.1', 'last_hidden_state'],
      tokens: 'cls',
    });
    expect(unionOf([demandOf(['cls']), demandOf(['mean'])]).tokens).toBe('all');
    expect(unionOf([demandOf(['cls']), demandOf(['hidden_states.1'])]).tokens).toBe('cls');
  });
});
