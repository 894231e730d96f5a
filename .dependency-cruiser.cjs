/** Who may import whom. The table is README's and docs' picture of the parts; what it does not allow is refused. */
const parts = {
  domain: '^backend/domain/',
  sync: '^backend/sync/',
  home: '^backend/home/',
  workstation: '^backend/workstation/',
  hub: '^backend/hub/',
  renderer: '^renderer/',
  electron: '^electron/',
}
const ours = '^(backend|renderer|electron|build|tests)/'
const tests = '\\.(test|bench|e2e)\\.ts$'

/**
 * A part may import itself and these, and nothing else of ours. Its tests may also use what `tests/` offers, and the sample
 * team of `sync`.
 */
function only(from, ...to) {
  return [
    {
      name: `${from}-imports-only-${['itself', ...to].join('-and-')}`,
      severity: 'error',
      from: { path: parts[from], pathNot: tests },
      to: { path: ours, pathNot: [from, ...to].map((part) => parts[part]) },
    },
    {
      name: `tests-of-${from}-import-only-${['itself', ...to].join('-and-')}`,
      severity: 'error',
      from: { path: `${parts[from]}.*${tests}` },
      to: { path: ours, pathNot: [...[from, ...to].map((part) => parts[part]), '^tests/', '^backend/sync/'] },
    },
  ]
}

module.exports = {
  forbidden: [
    ...only('domain'),
    ...only('sync', 'domain'),
    ...only('home'),
    ...only('workstation', 'sync', 'domain', 'home'),
    ...only('hub', 'sync', 'domain', 'home'),
    {
      name: 'renderer-imports-only-domain-and-types-of-the-local-api',
      severity: 'error',
      from: { path: parts.renderer },
      to: { path: ours, pathNot: [parts.renderer, parts.domain, '^backend/workstation/(app|views|shell)\\.ts$'] },
    },
    {
      name: 'renderer-imports-the-local-api-as-types-only',
      severity: 'error',
      from: { path: parts.renderer },
      to: { path: '^backend/workstation/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'electron-imports-only-the-shell-contract',
      severity: 'error',
      from: { path: parts.electron },
      to: { path: ours, pathNot: [parts.electron, '^backend/workstation/(shell|main)\\.ts$'] },
    },
    {
      name: 'domain-and-its-rules-know-only-zod',
      severity: 'error',
      from: { path: parts.domain, pathNot: tests },
      to: { path: 'node_modules/', pathNot: 'node_modules/zod/' },
    },
    {
      name: 'domain-touches-no-machine',
      severity: 'error',
      from: { path: [parts.domain, parts.sync], pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'product-does-not-import-its-build-or-tests',
      severity: 'error',
      from: { path: '^(backend|renderer|electron)/', pathNot: tests },
      to: { path: '^(build|tests)/' },
    },
    {
      name: 'product-does-not-import-dev-dependencies',
      severity: 'error',
      from: { path: '^backend/', pathNot: tests },
      // Files that tests share import the runner.
      to: {
        path: 'node_modules/',
        pathNot: 'node_modules/vitest/',
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          tests,
          '\\.d\\.ts$',
          '^[^/]+$',
          '^build/[^/]+\\.(mjs|ts)$',
          '^backend/hub/channels/webchat/page/',
          '^tests/fakes/sandbox/(page/|main\\.ts$)',
          '\\.config\\.[a-z]+$',
        ],
      },
      to: {},
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    includeOnly: '^(backend|renderer|electron|build|tests|node_modules)/',
    exclude: { path: '^(out|dist|\\.cache)/' },
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    extraExtensionsToScan: [],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.vue', '.mjs', '.js'],
    },
  },
}
