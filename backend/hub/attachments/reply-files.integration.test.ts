import { afterAll, beforeAll, expect, it } from 'vitest'
import type { CommandArgs } from '../../domain/commands.ts'
import { AttachmentId, MemberId, ReplyId } from '../../domain/ids.ts'
import { REPLY_FILE_MAX } from '../../domain/replies/files.ts'
import { OPEN, SHOP, openSampleHub } from '../sample-hub.ts'
import type { SampleHub } from '../sample-hub.ts'

let hub: SampleHub
const tokens = new Map<string, string>()
const seqs = new Map<string, number>()
beforeAll(async () => {
  hub = await openSampleHub()
  for (const role of ['supervisor', 'cs_agent', 'salesperson']) {
    tokens.set(role, (await hub.session(role)).accessToken)
  }
}, 60_000)
afterAll(() => hub.close())

const PDF = new TextEncoder().encode('%PDF-1.4\n1 0 obj\n<< >>\nendobj\n')
const bearer = (who: string) => ({ authorization: `Bearer ${tokens.get(who)}` })

function put(who: string, id: string, replyId: string, bytes: Uint8Array = PDF) {
  const body = new Uint8Array(bytes)
  const init = { method: 'PUT', headers: { ...bearer(who), 'content-type': 'text/plain' }, body }
  return hub.app.request(`/attachments/${id}?replyId=${replyId}&name=%E5%9E%8B%E9%8C%84.pdf`, init)
}
const statusFor = async (who: string, id: string) =>
  (await hub.app.request(`/attachments/${id}`, { headers: bearer(who) })).status
const codeOf = async (response: Response) => (await response.json()).error?.code ?? 'ok'

async function run(who: string, name: string, args: unknown): Promise<string> {
  const seq = (seqs.get(who) ?? 0) + 1
  seqs.set(who, seq)
  const identity = {
    teamId: SHOP,
    memberId: MemberId.parse(who),
    workstationId: 'counter-1',
    clientId: `client-of-${who}`,
    expiresAt: hub.clock.now + 1,
  }
  const taken = await hub.core.runPushed(identity, { seq, name, args, at: 0 })
  return taken.refusal?.code ?? 'ok'
}
function saving(replyId: string, ...ids: string[]): CommandArgs<'reply.save'> {
  const messages = ids.map((id) => ({
    kind: 'file' as const,
    attachmentId: AttachmentId.parse(id),
    name: '型錄.pdf',
    mime: 'application/pdf' as const,
    size: PDF.length,
  }))
  return { replyId: ReplyId.parse(replyId), folderId: null, name: '型錄', messages, visibility: { to: 'all' } }
}

it('[REP-1] a file of a reply is its uploader’s until the reply shows it, and then of all who see the reply', async () => {
  expect((await put('supervisor', 'f1', 'r1')).status).toBe(200)
  expect([await statusFor('supervisor', 'f1'), await statusFor('cs_agent', 'f1')]).toEqual([200, 404])
  expect(await run('supervisor', 'reply.save', saving('r1', 'f1'))).toBe('ok')
  expect([await statusFor('cs_agent', 'f1'), await statusFor('salesperson', 'f1')]).toEqual([200, 200])
  const kept = { ...saving('r1', 'f1'), visibility: { to: 'roles' as const, roles: ['cs_agent' as const] } }
  expect(await run('supervisor', 'reply.save', kept)).toBe('ok')
  expect([await statusFor('cs_agent', 'f1'), await statusFor('salesperson', 'f1')]).toEqual([200, 404])
})

it('[REP-1] a reply cannot show a file that is not its own', async () => {
  await put('supervisor', 'f2', 'r2')
  expect(await run('supervisor', 'reply.save', saving('other', 'f2'))).toBe('attachment.missing')
  expect(await run('supervisor', 'reply.save', saving('r2', 'nowhere'))).toBe('attachment.missing')
  const content = { ...saving('r2', 'f2').messages[0] }
  const send = { conversationId: OPEN, messageId: 'm1', content }
  expect(await run('supervisor', 'message.send', send)).toBe('attachment.missing')
  expect(await run('supervisor', 'reply.save', saving('r2', 'f2'))).toBe('ok')
})

it('[REP-1] files of up to 8 MB by their true type, for a reply that one may change', async () => {
  expect(await codeOf(await put('supervisor', 'f3', 'r3', new Uint8Array(REPLY_FILE_MAX + 1).fill(65)))).toBe(
    'attachment.tooLarge',
  )
  expect((await put('supervisor', 'f3', 'r3', new Uint8Array(REPLY_FILE_MAX).fill(65))).status).toBe(200)
  expect((await (await put('cs_agent', 'f4', 'r4')).json()).mime).toBe('application/pdf')
  await run('supervisor', 'reply.save', saving('r5', await uploaded('f5', 'r5')))
  expect(await codeOf(await put('cs_agent', 'f6', 'r5'))).toBe('reply.notYours')
  // The same bytes once more are no other file; another reply's id is.
  expect((await put('supervisor', 'f5', 'r5')).status).toBe(200)
  expect(await codeOf(await put('supervisor', 'f5', 'r6'))).toBe('request.invalid')
})

it('[REP-1] the hub removes the file when the reply drops it or goes', async () => {
  await put('supervisor', 'f7', 'r7')
  await put('supervisor', 'f8', 'r7')
  await run('supervisor', 'reply.save', saving('r7', 'f7', 'f8'))
  const removed: string[] = []
  await hub.jobs.start({
    send: { do: async () => undefined, giveUp: async () => undefined },
    errand: {
      do: async (job) => {
        if (job.type !== 'attachment.remove') return
        await hub.attachments.remove(job.teamId, job.attachmentId)
        removed.push(job.attachmentId)
      },
      giveUp: async () => undefined,
    },
    tidy: async () => undefined,
  })
  await run('supervisor', 'reply.save', saving('r7', 'f8'))
  await expect.poll(() => removed, { timeout: 20_000 }).toEqual(['f7'])
  expect([await statusFor('supervisor', 'f7'), await statusFor('supervisor', 'f8')]).toEqual([404, 200])
  await run('supervisor', 'reply.remove', { replyId: 'r7' })
  await expect.poll(() => removed, { timeout: 20_000 }).toEqual(['f7', 'f8'])
  expect(await statusFor('supervisor', 'f8')).toBe(404)
}, 60_000)

async function uploaded(id: string, replyId: string): Promise<string> {
  await put('supervisor', id, replyId)
  return id
}
