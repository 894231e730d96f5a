/** Knows whether `out/` was built from the sources as they are, and builds it when it was not. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { hashOf } from './hash.ts'
import { outFolder, root } from './paths.ts'

const STAMP = join(outFolder, '.stamp')
const PRODUCTS = ['renderer/index.html', 'main/index.cjs', 'preload/index.cjs']
const INPUTS = [
  'renderer',
  'electron',
  'backend/workstation',
  'backend/domain',
  'electron.vite.config.ts',
  'package-lock.json',
]

/** One hash over the names and contents of all that the build reads. */
function inputHash(): string {
  return hashOf(root, INPUTS, (path) => /\.(test|bench)\.ts$/.test(path))
}

/**
 * Builds renderer, main and preload unless `out/` is of these very sources. The builder's output goes
 * to stderr only when it fails.
 *
 * @throws when the build fails.
 */
export async function buildIfStale(say: (line: string) => void): Promise<'built' | 'fresh'> {
  const hash = inputHash()
  const isFresh =
    existsSync(STAMP) &&
    readFileSync(STAMP, 'utf8') === hash &&
    PRODUCTS.every((product) => existsSync(join(outFolder, product)))
  if (isFresh) return 'fresh'
  say('Building… 正在建置…')
  await build()
  mkdirSync(outFolder, { recursive: true })
  writeFileSync(STAMP, hash)
  return 'built'
}

/** @throws with the builder's output when it fails. */
function build(): Promise<void> {
  const manifest = createRequire(import.meta.url).resolve('electron-vite/package.json')
  const child = spawn(
    process.execPath,
    [join(dirname(manifest), 'bin', 'electron-vite.js'), 'build', '--logLevel', 'warn'],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return new Promise((done, failed) => {
    child.on('error', failed)
    child.on('close', (code) => (code === 0 ? done() : failed(new Error(`The build failed.\n${output}`))))
  })
}
