/**
 * Imports point one way: commands -> capability -> repositories -> entities -> database/config.
 * Anything that breaks the rule fails `npm test`.
 */
const CAPABILITIES = '^src/(migrate|seed|import|report|schedule|doctor)/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A cycle between modules makes the load order matter.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-oclif-below-cli',
      comment: 'Only src/commands and src/cli know the terminal.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(commands|cli)/' },
      to: { path: 'node_modules/(@oclif|ora|cli-table3)/' },
    },
    {
      name: 'nobody-imports-commands',
      severity: 'error',
      from: { pathNot: '^src/commands/' },
      to: { path: '^src/commands/' },
    },
    {
      name: 'capability-knows-no-command-line',
      severity: 'error',
      from: { path: CAPABILITIES },
      to: { path: '^src/(cli|commands)/' },
    },
    {
      name: 'repositories-below-capabilities',
      severity: 'error',
      from: { path: '^src/repositories/' },
      to: { path: [CAPABILITIES, '^src/(cli|commands)/'] },
    },
    {
      name: 'entities-below-repositories',
      severity: 'error',
      from: { path: '^src/entities/' },
      to: { path: ['^src/repositories/', CAPABILITIES, '^src/(cli|commands|config)/'] },
    },
    {
      name: 'database-and-config-at-the-bottom',
      severity: 'error',
      from: { path: '^src/(database|config|errors)/' },
      to: { path: ['^src/(entities|repositories|cli|commands)/', CAPABILITIES] },
    },
    {
      name: 'errors-import-nothing',
      severity: 'error',
      from: { path: '^src/errors/' },
      to: { path: '^src/', pathNot: '^src/errors/' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '^src/commands/' },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};
