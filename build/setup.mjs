/**
 * The first step of every script, in plain JavaScript for whatever Node the computer has: installs what
 * package-lock.json names when that is not what is installed, then hands over to the Node 24 among it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { MARKER, installedState, root } from './installed.mjs'

const node24 = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')

function isInstalled() {
  return existsSync(MARKER) && existsSync(node24) && readFileSync(MARKER, 'utf8') === installedState()
}

/** Runs `npm ci` if what is installed is not what the lock file names. Its output goes to stderr. */
function install() {
  if (isInstalled()) return
  process.stderr.write('Installing packages (npm ci)… 正在安裝套件…\n')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const run = (...args) => {
    const result = spawnSync(npm, [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    })
    if (result.error) throw result.error
    return result.status
  }
  if (run('ci') === 0) return
  // `npm ci` refuses a lock file without the packages of computers of another kind, which a registry may not offer.
  // This installs the same versions from it and lets those be.
  process.stderr.write('npm ci did not work; trying npm install… 改用 npm install…\n')
  const status = run('install', '--no-save')
  if (status !== 0) {
    process.stderr.write('npm install failed, so nothing was started. Its output is above. 套件安裝失敗。\n')
    process.exit(status ?? 1)
  }
}

/**
 * Ends the script when npm is gone. npm passes a signal on to the shell between it and us, and that shell ends without
 * a word to us: all we see is that our parent is another one.
 */
function endWithNpm(child) {
  const EVERY = 250
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    child.kill('SIGTERM')
  }, EVERY)
  watch.unref()
}

/**
 * Installs what is missing and runs a script, by its path in this project, with Node 24 in this process's place: same standard
 * streams, same arguments, signals passed on, same exit code.
 */
export function handOver(script) {
  install()
  const child = spawn(node24, [join(root, script), ...process.argv.slice(2)], {
    cwd: root,
    // The channel closes with this process, which is how the script learns that it was killed.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compile') },
    shell: process.platform === 'win32',
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  if (process.env['npm_lifecycle_event']) endWithNpm(child)
  child.on('error', (error) => {
    process.stderr.write(`Node 24 could not be started (${node24}): ${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}
