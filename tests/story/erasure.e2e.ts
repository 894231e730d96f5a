/**
 * A conversation is deleted (DEL-7): what was said, searched, drafted, attached and queued in it is afterwards in no byte
 * of the hub's database and files, nor of any workstation's, nor of one that was offline. The embedded database and a real server.
 */
import { chmod } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromium } from 'playwright'
import type { Browser } from 'playwright'
import { testChromium } from '../../build/setup/chromium.ts'
import { ConversationId } from '../../backend/domain/ids.ts'
import { startSampleServer } from '../../backend/hub/store/sample-server.ts'
import { Customer } from '../world/counter.ts'
import { Desk } from '../world/desk.ts'
import { bytesUnder, decipheredStore } from '../world/dump.ts'
import { findBytes } from '../world/find-bytes.ts'
import { Cable } from '../world/network.ts'
import { demoHubFolder, newFolder, portOf, startHub, startWorkstation } from '../world/places.ts'

let browser: Browser
beforeAll(async () => {
  browser = await chromium.launch(await testChromium())
})
afterAll(() => browser.close())

/** Every place has a mark of its own; none occurs anywhere else, also not in part. */
const mark = (what: string) => `zq${randomBytes(6).toString('hex')}${what}`

for (const database of ['pglite', 'postgres'] as const) {
  it(
    `[DEL-1] [DEL-6] [DEL-7] a deleted conversation leaves no byte anywhere: ${database}`,
    { timeout: 240_000 },
    async () => {
      const M = {
        said: mark('said'),
        asked: mark('asked'),
        customersFile: mark('customersfile'),
        reply: mark('reply'),
        note: mark('note'),
        file: mark('file'),
        fileName: mark('filename'),
        draft: mark('draft'),
        offlineDraft: mark('offlinedraft'),
        queued: mark('queued'),
        queuedFile: mark('queuedfile'),
      }
      const kept = mark('kept')
      const server = database === 'postgres' ? await startSampleServer() : null
      const home = server ? await newFolder('hub') : await demoHubFolder()
      const env = { COUNTERTOP_DEMO: '1', ...(server && { DATABASE_URL: server.databaseUrl }) }
      const hub = await startHub(home, 0, env)
      const cable = await Cable.lay(() => portOf(hub.url))
      const account = (role: string) => {
        const found = hub.ready.accounts.find((one) => one.role === role)
        if (!found) throw new Error(`the demo has no ${role}`)
        return found
      }
      const place = async (role: string, address: string) => {
        const temporary = await newFolder(`${role}-tmp`)
        await chmod(temporary, 0o700)
        return { ...account(role), home: await newFolder(role), hub: address, temporary }
      }
      const people = [await place('supervisor', hub.url), await place('cs_agent', cable.url)] as const
      const stations = await Promise.all(
        people.map((one) => startWorkstation(one.home, one.hub, 0, { TMPDIR: one.temporary })),
      )
      const [supervisor, agent] = stations.map(({ url }) => new Desk(url)) as [Desk, Desk]
      await supervisor.signIn(people[0].email, people[0].password)
      await agent.signIn(people[1].email, people[1].password)

      // Two customers; what the second one says has to be there in the end.
      const customer = await writes(hub.ready.webchat, `請問 ${M.said}`)
      const other = await writes(hub.ready.webchat, `留著 ${kept}`)
      await customer.page.locator('#file').setInputFiles({
        name: `${M.customersFile}.txt`,
        mimeType: 'text/plain',
        buffer: Buffer.from(`內容 ${M.customersFile}`),
      })
      await customer.sees(M.customersFile)
      const id = await conversationWith(agent, M.customersFile)
      expect(await agent.take(id)).toMatchObject({ ok: true })
      await agent.reply(id, `回覆 ${M.reply}`)
      await agent.note(id, `備註 ${M.note}`)
      await agent.sendFile(id, await agent.attach(id, `${M.fileName}.txt`, `內容 ${M.file}`))
      await customer.sees(M.fileName)
      await customer.write(`還有 ${M.asked}`)
      await supervisor.sees(id, `還有 ${M.asked}`)
      await supervisor.saveDraft(id, `還沒寫完 ${M.draft}`)
      // Searched on both: the index has taken everything in.
      for (const desk of [supervisor, agent]) {
        await expect.poll(() => desk.finds(M.said)).toBe(1)
        expect(await desk.finds(M.note)).toBe(1)
      }

      // The agent loses the network, and goes on typing, attaching and sending.
      cable.cut()
      await agent.connectionIs('offline')
      await agent.reply(id, `離線 ${M.queued}`)
      await agent.sendFile(id, await agent.attach(id, 'offline.txt', `內容 ${M.queuedFile}`))
      await agent.saveDraft(id, `還沒寫完 ${M.offlineDraft}`)

      // The search can fail: before the deletion it finds what the hub has.
      const hubFolders = [home, ...(server ? [server.folder] : [])]
      const everything = Object.values(M)
      const atHub = async () => new Set((await searched(hubFolders, everything)).map(({ needle }) => needle))
      const offlineOnly = [M.draft, M.offlineDraft, M.queued, M.queuedFile]
      expect([...(await atHub())].toSorted()).toEqual(everything.filter((one) => !offlineOnly.includes(one)).toSorted())

      expect(await agent.run('conversation.delete', { conversationId: id })).toMatchObject({
        ok: false,
        refusal: { code: 'request.offline' },
      })
      expect(await supervisor.run('conversation.delete', { conversationId: id })).toMatchObject({ ok: true })
      await expect.poll(() => supervisor.statusOf(id), { timeout: 30_000 }).toBe(404)
      await expect.poll(() => erasuresWaiting(hub.url), { timeout: 60_000 }).toBe(0)
      expect(await atHub()).toEqual(new Set())

      // Until its next contact the agent's device has it; with that, nothing.
      expect(await agent.statusOf(id)).toBe(200)
      cable.plug()
      await agent.wake()
      await expect.poll(() => agent.statusOf(id), { timeout: 60_000 }).toBe(404)
      await expect.poll(async () => (await agent.queue()).waiting.length, { timeout: 30_000 }).toBe(0)
      expect((await agent.queue()).refused).toEqual([])
      expect(await Promise.all([supervisor, agent].map((desk) => desk.finds(M.said)))).toEqual([0, 0])
      expect(await supervisor.finds(kept)).toBe(1)

      await customer.page.context().close()
      await other.page.context().close()
      for (const station of stations) await station.stop()
      await hub.stop()
      await cable.remove()
      expect(await searched([...hubFolders, ...people.map(({ temporary }) => temporary)], everything)).toEqual([])
      for (const { home: folder, hub: address, email, password } of people) {
        const opened = await decipheredStore(folder, address, email, password)
        expect(everything.filter((one) => opened.includes(one))).toEqual([])
        expect(opened).toContain(kept)
        const bytes = await bytesUnder(folder)
        expect(everything.filter((one) => bytes.includes(one))).toEqual([])
      }
      await server?.stop()
    },
  )
}

async function searched(folders: readonly string[], needles: readonly string[]) {
  const found = await Promise.all(
    folders.map(async (folder) =>
      (await findBytes(folder, needles)).map(({ file, needle }) => ({ file: join(folder, file), needle })),
    ),
  )
  return found.flat()
}

/** How many deletions the hub has not completed. */
async function erasuresWaiting(hub: string): Promise<number> {
  const page = await (await fetch(`${hub}/metrics`)).text()
  const [, waiting] = /^countertop_erasures_waiting (\d+)$/m.exec(page) ?? []
  if (waiting === undefined) throw new Error('the hub does not say how many deletions wait')
  return Number(waiting)
}

async function writes(webchat: string, text: string): Promise<Customer> {
  const context = await browser.newContext({ locale: 'zh-TW' })
  const customer = new Customer(await context.newPage())
  await customer.page.goto(webchat)
  await customer.write(text)
  return customer
}

async function conversationWith(desk: Desk, word: string): Promise<ConversationId> {
  const find = async () =>
    (await desk.rows('pending_person')).find(({ conversation }) => conversation.lastMessage?.preview.includes(word))?.id
  await expect.poll(find, { timeout: 20_000 }).toBeDefined()
  return ConversationId.parse(await find())
}
