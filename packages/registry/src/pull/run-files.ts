import { WebsslError } from '@webssl/backend';
import type { HubFile, HubRepository } from '../hub/hub-file.js';
import { isPickle } from '../is-pickle.js';
import { shardNames, weightIndexName } from '../weight-index.js';

const configuration = ['config.json', 'preprocessor_config.json'] as const;
const wholeWeights = 'model.safetensors';
const shardName = /^model-\d{5}-of-\d{5}\.safetensors$/;

/**
 * The files of a repository that a run needs, small ones first: the two configurations, and either `model.safetensors` or
 * its index and shards, chosen as the reference does (the whole file comes first). Never pickles.
 *
 * @throws WebsslError `HUB_FILE_NOT_FOUND` when the repository lacks one of them.
 */
export function filesOfRun({ id, commit, files }: HubRepository): readonly HubFile[] {
  const find = (path: string) => files.find((file) => file.path === path);
  const configurations = configuration.map((path) => find(path) ?? missing(path));
  const whole = find(wholeWeights);
  if (whole !== undefined) return [...configurations, whole];
  const index = find(weightIndexName) ?? missing(`${wholeWeights} or ${weightIndexName}`);
  return [...configurations, index, ...files.filter(({ path }) => shardName.test(path))];

  function missing(path: string): never {
    const pickles = files.filter((file) => isPickle(file.path)).map((file) => file.path);
    const advice =
      pickles.length > 0 && path.startsWith(wholeWeights)
        ? ` It has weights as pickles only (${pickles.slice(0, 3).join(', ')}), which run code when they are read; ask its owner for safetensors.`
        : ' It is no checkpoint that webssl can run.';
    throw new WebsslError({
      code: 'HUB_FILE_NOT_FOUND',
      message: `${id} has no ${path} at commit ${commit}.${advice}`,
      details: { id, commit, path },
    });
  }
}

/** The files that say how images are prepared. */
export function processorFiles(repository: HubRepository): readonly HubFile[] {
  const file = repository.files.find(({ path }) => path === 'preprocessor_config.json');
  return file === undefined ? filesOfRun(repository) : [file];
}

/**
 * The shards that an index names, out of a repository's files.
 * @throws WebsslError `HUB_FILE_NOT_FOUND` for a shard that the repository lacks, `CONFIG_INVALID` for an index that is none
 * or names other files than safetensors.
 */
export function shardsOf(index: unknown, repository: HubRepository): readonly HubFile[] {
  const { id, commit, files } = repository;
  const names = shardNames(index);
  if (names === undefined) throw invalidIndex(repository, 'it has no weight_map that names files');
  return names.map((path) => {
    if (!path.endsWith('.safetensors')) {
      throw invalidIndex(repository, `it names ${JSON.stringify(path)}, which is not safetensors`);
    }
    const file = files.find((candidate) => candidate.path === path);
    if (file !== undefined) return file;
    throw new WebsslError({
      code: 'HUB_FILE_NOT_FOUND',
      message: `${weightIndexName} of ${id} names ${JSON.stringify(path)}, which the repository lacks at commit ${commit}`,
      details: { id, commit, path },
    });
  });
}

/** The error for an index that says nothing of use. */
export function invalidIndex({ id, commit }: HubRepository, problem: string): WebsslError {
  return new WebsslError({
    code: 'CONFIG_INVALID',
    message: `${weightIndexName} of ${id} at commit ${commit} cannot be used: ${problem}`,
    details: { id, commit, path: weightIndexName },
  });
}
