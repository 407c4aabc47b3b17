/** What tells one published model from another; everything else follows from it. */
export interface CatalogueRow {
  /** Name under `facebook/` on the Hugging Face hub. */
  readonly name: string;
  readonly family: 'Web-MAE' | 'Web-DINO';
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly patchSize: number;
  readonly imageSize: number;
  /** The part of MC-2B, two billion images from the web (MetaCLIP), that it was trained on. */
  readonly data: 'full' | 'light' | 'heavy';
  /** Images seen in training, in billions. */
  readonly seen: 2 | 8;
  /** Commit of the hub repository; absent where none is known. */
  readonly commit?: string;
}

const mae = { family: 'Web-MAE', patchSize: 14, imageSize: 224, data: 'full', seen: 2 } as const;
const dino = { family: 'Web-DINO', patchSize: 14, imageSize: 224, data: 'full', seen: 2 } as const;

const dino300m = { ...dino, hiddenSize: 1024, layers: 24, heads: 16 } as const;
const dino2b = { ...dino, hiddenSize: 2688, layers: 24, heads: 21 } as const;
const dino3b = { ...dino, hiddenSize: 3072, layers: 26, heads: 24 } as const;
const dino7b = { ...dino, hiddenSize: 4096, layers: 32, heads: 32, seen: 8 } as const;

/**
 * The models of the hub's Web-SSL collection. Architectures: the constructors in github.com/facebookresearch/webssl
 * (`mae/mae.py`, `dinov2/vision_transformer.py`) and Table 1 of arXiv 2504.01017. Commits: the revisions that the MTEB
 * benchmark pins, and the initial commit of mae2b.
 */
export const catalogueRows: readonly CatalogueRow[] = [
  {
    ...mae,
    name: 'webssl-mae300m-full2b-224',
    hiddenSize: 1024,
    layers: 24,
    heads: 16,
    // The only model of the collection with patches of 16 pixels.
    patchSize: 16,
    commit: '4655a0ac1726c206ba14d5ccb26758c62a4d03b0',
  },
  {
    ...mae,
    name: 'webssl-mae700m-full2b-224',
    hiddenSize: 1280,
    layers: 32,
    heads: 16,
    commit: 'c32be382e757d73a178de1ead62c27391d4b4280',
  },
  {
    ...mae,
    name: 'webssl-mae1b-full2b-224',
    hiddenSize: 1536,
    layers: 40,
    heads: 24,
    commit: '5880aefedbad8db0f44d27358f6f08e8576f70fc',
  },
  {
    ...mae,
    name: 'webssl-mae2b-full2b-224',
    hiddenSize: 2688,
    layers: 24,
    heads: 21,
    commit: 'ef5cf8e1146bfabe5eeeb08b58bb7d6022a8f2cc',
  },
  { ...mae, name: 'webssl-mae3b-full2b-224', hiddenSize: 3072, layers: 26, heads: 24 },
  {
    ...dino300m,
    name: 'webssl-dino300m-full2b-224',
    commit: '8529cdb3fb75014932af3b896455fc21c386168e',
  },
  { ...dino300m, name: 'webssl-dino300m-light2b-224', data: 'light' },
  {
    ...dino,
    name: 'webssl-dino1b-full2b-224',
    hiddenSize: 1536,
    layers: 40,
    heads: 24,
    commit: 'd3bf033d9c8cc62ea9e73c40956642cad2ec568a',
  },
  { ...dino2b, name: 'webssl-dino2b-full2b-224', commit: 'cd5893e3fd2e988eb716792049b3dd53b3f1b68b' },
  {
    ...dino2b,
    name: 'webssl-dino2b-light2b-224',
    data: 'light',
    commit: '633a663f304e63cc3cbec3f7f9ca2fbc94736128',
  },
  {
    ...dino2b,
    name: 'webssl-dino2b-heavy2b-224',
    data: 'heavy',
    commit: '9f46eb0c0129656a1ef195fde072e3765abdb7c6',
  },
  { ...dino3b, name: 'webssl-dino3b-full2b-224', commit: '2d015c340b16bc47bc6557fcb4e6c83a9d4aa1d3' },
  {
    ...dino3b,
    name: 'webssl-dino3b-light2b-224',
    data: 'light',
    commit: '4d0160f60673805431f4ad14983e712ed88be5b8',
  },
  {
    ...dino3b,
    name: 'webssl-dino3b-heavy2b-224',
    data: 'heavy',
    commit: 'dd39c2910747561b332285d96c4dce0bdb240775',
  },
  {
    ...dino,
    name: 'webssl-dino5b-full2b-224',
    hiddenSize: 3584,
    layers: 32,
    heads: 28,
    commit: '88006b18b9af369f6c611db7a64d908bde3714e0',
  },
  { ...dino7b, name: 'webssl-dino7b-full8b-224', commit: 'c6085463ea680043042a80c6d41db2c65e85f466' },
  {
    ...dino7b,
    name: 'webssl-dino7b-full8b-378',
    imageSize: 378,
    commit: '53c8c5b43070bd2ddb3f66161140408ce832301f',
  },
  {
    ...dino7b,
    name: 'webssl-dino7b-full8b-518',
    imageSize: 518,
    commit: 'aee350d2c5e3e5fdb7ee6985291d808ea5eef431',
  },
];
