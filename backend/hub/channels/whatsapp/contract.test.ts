/** Every kind of call that the hub makes, held against Meta's published contract where that is at hand. */
import { describe, expect, it } from 'vitest'
import { AttachmentId } from '../../../domain/ids.ts'
import type { Body } from '../../../domain/rows.ts'
import { placeholdersOf } from '../../../domain/templates/template.ts'
import { whatsappContract } from '../../../../tests/fakes/whatsapp/contract.ts'
import { sampleTemplates } from '../../../../tests/fakes/whatsapp/sample-templates.ts'
import { startWhatsApp } from '../../../../tests/fakes/whatsapp/whatsapp.ts'
import { ACCOUNT, PLACE, attempt, fileBody, outgoing, startHub, text } from './test-hub.ts'
import { whatsappPlatform } from './whatsapp.ts'

const folder = process.env['COUNTERTOP_CONTRACTS']
const bytes = new Uint8Array([1, 2, 3, 4])

it(`Meta’s published contract ${folder === undefined ? 'was left out: COUNTERTOP_CONTRACTS names no folder' : 'is at hand'}`, () => {
  expect(folder).not.toBe('')
})

describe.runIf(folder)('what the hub asks of WhatsApp', () => {
  it('is in order by Meta’s published contract', async () => {
    const fake = await startWhatsApp()
    const outside = { addresses: { graph: fake.origin }, clock: Date.now }
    const connection = whatsappPlatform.connect(PLACE, ACCOUNT, outside)
    const hub = await startHub(() => connection)
    const account = fake.addAccount({
      ...ACCOUNT,
      wabaId: ACCOUNT.businessAccountId,
      displayPhoneNumber: '+886 2 2700 1234',
      verifiedName: '好日子百貨',
      webhookUrl: hub.url,
    })
    for (const template of sampleTemplates) account.addTemplate(template)
    const templates = (await connection.templates?.()) ?? []
    const file = { attachmentId: AttachmentId.parse('file-1'), name: 'a.png', mime: 'image/png', size: 4 }
    const plain = [
      text('您好'),
      fileBody('image/png', 'a.png'),
      fileBody('application/pdf', 'a.pdf'),
      fileBody('audio/mpeg', 'a.mp3'),
      fileBody('video/mp4', 'a.mp4'),
    ].map((body) => ({ body, template: null }))
    const filled = templates.map((template) => {
      const values = Object.fromEntries(placeholdersOf(template).map(({ key }) => [key, 'A1']))
      const media = template.components.header?.kind === 'media' ? file : null
      const { name, language } = template
      const body: Body = { kind: 'template', templateId: template.id, name, language, text: '', values, media }
      return { body, template }
    })
    const user = account.addUser({ name: '王小明' })
    account.send(user, { type: 'image', bytes: Buffer.from(bytes), mimeType: 'image/jpeg' })
    await fake.idle()
    for (const one of [...plain, ...filled]) {
      const mime = 'mime' in one.body ? one.body.mime : 'image/png'
      const files = { 'file-1': { name: 'a', mime, bytes } }
      const result = await connection.send(outgoing({ to: user.waId ?? '', attempt: attempt(0), files, ...one }))
      expect([one.body.kind, result]).toEqual([one.body.kind, { ok: true }])
    }
    const [event] = hub.events()
    if (event?.type !== 'message' || event.content.kind !== 'media') throw new Error('no media')
    await connection.media?.(event.content.ref)
    await connection.setBlocked?.([user.waId ?? ''], true)
    await connection.setBlocked?.([user.waId ?? ''], false)
    await connection.check(hub.url)
    await fake.idle()

    const contract = whatsappContract(folder ?? '')
    const calls = fake.calls.all().filter(({ path }) => !path.startsWith('/whatsapp_business/'))
    expect(calls.length).toBeGreaterThan(20)
    expect(calls.flatMap(({ method, path, body }) => contract.request(method, path, body))).toEqual([])
    await fake.close()
    await hub.close()
  })
})
