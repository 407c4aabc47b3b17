import { expect, it } from 'vitest';
import { formatChecks, formatMachine, formatSection } from './report.js';

it('lines up a table under its title, with its notes', () => {
  const text = formatSection({
    title: 'Speed',
    header: ['', 'seconds', 'range'],
    rows: [
      ['webssl', '1.20', '1.19 - 1.25'],
      ['another, slower', '11.40', ''],
    ],
    notes: ['Medians.'],
    checks: [],
    samples: {},
  });
  expect(text.split('\n')).toEqual([
    'Speed',
    '',
    '                 seconds        range',
    '---------------  -------  -----------',
    'webssl              1.20  1.19 - 1.25',
    'another, slower    11.40',
    '',
    'Medians.',
  ]);
});

it('shows each bound with its verdict, and why one was not measured', () => {
  const lines = formatChecks([
    { name: 'time', unit: 's', bound: { atMost: 2.7 }, measured: 2.34567 },
    { name: 'rate', bound: { atLeast: 0.8 }, measured: 0.7999 },
    { name: 'of Python', bound: { atMost: 0.45 }, measured: { missing: 'no torch' } },
  ])
    .split('\n')
    .slice(2);
  expect(lines.map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
    'time | <= 2.7 s | holds | 2.346 s',
    'rate | >= 0.8 | BROKEN | 0.7999',
    'of Python | <= 0.45 | not measured | no torch',
  ]);
});

it('says when the machine was busy', () => {
  const machine = {
    processor: 'A processor',
    cores: 2,
    memoryBytes: 24e9,
    system: 'A system',
    node: '20.19.0',
    libraries: { sharp: '0.35.5' },
    busyShare: 0.01,
  };
  expect(formatMachine(machine)).not.toContain('BUSY');
  expect(formatMachine({ ...machine, busyShare: 0.4 })).toContain(
    'THE MACHINE IS BUSY: others use 40 % of the cores',
  );
});
