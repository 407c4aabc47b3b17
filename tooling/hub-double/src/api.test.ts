import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fetchOnce, hubWith, id, openHub, sha256 } from './testing.js';

const json = async (url: string) => JSON.parse((await fetchOnce(url)).body.toString()) as unknown;

describe('the API', () => {
  it('describes a repository at a revision', async () => {
    const commits = [
      { commit: 'a'.repeat(40), references: ['v1'], files: { 'config.json': '{}', 'a/b.txt': '' } },
    ];
    const hub = await openHub({ repositories: [{ id, license: 'cc-by-nc-4.0', commits }] });
    const expected = {
      id,
      sha: 'a'.repeat(40),
      private: false,
      gated: false,
      cardData: { license: 'cc-by-nc-4.0' },
      siblings: [{ rfilename: 'config.json' }, { rfilename: 'a/b.txt' }],
    };
    expect(await json(`${hub.endpoint}/api/models/${id}`)).toMatchObject(expected);
    expect(await json(`${hub.endpoint}/api/models/${id}/revision/v1`)).toMatchObject(expected);
  });

  it('tells sizes and hashes of the files where it is asked to', async () => {
    const hub = await hubWith({ 'config.json': '{}', 'model.safetensors': 'weights' });
    expect(await json(`${hub.endpoint}/api/models/${id}?blobs=true`)).toMatchObject({
      siblings: [
        { rfilename: 'config.json', size: 2, blobId: '9e26dfeeb6e641a33dae4961196235bdb965b21b' },
        { size: 7, lfs: { sha256: sha256(Buffer.from('weights')), size: 7 } },
      ],
    });
  });

  it('lists files and folders: hashes of small files, pointers of large ones', async () => {
    const hub = await hubWith({ 'config.json': '{}', 'sub/deep/model.safetensors': 'weights' });
    const digest = sha256(Buffer.from('weights'));
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${digest}\nsize 7\n`;
    const pointerId = createHash('sha1').update(`blob ${pointer.length}\0${pointer}`).digest('hex');
    expect(await json(`${hub.endpoint}/api/models/${id}/tree/main?recursive=true&expand=false`)).toEqual([
      { type: 'file', oid: '9e26dfeeb6e641a33dae4961196235bdb965b21b', size: 2, path: 'config.json' },
      { type: 'directory', oid: expect.any(String), size: 0, path: 'sub' },
      { type: 'directory', oid: expect.any(String), size: 0, path: 'sub/deep' },
      {
        type: 'file',
        oid: pointerId,
        size: 7,
        lfs: { oid: digest, size: 7, pointerSize: pointer.length },
        path: 'sub/deep/model.safetensors',
      },
    ]);
  });

  it('lists one folder, and one level only unless asked for all', async () => {
    const hub = await hubWith({ a: '', 'sub/b': '', 'sub/deep/c': '' });
    const paths = async (query: string) =>
      ((await json(`${hub.endpoint}/api/models/${id}/tree/main${query}`)) as { path: string }[]).map(
        ({ path }) => path,
      );
    expect(await paths('')).toEqual(['a', 'sub']);
    expect(await paths('/sub')).toEqual(['sub/b', 'sub/deep']);
    expect(await paths('/sub?recursive=true')).toEqual(['sub/b', 'sub/deep', 'sub/deep/c']);
    const none = await fetchOnce(`${hub.endpoint}/api/models/${id}/tree/main/none`);
    expect(none.headers['x-error-code']).toBe('EntryNotFound');
  });

  it('lists page by page', async () => {
    const names = Array.from({ length: 7 }, (_, index) => `file-${index}`);
    const hub = await hubWith(Object.fromEntries(names.map((name) => [name, ''])), { pageSize: 3 });
    const seen: string[] = [];
    const sizes: number[] = [];
    let url: string | undefined = `${hub.endpoint}/api/models/${id}/tree/main?recursive=true`;
    while (url !== undefined) {
      const answer = await fetchOnce(url);
      const page = JSON.parse(answer.body.toString()) as { path: string }[];
      sizes.push(page.length);
      seen.push(...page.map(({ path }) => path));
      url = /<([^>]+)>; rel="next"/.exec(String(answer.headers['link']))?.[1];
      if (url !== undefined) expect(url).toContain('recursive=true');
    }
    expect(seen).toEqual(names);
    expect(sizes).toEqual([3, 3, 1]);
  });

  it('links further pages under its public name', async () => {
    const hub = await hubWith({ a: '', b: '' }, { pageSize: 1, publicEndpoint: 'http://hub.example' });
    const { headers } = await fetchOnce(`${hub.endpoint}/api/models/${id}/tree/main`);
    expect(headers['link']).toMatch(/^<http:\/\/hub\.example\/api\/models\//);
  });

  it('tells the last commit with expand', async () => {
    const hub = await hubWith({ a: '' });
    const { commit } = await hub.describe(id, 'a');
    expect(await json(`${hub.endpoint}/api/models/${id}/tree/main?expand=true`)).toMatchObject([
      { lastCommit: { id: commit }, securityFileStatus: { status: 'safe' } },
    ]);
  });

  it('tells of single paths, asked as JSON or as a form, and leaves out those that are not there', async () => {
    const hub = await hubWith({ 'config.json': '{}', 'sub/b': '' });
    for (const [type, body] of [
      ['application/json', '{"paths":["sub","none","config.json"]}'],
      ['application/x-www-form-urlencoded', 'paths=sub&paths=none&paths=config.json&expand=False'],
    ] as const) {
      const answer = await fetchOnce(`${hub.endpoint}/api/models/${id}/paths-info/main`, {
        method: 'POST',
        headers: { 'Content-Type': type },
        body,
      });
      expect(JSON.parse(answer.body.toString())).toMatchObject([
        { type: 'directory', path: 'sub' },
        { type: 'file', path: 'config.json', size: 2 },
      ]);
    }
  });

  it('answers 400 to a question about paths that names none', async () => {
    const hub = await hubWith({});
    for (const body of ['', '{', '{"paths":"a"}'])
      expect(
        (await fetchOnce(`${hub.endpoint}/api/models/${id}/paths-info/main`, { method: 'POST', body }))
          .status,
      ).toBe(400);
  });
});
