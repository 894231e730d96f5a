import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { PROTOCOL } from '../sync/protocol.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))
let home: string
const running = new Set<ChildProcess>()
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'countertop-main-'))
})
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL')
  await rm(home, { recursive: true, force: true })
})

type Ready = {
  ready: true
  url: string
  webchat: string | null
  accounts: { email: string; password: string; role: string; name: string }[]
}

/** Starts the real program; its log is in `log`. */
function run(env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN, '--home', home, '--port', '0'], {
    env: { PATH: process.env['PATH'] ?? '', COUNTERTOP_CHILD: '1', COUNTERTOP_LOG: 'debug', ...env },
  })
  running.add(child)
  const lines: string[] = []
  child.stderr.on('data', (data: Buffer) => lines.push(String(data)))
  const exited = once(child, 'exit').then(([code, signal]) => {
    running.delete(child)
    return { code, signal }
  })
  const ready = new Promise<Ready>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => resolve(JSON.parse(line)))
    void exited.then(() => reject(new Error(`it ended: ${lines.join('')}`)))
  })
  // Whoever wants to know awaits it; a program that is to fail has no reader.
  ready.catch((error: Error) => lines.push(error.name))
  return { child, exited, ready, log: () => lines.join('') }
}

/** A request whose body goes out in chunks. */
function streamed(headers: Record<string, string>, pieces: readonly string[]): RequestInit & { duplex: 'half' } {
  return { method: 'POST', headers, body: new Blob([...pieces]).stream(), duplex: 'half' }
}

const signIn = (url: string, email: string, password: string) =>
  fetch(`${url}/auth/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password, workstation: { id: 'counter-1', name: '櫃檯' }, protocol: PROTOCOL }),
  })

it('starts, refuses a second one on its folder, survives SIGKILL, and ends with whoever started it', async () => {
  const first = run()
  const { url, accounts, webchat } = await first.ready
  expect([accounts, webchat]).toEqual([[], null])
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ ok: true })
  expect((await stat(join(home, 'hub-secret'))).mode & 0o777).toBe(0o600)
  expect((await signIn(url, 'nobody@shop.example', 'guess')).status).toBe(401)

  const lost = new WebSocket(`${url.replace('http', 'ws')}/elsewhere`)
  const [refused] = await once(lost, 'error')
  expect(String(refused)).toContain('404')

  const second = run()
  expect(await second.exited).toEqual({ code: 1, signal: null })
  expect(second.log()).toContain('another hub runs on')

  first.child.kill('SIGKILL')
  await first.exited
  const third = run()
  await third.ready
  third.child.stdin.end()
  expect(await third.exited).toEqual({ code: 0, signal: null })

  const fourth = run()
  await fourth.ready
  fourth.child.kill('SIGTERM')
  expect(await fourth.exited).toEqual({ code: 0, signal: null })
  expect(first.log() + fourth.log()).not.toMatch(/nobody@|guess/)
}, 120_000)

it('says what is wrong when it cannot start', async () => {
  const short = run({ COUNTERTOP_HUB_SECRET: 'short' })
  expect(await short.exited).toEqual({ code: 1, signal: null })
  expect(short.log()).toContain('COUNTERTOP_HUB_SECRET must hold at least 32 bytes')
  const nowhere = run({ DATABASE_URL: 'postgres://127.0.0.1:1/none' })
  expect(await nowhere.exited).toEqual({ code: 1, signal: null })
  expect(nowhere.log()).toContain('the database server cannot be opened')
}, 60_000)

it('takes a body whose length is not said, up to the same limit', async () => {
  const hub = run({ COUNTERTOP_DEMO: '1' })
  const { url, accounts } = await hub.ready
  const inPieces = (...pieces: string[]) =>
    fetch(`${url}/auth/sign-in`, streamed({ 'content-type': 'application/json' }, pieces))
  const { email = '', password = '' } = accounts[0] ?? {}
  const workstation = { id: 'counter-1', name: '櫃檯' }
  const json = JSON.stringify({ email, password, workstation, protocol: PROTOCOL })
  expect((await inPieces(json.slice(0, 9), json.slice(9))).status).toBe(200)
  const large = await inPieces(...Array.from({ length: 20 }, () => 'x'.repeat(1024)))
  expect([large.status, (await large.json()).error.code]).toEqual([413, 'request.tooLarge'])
  const empty = await fetch(`${url}/auth/refresh`, { method: 'POST' })
  expect([empty.status, (await empty.json()).error.code]).toEqual([400, 'request.invalid'])
  hub.child.kill('SIGTERM')
  await hub.exited
})
