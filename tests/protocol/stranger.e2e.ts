import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Cable } from '../world/network.ts'
import { demoHubFolder, newFolder, portOf, startHub } from '../world/places.ts'
import type { HubReady } from '../world/places.ts'
import { openDevice } from './stranger.ts'

type Account = { email: string; password: string }
type Client = ReturnType<typeof openDevice>
type Device = { client: Client; folder: string; running: Promise<string>; stop: () => Promise<void> }

/** Waits until `check` throws no more. */
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 60_000, interval: 50 })

function accountOf(accounts: HubReady['accounts'], role: string): Account {
  const account = accounts.find((one) => one.role === role)
  if (account === undefined) throw new Error(`nobody is ${role}`)
  return { email: account.email, password: account.password }
}

/** A device that does not run, on what is in `folder`: that of the workstation `id`. */
function open(url: string, account: Account, folder: string, signal: AbortSignal, id = basename(folder)): Client {
  return openDevice(url, `${folder}/device.json`, { ...account, workstation: { id, name: 'Stranger' } }, signal)
}

/** A device that runs, on what is in `folder`. */
function switchOn(url: string, account: Account, folder: string, id?: string): Device {
  const over = new AbortController()
  const client = open(url, account, folder, over.signal, id)
  const running = client.run()
  const stop = async () => {
    over.abort()
    await running.catch((error: Error) => expect(error.name).toBe('AbortError'))
  }
  return { client, folder, running, stop }
}

/** Waits until a device has fetched its copy. */
const hasCopy = ({ client }: Device) => until(() => expect(client.rows.size).toBeGreaterThan(0))

/** The copy of a device, in an order of its own. */
function copyOf({ client }: Device) {
  return [...client.rows].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

function rowsOf({ client }: Device, table: string) {
  return [...client.rows.values()].flatMap(([name, row]) => (name === table ? [row] : []))
}

/** What members have written in a conversation, in the order in which the hub took it. */
function textsOf(device: Device, conversationId: string): unknown[] {
  return rowsOf(device, 'message')
    .filter((row) => row['conversationId'] === conversationId && JSON.stringify(row['author']).includes('"member"'))
    .toSorted((a, b) => Number(a['ordinal']) - Number(b['ordinal']))
    .map((row) => (row['body'] as { text?: string }).text)
}

/** Waits until nothing waits on a device, and it has what another device of the member has that starts with nothing. */
async function isAsFresh(device: Device, url: string, account: Account): Promise<void> {
  const fresh = switchOn(url, account, await newFolder('fresh'))
  await until(() => {
    expect(device.client.state.waiting).toEqual([])
    expect(fresh.client.rows.size).toBeGreaterThan(0)
    expect(copyOf(device)).toEqual(copyOf(fresh))
  })
  await fresh.stop()
}

/** A conversation that waits for an answer, with fewer messages than a device holds. */
function oneThatWaits(device: Device): string {
  const { id } = rowsOf(device, 'conversation').find(
    (row) => row['status'] === 'pending_person' && row['kind'] === 'direct' && Number(row['messageCount']) < 100,
  ) ?? { id: '' }
  expect(id).not.toBe('')
  return id
}

describe('a client written from the document alone', () => {
  let hub: Awaited<ReturnType<typeof startHub>>
  /** The counter's way to the hub; the office has one of its own. */
  let cable: Cable
  let counter: Device
  let office: Device
  /** The conversation that is written in. */
  let ours = ''
  const note = (id: string, text: string) =>
    counter.client.add('note.add', { conversationId: ours, messageId: id, text })
  const counterAccount = () => accountOf(hub.ready.accounts, 'cs_agent')
  /** Takes the counter off the net as a push of it leaves: before it has left, or after. */
  const cutAtPush = (when: 'before' | 'after') =>
    new Promise<void>((resolve) => {
      cable.onText = (text) => {
        if (!text.includes('"push"')) return
        if (when === 'before') cable.cut()
        else queueMicrotask(() => cable.cut())
        resolve()
      }
    })
  const plug = () => {
    cable.onText = () => undefined
    cable.plug()
  }

  beforeAll(async () => {
    hub = await startHub(await demoHubFolder())
    cable = await Cable.lay(() => portOf(hub.url))
    office = switchOn(hub.url, accountOf(hub.ready.accounts, 'admin'), await newFolder('office'))
    counter = switchOn(cable.url, counterAccount(), await newFolder('counter'))
    await hasCopy(counter)
    ours = oneThatWaits(counter)
  }, 120_000)
  afterAll(async () => {
    await counter.stop()
    await office.stop()
    await cable.remove()
    await hub.stop()
  })
  beforeEach(plug)

  it('has the conversations that a second one has', async () => {
    await isAsFresh(counter, hub.url, counterAccount())
    expect(rowsOf(counter, 'conversation').length).toBeGreaterThan(100)
  })

  it('sends a message and a note, which a colleague then has', async () => {
    const content = { kind: 'text', text: '有的，還有三件' }
    counter.client.add('message.send', { conversationId: ours, messageId: 'short-1', content })
    note('short-2', '常客，可打九折')
    await until(() => {
      expect(textsOf(office, ours).slice(-2)).toEqual(['有的，還有三件', '常客，可打九折'])
      expect(counter.client.state.waiting).toEqual([])
    })
    await isAsFresh(counter, hub.url, counterAccount())
    expect(counter.client.state.refused).toEqual([])
  })

  it('is told why something was not done, and keeps what it was', async () => {
    const conversationId = oneThatWaits(counter)
    cable.cut()
    office.client.add('conversation.take', { conversationId, messageId: 'refused-1' })
    await until(() => expect(office.client.state.waiting).toEqual([]))
    const args = { conversationId, messageId: 'refused-2', content: { kind: 'text', text: '馬上為您處理' } }
    counter.client.add('message.send', args)
    plug()
    await until(() => expect(counter.client.state.waiting).toEqual([]))
    const follower = rowsOf(office, 'conversation').find(({ id }) => id === conversationId)?.['followerId']
    expect(counter.client.state.refused).toMatchObject([
      { name: 'message.send', args, refusal: { code: 'conversation.takenBy', params: { follower } } },
    ])
    await isAsFresh(counter, hub.url, counterAccount())
  })

  it('is told once of a refusal whose answer was lost', async () => {
    const before = counter.client.state.refused.length
    cable.cut()
    note('lost-1', '   ')
    note('lost-2', '這則有內容')
    const cut = cutAtPush('after')
    cable.plug()
    await cut
    await until(() => expect(textsOf(office, ours)).toContain('這則有內容'))
    expect(counter.client.state.waiting).toHaveLength(2)
    plug()
    await until(() => expect(counter.client.state.waiting).toEqual([]))
    await isAsFresh(counter, hub.url, counterAccount())
    const codes = counter.client.state.refused.slice(before).map(({ refusal }) => refusal.code)
    expect(codes).toEqual(['text.empty'])
  })

  it('says everything once and in order, though the net is cut in the middle of a push, twice', async () => {
    const texts = Array.from({ length: 20 }, (_, index) => `第 ${index + 1} 句`)
    const { refused } = counter.client.state
    for (const when of ['before', 'after'] as const) {
      const cut = cutAtPush(when)
      if (when === 'before')
        for (const [index, text] of texts.entries()) {
          const args = { conversationId: ours, messageId: `cut-${index}`, content: { kind: 'text', text } }
          counter.client.add('message.send', args)
        }
      else cable.plug()
      await cut
      await turn()
      expect(counter.client.state.waiting).not.toEqual([])
    }
    await until(() => expect(textsOf(office, ours)).toContain(texts[7]))
    plug()
    await until(() => expect(textsOf(office, ours).slice(-texts.length)).toEqual(texts))
    await isAsFresh(counter, hub.url, counterAccount())
    expect(counter.client.state.refused).toEqual(refused)
  })

  it('goes on with its file after it was killed', async () => {
    await counter.stop()
    const { refused } = counter.client.state
    const texts = Array.from({ length: 12 }, (_, index) => `停電前 ${index + 1}`)
    const workstation = { id: basename(counter.folder), name: 'Stranger' }
    const place = [cable.url, `${counter.folder}/device.json`, { ...counterAccount(), workstation }]
    const begin = `
      import { openDevice } from '${fileURLToPath(new URL('stranger.ts', import.meta.url))}'
      const client = openDevice(...${JSON.stringify(place)}, new AbortController().signal)`
    const adds = texts.map((text, index) => {
      const args = { conversationId: ours, messageId: `killed-${index}`, text }
      return `client.add('note.add', ${JSON.stringify(args)})`
    })
    const start = (...lines: string[]) =>
      spawn(process.execPath, ['--input-type=module', '-e', [begin, ...lines].join('\n')], { stdio: 'inherit' })
    const killedAtOnce = start(...adds.slice(0, 5), "process.kill(process.pid, 'SIGKILL')")
    await once(killedAtOnce, 'exit')
    const killedAtPush = start(...adds.slice(5), 'await client.run()')
    cable.onText = (text) => text.includes('"push"') && killedAtPush.kill('SIGKILL')
    await once(killedAtPush, 'exit')
    expect([killedAtOnce.signalCode, killedAtPush.signalCode]).toEqual(['SIGKILL', 'SIGKILL'])
    plug()

    counter = switchOn(cable.url, counterAccount(), counter.folder)
    expect(counter.client.state.waiting).toHaveLength(texts.length)
    await until(() => expect(textsOf(office, ours).slice(-texts.length)).toEqual(texts))
    await isAsFresh(counter, hub.url, counterAccount())
    expect(counter.client.state.refused).toEqual(refused)
  })

  it('renews its token while it is connected', async () => {
    const sent: string[] = []
    cable.onText = (text) => sent.push((JSON.parse(text) as { type: string }).type)
    const { refreshToken } = counter.client.state
    await counter.client.renew()
    note('renewed-1', '換好鑰匙了')
    await until(() => expect(textsOf(office, ours)).toContain('換好鑰匙了'))
    expect(sent).toEqual(['renew', 'push'])
    expect(counter.client.state.refreshToken).not.toBe(refreshToken)
  })

  it('begins anew with a snapshot that was cut, and waits for as long as it is told', async () => {
    const asked: { url: string; at: number }[] = []
    const slowed = { code: 'signIn.slowed', params: { seconds: 2 }, whoCould: null, instead: 'wait' }
    const gateway = createServer((request, response) => void answer(request, response))
    const answer = async (request: IncomingMessage, response: ServerResponse) => {
      const { method = '', url = '', headers } = request
      asked.push({ url, at: performance.now() })
      if (asked.length === 1) return response.writeHead(429).end(JSON.stringify({ error: slowed }))
      const init = { 'content-type': 'application/json', authorization: headers.authorization ?? '' }
      const body = method === 'POST' ? Buffer.concat(await request.toArray()) : null
      const whole = await fetch(new URL(url, hub.url), { method, headers: init, body })
      const text = await whole.text()
      const nth = url.startsWith('/sync/snapshot') && asked.filter((each) => each.url === url).length
      if (nth === 1) response.write(text.slice(0, text.length / 2), () => response.destroy())
      else if (nth === 2) response.end(text.replace('{"type":"end"}\n', ''))
      else response.writeHead(whole.status).end(text)
    }
    gateway.listen(0, '127.0.0.1')
    await once(gateway, 'listening')
    const { port } = gateway.address() as AddressInfo
    const device = switchOn(`http://127.0.0.1:${port}`, counterAccount(), await newFolder('gateway'))
    await hasCopy(device)
    await device.stop()
    gateway.close()
    const urls = asked.map(({ url }) => url)
    expect(urls.slice(0, 2)).toEqual(['/auth/sign-in', '/auth/sign-in'])
    expect(Number(asked[1]?.at) - Number(asked[0]?.at)).toBeGreaterThanOrEqual(2_000)
    expect(urls.filter((url) => url.startsWith('/sync/snapshot'))).toEqual(Array(3).fill('/sync/snapshot'))

    const again = switchOn(hub.url, counterAccount(), device.folder)
    await isAsFresh(again, hub.url, counterAccount())
    await again.stop()
  })

  it('signs in once more when its session is over', async () => {
    cable.cut()
    const body = JSON.stringify({ refreshToken: counter.client.state.refreshToken })
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
    expect((await fetch(new URL('/auth/sign-out', hub.url), init)).status).toBe(200)
    note('over-1', '換班之前')
    plug()
    await until(() => expect(textsOf(office, ours)).toContain('換班之前'))
    await isAsFresh(counter, hub.url, counterAccount())
  })

  it('ends when it is refused for good', async () => {
    const folder = await newFolder('wrong')
    expect(await switchOn(hub.url, { ...counterAccount(), password: 'guess' }, folder).running).toBe('signIn.wrong')

    const device = switchOn(hub.url, counterAccount(), await newFolder('removed'))
    await hasCopy(device)
    const workstation = { id: 'admin-of-the-test', name: 'Stranger' }
    const admin = { ...accountOf(hub.ready.accounts, 'admin'), workstation, protocol: 1 }
    const post = async (path: string, authorization: string, body: unknown) => {
      const headers = { 'content-type': 'application/json', authorization }
      const answer = await fetch(new URL(path, hub.url), { method: 'POST', headers, body: JSON.stringify(body) })
      expect(answer.status).toBe(200)
      return (await answer.json()) as { accessToken: string }
    }
    const { accessToken } = await post('/auth/sign-in', '', admin)
    await post(`/workstations/${basename(device.folder)}/remove`, `Bearer ${accessToken}`, {})
    expect(await device.running).toBe('workstation.removed')
    expect(existsSync(`${device.folder}/device.json`)).toBe(false)
  })

  it('holds what enters its sight, in a patch of several frames, and nothing of what leaves it', async () => {
    const { email } = counterAccount()
    const me = rowsOf(office, 'member').find((row) => row['email'] === email)?.id ?? ''
    const seller = switchOn(hub.url, accountOf(hub.ready.accounts, 'salesperson'), await newFolder('seller'))
    await hasCopy(seller)
    const isAlone = (row: Record<string, unknown>) => JSON.stringify(row['collaboratorIds']) === '[]'
    const theirs = rowsOf(seller, 'conversation').find(
      (row) => row['status'] === 'open' && row['followerId'] !== me && isAlone(row),
    )
    const [conversationId, toMemberId] = [theirs?.id ?? '', theirs?.['followerId'] ?? '']
    const held = () =>
      [...counter.client.rows.values()].filter(([table, row]) =>
        [row['conversationId'], table === 'conversation' && row.id].includes(conversationId),
      )
    const bytesHeld = () => (held().length === 0 ? 0 : Buffer.byteLength(JSON.stringify(held())))
    expect(held()).toEqual([])

    // What somebody sees who reads the copy as soon as the patch has begun to change it.
    let seenFirst = 0
    const set = vi.spyOn(counter.client.rows, 'set').mockImplementation((key, row) => {
      queueMicrotask(() => (seenFirst ||= bytesHeld()))
      return Map.prototype.set.call(counter.client.rows, key, row) as typeof counter.client.rows
    })
    for (const text of Array.from({ length: 25 }, (_, index) => `${index}`.repeat(10) + '長'.repeat(4_900)))
      seller.client.add('note.add', { conversationId, messageId: randomUUID(), text })
    seller.client.add('conversation.transfer', { conversationId, messageId: randomUUID(), toMemberId: me })
    await until(() => expect(bytesHeld()).toBeGreaterThan(256 * 1024))
    set.mockRestore()
    expect(seenFirst).toBeGreaterThan(256 * 1024)
    await seller.stop()
    expect(seller.client.state.refused).toEqual([])
    await isAsFresh(counter, hub.url, counterAccount())
    counter.client.add('conversation.transfer', { conversationId, messageId: randomUUID(), toMemberId })
    await until(() => expect(held()).toEqual([]))
    await isAsFresh(counter, hub.url, counterAccount())
  })

  it('numbers anew what it has done when a copy of it was ahead', async () => {
    await counter.stop()
    const id = basename(counter.folder)
    const folder = await newFolder('copy')
    await cp(counter.folder, folder, { recursive: true })
    counter = switchOn(cable.url, counterAccount(), counter.folder)
    note('original-1', '原本的櫃檯')
    note('original-2', '原本的櫃檯二')
    await until(() => expect(counter.client.state.waiting).toEqual([]))
    await counter.stop()

    const copy = open(hub.url, counterAccount(), folder, AbortSignal.abort(), id)
    copy.add('note.add', { conversationId: ours, messageId: 'copy-1', text: '複製的櫃檯' })
    expect(copy.state.waiting[0]?.seq).toBe(counter.client.state.done - 1)
    const running = switchOn(hub.url, counterAccount(), folder, id)
    await until(() => expect(textsOf(office, ours).slice(-2)).toEqual(['原本的櫃檯二', '複製的櫃檯']))
    await isAsFresh(running, hub.url, counterAccount())
    expect(running.client.state.refused).toEqual(counter.client.state.refused)
    await running.stop()

    counter = switchOn(cable.url, counterAccount(), counter.folder)
    await until(() => expect(counter.client.state.done).toBe(running.client.state.done))
    note('original-3', '又是原本的')
    await until(() => expect(textsOf(office, ours).at(-1)).toBe('又是原本的'))
    await isAsFresh(counter, hub.url, counterAccount())
  })

  it('fetches everything anew when the role of its member changes', async () => {
    const { email } = counterAccount()
    const memberId = rowsOf(office, 'member').find((row) => row['email'] === email)?.id ?? ''
    const roleOf = ({ client }: Device) => client.rows.get(`member ${memberId}`)?.[1]['role']
    office.client.add('member.update', { memberId, role: 'marketer' })
    await until(() => expect(roleOf(counter)).toBe('marketer'))
    expect(rowsOf(counter, 'conversation')).toEqual([])
    office.client.add('member.update', { memberId, role: 'cs_agent' })
    await until(() => expect(roleOf(counter)).toBe('cs_agent'))
    expect(rowsOf(counter, 'conversation')).not.toEqual([])
    await isAsFresh(counter, hub.url, counterAccount())
  })
})

it('a client written from the document alone notices that its hub was restored', async () => {
  const home = await demoHubFolder()
  let hub = await startHub(home)
  const cable = await Cable.lay(() => portOf(hub.url))
  const account = accountOf(hub.ready.accounts, 'cs_agent')
  const counter = switchOn(cable.url, account, await newFolder('counter'))
  await hasCopy(counter)
  const ours = oneThatWaits(counter)
  const note = (text: string) => {
    counter.client.add('note.add', { conversationId: ours, messageId: randomUUID(), text })
  }
  const isDone = () => until(() => expect(counter.client.state.waiting).toEqual([]))

  note('存檔前')
  await isDone()
  await hub.stop()
  const backup = await newFolder('backup')
  await cp(home, backup, { recursive: true })
  hub = await startHub(home)
  note('會遺失一')
  note('會遺失二')
  await isDone()
  await hub.kill()
  note('還在等')
  hub = await startHub(backup)

  await isDone()
  await isAsFresh(counter, hub.url, account)
  expect(textsOf(counter, ours).slice(-2)).toEqual(['存檔前', '還在等'])
  expect(counter.client.state).toMatchObject({ done: 2, refused: [] })
  note('還原後')
  await isDone()
  await isAsFresh(counter, hub.url, account)
  expect(textsOf(counter, ours).slice(-2)).toEqual(['還在等', '還原後'])
  await counter.stop()
  await cable.remove()
  await hub.stop()
}, 120_000)
