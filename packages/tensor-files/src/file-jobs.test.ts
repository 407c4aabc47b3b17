import { expect, it } from 'vitest';
import { type FileJobs, takeFileJobs } from './file-jobs.js';

function jobsOf(...jobs: readonly string[]): FileJobs<string> {
  return { jobs, shared: new Int32Array(new SharedArrayBuffer(8)) };
}

it('every job is taken once, whoever takes it', () => {
  const jobs = jobsOf('a', 'b', 'c');
  const [one, other] = [takeFileJobs(jobs), takeFileJobs(jobs)];
  const taken = [one.next(), other.next(), one.next()].map(({ value }) => value);
  expect(taken).toEqual(['a', 'b', 'c']);
  expect(other.next().done).toBe(true);
  expect(one.next().done).toBe(true);
});

it('no job is taken any more once the work is to stop', () => {
  const jobs = jobsOf('a', 'b');
  const taking = takeFileJobs(jobs);
  expect(taking.next().value).toBe('a');
  Atomics.store(jobs.shared, 1, 1);
  expect(taking.next().done).toBe(true);
});
