import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hubCacheFolder } from './hub-cache-folder.js';

const braced = (name: string) => `$\{${name}}`;

describe('hubCacheFolder', () => {
  // What huggingface_hub.constants.HF_HUB_CACHE is under the same variables.
  it.each([
    [{ HOME: '/home/me' }, '/home/me/.cache/huggingface/hub'],
    [{ HOME: '/home/me', XDG_CACHE_HOME: '/x' }, '/x/huggingface/hub'],
    [{ HOME: '/home/me', XDG_CACHE_HOME: '/x', HF_HOME: '/hf' }, '/hf/hub'],
    [{ HOME: '/home/me', HF_HOME: '/hf', HUGGINGFACE_HUB_CACHE: '/old' }, '/old'],
    [{ HOME: '/home/me', HF_HOME: '/hf', HUGGINGFACE_HUB_CACHE: '/old', HF_HUB_CACHE: '/new' }, '/new'],
    [{ HOME: '/home/me', HF_HOME: '~/models' }, '/home/me/models/hub'],
    [{ HOME: '/home/me', HF_HUB_CACHE: '~' }, '/home/me'],
    [{ HOME: '/home/me', XDG_CACHE_HOME: '~/c' }, '/home/me/c/huggingface/hub'],
    [{ HF_HUB_CACHE: `$DISK/a/${braced('NAME')}/b`, DISK: '/disk', NAME: 'n' }, '/disk/a/n/b'],
    [{ HF_HUB_CACHE: `/a/$NOTHING/${braced('NOT')}` }, `/a/$NOTHING/${braced('NOT')}`],
    [{ HOME: '/home/me', HF_HUB_CACHE: '', HF_HOME: '' }, '/home/me/.cache/huggingface/hub'],
  ])('under %j', (environment, folder) => {
    expect(hubCacheFolder(environment)).toBe(folder);
  });

  it("uses the user's home where HOME is not set", () => {
    expect(hubCacheFolder({})).toBe(join(homedir(), '.cache/huggingface/hub'));
  });
});
