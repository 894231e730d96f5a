import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { refuse } from '../../domain/refusal.ts'
import { HubClient } from '../hub/client.ts'
import { SILENT, folder } from '../stand-ins/place.ts'
import { StandInHub } from '../stand-ins/hub.ts'
import { writeAtomically } from './atomic-file.ts'
import { delayAfter } from './attempts.ts'
import { Home } from './home.ts'
import { SignInDesk } from './sign-in.ts'
import { Tokens } from './tokens.ts'
import type { Keychain } from './vault.ts'

async function setUp(keychain: Keychain | null = null, now: () => number = Date.now) {
  const hub = await StandInHub.start()
  onTestFinished(() => hub.stop())
  const path = folder()
  const home = await Home.open(path, SILENT)
  const client = new HubClient(hub.url, SILENT)
  const desk = (chain = keychain) => new SignInDesk(home, client, chain, now, SILENT)
  const vaultFile = () => join(path, 'members', readdirSync(join(path, 'members'))[0] ?? '', 'vault.json')
  return { hub, path, home, client, desk, vaultFile }
}

async function mustOpen(desk: SignInDesk, password: string) {
  const result = await desk.signIn('Mei@Example.test', password)
  if (!result.ok) throw new Error(result.refusal.code)
  return result.value
}

describe('signing in', () => {
  it('[SHF-1] opens the same store with the hub and without it', async () => {
    const { hub, desk } = await setUp()
    const online = await mustOpen(desk(), 'right horse')
    hub.failure = { status: 503, body: 'down' }
    const offline = await mustOpen(desk(), 'right horse')
    expect(offline.session).toBeNull()
    expect(offline.vault.dataKey).toEqual(online.vault.dataKey)
    expect(offline.vault.kept).toEqual(online.vault.kept)
  })

  it('[SHF-1] refuses a wrong password offline, and who was never here', async () => {
    const { hub, desk } = await setUp()
    await mustOpen(desk(), 'right horse')
    hub.failure = { status: 200, body: '<html>a captive portal</html>' }
    expect(await desk().signIn('mei@example.test', 'wrong')).toMatchObject({ refusal: { code: 'signIn.wrong' } })
    expect(await desk().signIn('who@example.test', 'right horse')).toMatchObject({
      refusal: { code: 'signIn.needsHub' },
    })
  })

  it('[SHF-1] believes the hub about a wrong password even where the device would open', async () => {
    const { hub, desk } = await setUp()
    await mustOpen(desk(), 'right horse')
    hub.password = 'new stable'
    expect(await desk().signIn('mei@example.test', 'right horse')).toMatchObject({ refusal: { code: 'signIn.wrong' } })
  })

  it('opens the old store after the password was changed elsewhere, and offline with the new one from then on', async () => {
    const { hub, desk } = await setUp()
    const before = await mustOpen(desk(), 'right horse')
    hub.password = 'new stable'
    const after = await mustOpen(desk(), 'new stable')
    expect(after.vault.dataKey).toEqual(before.vault.dataKey)
    hub.failure = { status: 503, body: '' }
    expect((await mustOpen(desk(), 'new stable')).vault.dataKey).toEqual(before.vault.dataKey)
    expect(await desk().signIn('mei@example.test', 'right horse')).toMatchObject({ refusal: { code: 'signIn.wrong' } })
  })

  it('keeps nothing readable on the disk, and for the owner alone', async () => {
    const { hub, desk, vaultFile } = await setUp()
    const { vault } = await mustOpen(desk(), 'right horse')
    const text = readFileSync(vaultFile(), 'utf8')
    for (const secret of [hub.refreshToken, 'right horse', hub.storeKey, vault.dataKey.toString('base64')]) {
      expect(text).not.toContain(secret)
    }
    if (process.platform !== 'win32') expect(statSync(vaultFile()).mode & 0o777).toBe(0o600)
  })

  it('needs the hub when the vault is damaged, and then starts anew beside the damaged one', async () => {
    const { hub, desk, vaultFile } = await setUp()
    await mustOpen(desk(), 'right horse')
    writeFileSync(vaultFile(), readFileSync(vaultFile(), 'utf8').slice(0, 100))
    hub.failure = { status: 503, body: '' }
    expect(await desk().signIn('mei@example.test', 'right horse')).toMatchObject({
      refusal: { code: 'signIn.needsHub' },
    })
    hub.failure = null
    await mustOpen(desk(), 'right horse')
    expect(readdirSync(join(vaultFile(), '..')).filter((name) => name.includes('unreadable'))).toHaveLength(1)
  })

  it('opens a vault under the keychain only with the keychain, and with the hub without it', async () => {
    const chain: Keychain = {
      wrap: async (text) => Buffer.from(text).toString('hex'),
      unwrap: async (text) => Buffer.from(text, 'hex').toString(),
    }
    const { hub, desk, vaultFile } = await setUp(chain)
    const first = await mustOpen(desk(), 'right horse')
    expect(JSON.parse(readFileSync(vaultFile(), 'utf8')).byPassword).toHaveProperty('keychain')
    hub.failure = { status: 503, body: '' }
    expect((await mustOpen(desk(), 'right horse')).vault.dataKey).toEqual(first.vault.dataKey)
    const without = desk(null)
    expect(await without.signIn('mei@example.test', 'right horse')).toMatchObject({
      refusal: { code: 'signIn.needsHub' },
    })
    hub.failure = null
    expect((await mustOpen(without, 'right horse')).vault.dataKey).toEqual(first.vault.dataKey)
  })
})

describe('guessing', () => {
  it('[SHF-1] is slowed from the fourth failure on, twice as long each time, across restarts', async () => {
    let clock = 1_000_000
    const { hub, home, client, desk } = await setUp(null, () => clock)
    await mustOpen(desk(), 'right horse')
    hub.failure = { status: 503, body: '' }
    // A new desk each time is what a restart is.
    const guess = (password: string) =>
      new SignInDesk(home, client, null, () => clock, SILENT).signIn('mei@example.test', password)
    for (let i = 0; i < 3; i++) expect(await guess('wrong')).toMatchObject({ refusal: { code: 'signIn.wrong' } })
    for (const seconds of [2, 4, 8]) {
      expect(await guess('right horse')).toMatchObject({ refusal: { code: 'signIn.slowed', params: { seconds } } })
      clock += seconds * 1000
      expect(await guess('wrong')).toMatchObject({ refusal: { code: 'signIn.wrong' } })
    }
    clock += 16_000
    expect(await guess('right horse')).toMatchObject({ ok: true })
    expect(await guess('wrong')).toMatchObject({ refusal: { code: 'signIn.wrong' } })
  })

  it('[SHF-1] never waits longer than an hour, and no longer for a clock that was set back', async () => {
    expect(delayAfter(1_000)).toBe(60 * 60 * 1000)
    let clock = 10_000_000_000
    const { hub, desk } = await setUp(null, () => clock)
    await mustOpen(desk(), 'right horse')
    hub.failure = { status: 503, body: '' }
    for (let i = 0; i < 3; i++) await desk().signIn('mei@example.test', 'wrong')
    clock -= 5_000_000_000
    expect(await desk().signIn('mei@example.test', 'wrong')).toMatchObject({ refusal: { params: { seconds: 2 } } })
  })
})

describe('tokens', () => {
  it('keeps the new refresh token before it uses the session', async () => {
    const { hub, client, desk } = await setUp()
    const { vault } = await mustOpen(desk(), 'right horse')
    const tokens = new Tokens(client, vault, Date.now, SILENT)
    const [first, second] = await Promise.all([tokens.access(), tokens.access()])
    expect(first).toEqual(second)
    hub.failure = { status: 503, body: '' }
    const again = await mustOpen(desk(), 'right horse')
    expect(again.vault.kept.refreshToken).toBe(hub.refreshToken)
  })

  it('gives up for good when the hub says that the token was used by somebody else', async () => {
    const { hub, client, desk } = await setUp()
    const { vault, session } = await mustOpen(desk(), 'right horse')
    const tokens = new Tokens(client, vault, Date.now, SILENT)
    hub.refreshRefusal = refuse('session.tokenReused', {})
    expect(await tokens.access()).toMatchObject({ refusal: { code: 'session.tokenReused', instead: 'sign-in' } })
    hub.refreshRefusal = null
    expect(await tokens.access()).toMatchObject({ refusal: { code: 'session.tokenReused' } })
    if (session) tokens.use(session)
    expect(await tokens.access()).toMatchObject({ ok: true })
  })

  it('does not keep anybody from leaving when the new one cannot be written', async () => {
    const { client, desk } = await setUp()
    const { vault } = await mustOpen(desk(), 'right horse')
    const tokens = new Tokens(client, vault, Date.now, SILENT)
    rmSync(vault.folder, { recursive: true })
    writeFileSync(vault.folder, 'a file where the folder was')
    const renewal = tokens.renew()
    await tokens.settled(5_000)
    await expect(renewal).rejects.toThrow()
    await vault.retire()
  })

  it('tries again later when the hub only cannot be reached', async () => {
    const { hub, client, desk } = await setUp()
    const { vault } = await mustOpen(desk(), 'right horse')
    const tokens = new Tokens(client, vault, Date.now, SILENT)
    hub.failure = { status: 500, body: 'no' }
    expect(await tokens.access()).toMatchObject({ refusal: { code: 'hub.garbled' } })
    hub.failure = null
    expect(await tokens.access()).toMatchObject({ ok: true })
  })
})

describe('files', () => {
  it('leaves the old content when writing fails, and nothing beside it', async () => {
    const path = join(folder(), 'a.json')
    await writeAtomically(path, 'old')
    await expect(writeAtomically(join(path, 'below-a-file'), 'new')).rejects.toThrow()
    const contents = Array.from({ length: 20 }, (_, i) => `${i} `.repeat(10_000))
    await Promise.all(contents.map((content) => writeAtomically(path, content)))
    expect(contents).toContain(readFileSync(path, 'utf8'))
    expect(readdirSync(join(path, '..'))).toEqual(['a.json'])
  })

  it('keeps the identity of the workstation', async () => {
    const path = folder()
    const first = await Home.open(path, SILENT)
    expect((await Home.open(path, SILENT)).workstation).toEqual(first.workstation)
    writeFileSync(join(path, 'workstation.json'), '{"id":')
    expect((await Home.open(path, SILENT)).workstation.id).not.toBe(first.workstation.id)
  })
})
