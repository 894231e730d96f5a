/**
 * Remembers, after each `npm ci` or `npm install`, which lock file the installed packages came from. Runs as this
 * project's own `postinstall`.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const MARKER = join(root, 'node_modules', '.countertop-setup')

/** What must be the same for the installed packages to be the right ones: the lock file and the kind of computer. */
export function installedState() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  return `${lock} ${process.platform} ${process.arch}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(dirname(MARKER), { recursive: true })
  writeFileSync(MARKER, installedState())
}
