import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ATTACHMENT_MAX } from '../../domain/attachments.ts'
import { AttachmentId, ConversationId } from '../../domain/ids.ts'
import { OPEN, SHOP, THEIRS, openSampleHub } from '../sample-hub.ts'
import type { SampleHub } from '../sample-hub.ts'

let hub: SampleHub
let agent: string
let salesperson: string
let made = 0
beforeAll(async () => {
  hub = await openSampleHub()
  agent = (await hub.session('cs_agent')).accessToken
  salesperson = (await hub.session('salesperson')).accessToken
}, 60_000)
afterAll(() => hub.close())

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const newId = () => `file-${++made}`

type Put = { id?: string; token?: string; conversationId?: string; name?: string; type?: string; length?: number }
function put(bytes: Uint8Array | ReadableStream<Uint8Array> | string, more: Put = {}) {
  const query = new URLSearchParams({ conversationId: more.conversationId ?? OPEN, name: more.name ?? '照片.png' })
  const headers: Record<string, string> = { authorization: `Bearer ${more.token ?? agent}` }
  if (more.type) headers['content-type'] = more.type
  if (more.length) headers['content-length'] = String(more.length)
  const body = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  const init: RequestInit & { duplex: 'half' } = {
    method: 'PUT',
    headers,
    body: body instanceof ReadableStream ? body : new Uint8Array(body),
    duplex: 'half',
  }
  return hub.app.request(`/attachments/${more.id ?? newId()}?${query}`, init)
}
const get = (id: string, token = agent) =>
  hub.app.request(`/attachments/${id}`, { headers: { authorization: `Bearer ${token}` } })
const codeOf = async (response: Response) => {
  const { error } = await response.json()
  return [response.status, error.code]
}
/** Every file below the hub's attachments. */
const files = async () =>
  (await readdir(join(hub.home, 'attachments'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)

describe('putting', () => {
  it('keeps the bytes, by their true type, and hands them out so that nothing in them runs', async () => {
    const id = newId()
    const stored = await put(PNG, { id, type: 'text/html', name: 'a\u0000b\r\n../../照片\u202egnp.exe' })
    expect(await stored.json()).toEqual({
      attachmentId: id,
      name: 'ab ../../照片gnp.exe',
      mime: 'image/png',
      size: PNG.length,
    })
    const response = await get(id)
    expect(Buffer.from(await response.arrayBuffer()).equals(PNG)).toBe(true)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(PNG.length),
      'content-disposition': `inline; filename*=UTF-8''${encodeURIComponent('ab ../../照片gnp.exe')}`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    })
  })

  it('tells types that are no pictures by their bytes too', async () => {
    const compound = Buffer.concat([
      Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      Buffer.alloc(600),
      Buffer.from('WordDocument', 'utf16le'),
      Buffer.alloc(600),
    ])
    const cases: [Uint8Array | string, string, string][] = [
      ['%PDF-1.7\n%âãÏÓ\n1 0 obj\n', '', 'application/pdf'],
      ['\ufeff品名,價格\n茶,30\n', 'text/csv; charset=utf-8', 'text/csv'],
      ['您好 👋 مرحبا', 'application/x-anything', 'text/plain'],
      [compound, '', 'application/msword'],
    ]
    for (const [bytes, type, mime] of cases) {
      const response = await put(bytes, { type })
      expect([response.status, (await response.json()).mime]).toEqual([200, mime])
    }
  })

  it('refuses what is empty, too large, or of a type that may not be sent, and keeps none of it', async () => {
    const before = await files()
    const elf = Buffer.concat([Buffer.from('7f454c460201010000000000000000000300', 'hex'), Buffer.alloc(100)])
    const exe = Buffer.concat([Buffer.from('4d5a9000', 'hex'), Buffer.alloc(200)])
    const installer = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(2_000)])
    const cases: [Uint8Array | string, string][] = [
      ['', 'attachment.empty'],
      [new Uint8Array(ATTACHMENT_MAX + 1), 'attachment.tooLarge'],
      [exe, 'attachment.type'],
      [elf, 'attachment.type'],
      [installer, 'attachment.type'],
      ['<!doctype html><script>alert(1)</script>', 'attachment.type'],
      ['  \n<html><body onload=alert(1)>', 'attachment.type'],
      ['<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 'attachment.type'],
      ['<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', 'attachment.type'],
      [Buffer.from([0xff, 0xfe, 0x41, 0x42, 0xc3, 0x28]), 'attachment.type'],
      ['text with \u0000 in it', 'attachment.type'],
    ]
    for (const [bytes, code] of cases) {
      expect((await codeOf(await put(bytes, { type: 'image/png', name: 'harmless.png' })))[1]).toBe(code)
    }
    expect(await files()).toEqual(before)
  })

  it('stops reading what is too large, whatever its length is said to be', async () => {
    let given = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        given += 1024 * 1024
        controller.enqueue(new Uint8Array(1024 * 1024))
      },
    })
    expect(await codeOf(await put(endless, { length: 1_000 }))).toEqual([413, 'attachment.tooLarge'])
    expect(given).toBeLessThan(ATTACHMENT_MAX + 10 * 1024 * 1024)
    const said = await put(new Uint8Array(10), { length: 50 * 1024 * 1024 })
    expect(await codeOf(said)).toEqual([413, 'attachment.tooLarge'])
  })

  it('keeps nothing of a file whose sender breaks off', async () => {
    const before = await files()
    const broken = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(PNG)
        controller.error(new Error('gone'))
      },
    })
    expect((await put(broken)).status).toBe(500)
    expect(await files()).toEqual(before)
  })

  it('[SYN-3] takes the same file again as the same, and refuses other bytes or another conversation for its id', async () => {
    const id = newId()
    const both = await Promise.all([put(PNG, { id }), put(PNG, { id, name: 'again.png' })])
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    expect(await codeOf(await put('something else', { id }))).toEqual([400, 'request.invalid'])
    expect(await codeOf(await put(PNG, { id, conversationId: 'open-line' }))).toEqual([400, 'request.invalid'])
    expect(Buffer.from(await (await get(id)).arrayBuffer()).equals(PNG)).toBe(true)
  })

  it('of two different files for one id at the same moment, keeps the one it said yes to', async () => {
    const id = newId()
    const [png, text] = await Promise.all([put(PNG, { id }), put('a text', { id })])
    expect([png.status, text.status].sort()).toEqual([200, 400])
    const kept = Buffer.from(await (await get(id)).arrayBuffer())
    expect(kept.equals(png.status === 200 ? PNG : Buffer.from('a text'))).toBe(true)
  })
})

describe('who may', () => {
  it('[ROL-2] only a member who sees the conversation puts and gets; others learn nothing', async () => {
    const id = newId()
    await put(PNG, { id })
    expect(await codeOf(await put(PNG, { token: salesperson }))).toEqual([404, 'conversation.notVisible'])
    expect(await codeOf(await put(PNG, { conversationId: THEIRS }))).toEqual([404, 'conversation.notVisible'])
    expect(await codeOf(await put(PNG, { conversationId: 'nowhere' }))).toEqual([404, 'conversation.notVisible'])
    const hidden = await get(id, salesperson)
    const nowhere = await get('no-such-file', salesperson)
    expect([hidden.status, await hidden.text()]).toEqual([nowhere.status, await nowhere.text()])
    expect(await codeOf(await get(id, 'nonsense'))).toEqual([401, 'request.unauthorised'])
  })

  it('refuses ids and names that are none', async () => {
    for (const id of ['..%2f..%2fhub-secret', 'x'.repeat(65), '%00']) {
      expect(await codeOf(await put(PNG, { id }))).toEqual([400, 'request.invalid'])
      expect(await codeOf(await get(id))).toEqual([400, 'request.invalid'])
    }
    expect(await codeOf(await put(PNG, { name: '' }))).toEqual([400, 'request.invalid'])
  })
})

it('a command may refer to an attachment only as it is', async () => {
  const id = newId()
  await put(PNG, { id })
  const content = { conversationId: OPEN, attachmentId: id, name: 'x', mime: 'image/png', size: PNG.length }
  const check = (change: Partial<typeof content>, team = SHOP) =>
    hub.db.transaction().execute((trx) => hub.attachments.check(trx, team, { ...content, ...change }))
  expect(await check({})).toBeNull()
  for (const change of [{ conversationId: ConversationId.parse('open-line') }, { size: 1 }, { attachmentId: 'none' }]) {
    expect(await check(change)).toMatchObject({ code: 'attachment.missing' })
  }
  expect(await check({ mime: 'image/gif' })).toMatchObject({ code: 'attachment.type', params: { mime: 'image/png' } })
  expect(await hub.attachments.find(SHOP, AttachmentId.parse(id))).toMatchObject({ conversationId: OPEN })
})
