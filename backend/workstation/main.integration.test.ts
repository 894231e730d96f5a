import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CHILD_FLAG, SHELL_FLAG, WINDOW_COOKIE } from './shell.ts'
import { MEMBER, StandInHub } from './stand-ins/hub.ts'
import { folder } from './stand-ins/place.ts'

const SECRET = 'w'.repeat(43)

function start(hub: string, env: NodeJS.ProcessEnv = {}, home = folder()) {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, '--hub', hub, '--home', home], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (data) => (log += String(data)))
  const said: Record<string, unknown>[] = []
  const waiting = new Set<() => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.push(JSON.parse(line))
    for (const check of waiting) check()
  })
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  /** The first message from stdout that has this field. */
  function hears(field: string): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const message = said.find((one) => field in one)
        if (!message) return
        waiting.delete(check)
        resolve(message)
      }
      waiting.add(check)
      check()
      void ended.then((code) => reject(new Error(`ended with ${code}: ${log}`)))
    })
  }
  const says = (message: unknown) => child.stdin.write(`${JSON.stringify(message)}\n`)
  return { child, ended, hears, says, log: () => log }
}

const NOWHERE = 'http://127.0.0.1:1'

describe('the process', () => {
  it('says on one line where it is, and ends cleanly when told to', async () => {
    const { child, ended, hears } = start(NOWHERE)
    const { url } = await hears('ready')
    expect((await fetch(`${String(url)}/api/state`)).status).toBe(200)
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  })

  it('outlives connections that break off while they are turned away', async () => {
    const { hears } = start(NOWHERE)
    const { url } = await hears('ready')
    const { port, hostname } = new URL(String(url))
    const upgrade = 'GET /api/live HTTP/1.1\r\nhost: evil.example\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'
    const breakOff = () =>
      new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname, () => {
          socket.write(upgrade)
          setImmediate(() => socket.resetAndDestroy())
        })
        socket.on('error', () => resolve())
        socket.on('close', () => resolve())
      })
    for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 20 }, breakOff))
    expect((await fetch(`${String(url)}/api/state`)).status).toBe(200)
  })

  it('ends with its parent', async () => {
    const { child, ended, hears } = start(NOWHERE, { [CHILD_FLAG]: '1' })
    await hears('ready')
    child.stdin.end()
    expect(await ended).toBe(0)
  })

  it('says what is wrong with how it was started', async () => {
    const { ended, log } = start('ftp://hub')
    expect(await ended).toBe(1)
    expect(log()).toContain('--hub is the http or https address')
  })

  it('[SHF-1] has its folder alone: a second one is refused by name, and one that was killed leaves no lock', async () => {
    const home = folder()
    const first = start(NOWHERE, {}, home)
    await first.hears('ready')
    const second = start(NOWHERE, {}, home)
    expect(await second.ended).toBe(1)
    expect(second.log()).toContain(`another workstation runs on ${home}`)
    expect(second.log()).toContain('"code":"home.inUse"')

    first.child.kill('SIGKILL')
    await first.ended
    // Several that find what the killed one left: one of them gets it, whichever.
    const several = Array.from({ length: 4 }, () => start(NOWHERE, {}, home))
    const outcomes = await Promise.all(
      several.map(async (one) =>
        Promise.race([
          one.hears('ready').then(
            () => 'ready' as const,
            () => 1,
          ),
          one.ended,
        ]),
      ),
    )
    expect(outcomes.toSorted()).toEqual([1, 1, 1, 'ready'])

    const owner = several[outcomes.indexOf('ready')]
    owner?.child.kill('SIGTERM')
    expect(await owner?.ended).toBe(0)
    expect(readdirSync(home).toSorted()).toEqual(['workstation.json', 'workstation.lock'])
  })

  it('works for the shell that sent it the secret, wraps keys with its keychain, and tells the log nothing', async () => {
    const hub = await StandInHub.start()
    onTestFinished(() => hub.stop())
    const { ended, hears, says, log } = start(hub.url, { [SHELL_FLAG]: '1', [CHILD_FLAG]: '1' })
    says({ windowSecret: SECRET, keychain: true })
    const url = String((await hears('ready'))['url'])
    expect((await fetch(`${url}/api/state`)).status).toBe(401)
    const headers = { cookie: `${WINDOW_COOKIE}=${SECRET}`, origin: url, 'content-type': 'application/json' }
    const body = JSON.stringify({ email: MEMBER.email, password: hub.password })
    const signingIn = fetch(`${url}/api/sign-in`, { method: 'POST', headers, body })
    const { id, type, value } = await hears('type')
    expect(type).toBe('wrap')
    expect(String(value)).toContain('"iv"')
    says({ type: 'keychain', id, value: 'wrapped' })
    expect((await signingIn).status).toBe(200)
    says({ type: 'nonsense' })
    says({ type: 'close' })
    expect(await ended).toBe(0)
    for (const secret of [SECRET, hub.password, MEMBER.email, hub.refreshToken, 'access-']) {
      expect(log()).not.toContain(secret)
    }
  })
})
