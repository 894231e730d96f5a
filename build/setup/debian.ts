/** Installs system packages where that is ours to do: on Debian and its kin, as root. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

export function canInstallDebian(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
}

function isInstalled(name: string): boolean {
  const answer = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { encoding: 'utf8' })
  return answer.status === 0 && answer.stdout === 'installed'
}

function apt(args: readonly string[]): void {
  const result = spawnSync('apt-get', args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (result.error) throw result.error
  if (result.status !== 0)
    throw new Error(`apt-get ${args.join(' ')} failed:\n${(result.stdout + result.stderr).slice(-2000)}`)
}

/** A library whose package newer releases call by another name, `…t64`, is there under either. */
function isThere(name: string): boolean {
  return isInstalled(name) || isInstalled(`${name}t64`)
}

function offeredAs(name: string): string {
  const offered = spawnSync('apt-cache', ['policy', `${name}t64`], { encoding: 'utf8' }).stdout ?? ''
  return /Candidate: \d/.test(offered) ? `${name}t64` : name
}

/**
 * Installs those of the packages that are missing. Does nothing on a computer where it may not.
 *
 * @throws with apt's own words when it fails.
 */
export function installDebian(names: readonly string[]): void {
  if (!canInstallDebian()) return
  const missing = names.filter((name) => !isThere(name))
  if (missing.length === 0) return
  process.stderr.write(`Installing ${missing.join(', ')}… 正在安裝系統套件…\n`)
  apt(['update', '-qq'])
  apt(['install', '-y', '-qq', '--no-install-recommends', ...missing.map(offeredAs)])
}
