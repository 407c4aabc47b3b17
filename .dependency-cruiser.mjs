/** Which floor a package lives on (docs/architecture.md). An import may only point to a lower floor. */
const floors = [
  ['packages/backend'],
  ['packages/metrics', 'packages/tensor-files', 'packages/preprocess'],
  ['packages/registry'],
  [
    'packages/graph',
    'packages/backend-cpu',
    'packages/backend-acl-native',
    'packages/backend-cann-onnx',
    'packages/scheduler',
  ],
  ['packages/encoder', 'packages/checker'],
  ['packages/evaluation', 'packages/command-line'],
  ['apps/server'],
  ['apps/cli'],
];

/** @param {readonly string[]} folders */
const inside = (folders) => `^(${folders.join('|')})/`;

const upward = floors.flatMap((folders, floor) =>
  folders.map((folder) => ({
    name: `floor-${floor}-${folder.replace('/', '-')}`,
    comment: `${folder} is on floor ${floor}: it may only import lower floors (tests may use what they need to compare with)`,
    severity: 'error',
    from: { path: inside([folder]), pathNot: '\\.test(-d)?\\.ts$' },
    to: {
      path: inside(
        floors
          .slice(floor)
          .flat()
          .filter((other) => other !== folder)
          .concat('nothing-else'),
      ),
    },
  })),
);

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Import cycles make loading order matter',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'backends-know-only-the-contract',
      comment: 'A backend can be released without the others',
      severity: 'error',
      from: { path: '^packages/backend-', pathNot: '(\\.test(-d)?\\.ts$|/testing/)' },
      to: { path: '^(packages|apps)/', pathNot: ['^packages/backend/', '^packages/backend-'] },
    },
    {
      name: 'packages-do-not-import-tooling',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/src/', pathNot: '(\\.test(-d)?\\.ts$|/testing/)' },
      to: { path: '^tooling/' },
    },
    {
      name: 'unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^tsup$' },
    },
    ...upward,
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/' },
    exclude: { path: '/fixtures/golden/|^tooling/consumer/projects/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'default'],
    },
  },
};
