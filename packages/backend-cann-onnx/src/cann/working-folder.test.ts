import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeWorkingFolder, removeAbandoned } from './working-folder.js';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'webssl-working-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

const hour = 60 * 60;

/** A working folder of which the name is changed, with something in it that was last changed a while ago. */
function workingFolder(change: (name: string) => string, hoursAgo: number): string {
  const made = makeWorkingFolder(parent);
  rmSync(made, { recursive: true });
  const folder = join(parent, change(basename(made)));
  mkdirSync(folder);
  writeFileSync(join(folder, 'model.om.partial'), 'half a model');
  const time = Date.now() / 1000 - hoursAgo * hour;
  utimesSync(folder, time, time);
  return folder;
}

/** A process id that is no more. */
const ended = spawnSync('true').pid;
const ofEnded = (name: string) => name.replace(`-${process.pid}-`, `-${ended}-`);
const ofNamespace = (name: string) => name.replace(/^running-\w+/, 'running-0123456789abcdef');
const ofEarlierRelease = () => 'running-a-host-42-x7';

describe('a working folder', () => {
  it.each<[string, (name: string) => string, number, boolean]>([
    ['of this process stays', (name) => name, 30 * 24, true],
    ['of a process that ended goes, with what it left half written', ofEnded, 0, false],
    [
      'of another namespace stays, though a process of that id ended here',
      (name) => ofNamespace(ofEnded(name)),
      23,
      true,
    ],
    ['of another namespace stays, though a process of that id lives here', ofNamespace, 23, true],
    ['of another namespace goes after a day without change', ofNamespace, 25, false],
    ['whose name says nothing goes after a day without change', ofEarlierRelease, 25, false],
  ])('%s', (_what, change, hoursAgo, stays) => {
    const folder = workingFolder(change, hoursAgo);
    removeAbandoned(parent);
    expect(existsSync(folder)).toBe(stays);
  });

  it('is not taken for something else', () => {
    writeFileSync(join(parent, 'model.om'), '');
    utimesSync(join(parent, 'model.om'), 0, 0);
    removeAbandoned(parent);
    expect(readdirSync(parent)).toEqual(['model.om']);
  });
});
