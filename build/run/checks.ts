/** The steps that need no browser: form, lint, boundaries, types, unit tests. In two lanes, for two cores. */
import { join } from 'node:path'
import { cacheFolder } from './paths.ts'
import { command, lanes, phase } from './phases.ts'
import type { Outcome } from './phases.ts'
import { runSuite, unitTests } from './suites.ts'

export function runChecks(): Promise<Outcome[]> {
  const prettier = ['--check', '--cache', '--cache-location', join(cacheFolder, 'prettier'), '--log-level', 'warn', '.']
  const types = ['--noEmit', '--incremental', '--tsBuildInfoFile', join(cacheFolder, 'types.tsbuildinfo'), '-p', '.']
  return lanes(
    [
      () => phase('format', () => command('prettier', prettier)),
      () => phase('lint', () => command('oxlint', ['--deny-warnings'])),
      () =>
        phase('boundaries', () =>
          command('depcruise', [
            '--config',
            '.dependency-cruiser.cjs',
            'backend',
            'renderer',
            'electron',
            'build',
            'tests',
          ]),
        ),
      () => phase('types', () => command('vue-tsc', types)),
      () => phase('types of the chat page', () => command('tsc', ['-p', 'backend/hub/channels/webchat/page'])),
      () => phase('types of the sandbox page', () => command('tsc', ['-p', 'tests/fakes/sandbox/page'])),
    ],
    [() => runSuite(unitTests)],
  )
}
