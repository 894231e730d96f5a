import { afterEach, describe, expect, it } from 'vitest'
import { sampleTemplates } from './sample-templates.ts'
import { startTestWorld, TOKEN } from './test-world.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function start() {
  const world = await startTestWorld()
  closing.push(() => world.close())
  const user = world.account.addUser({ waId: '886912345678', name: '王小姐' })
  return { ...world, user }
}

const PHONE = '/106540352242922'
const WABA = '/102290129340398'

describe('media', () => {
  function upload(bytes: string, type: string) {
    const form = new FormData()
    form.set('messaging_product', 'whatsapp')
    form.set('type', type)
    form.set('file', new File([bytes], 'file', { type }))
    return form
  }

  it('of a customer is fetched by its id, by an address that lives five minutes and wants the token', async () => {
    const { account, user, whatsapp, clock, call } = await start()
    const { message } = account.send(user, { type: 'image', bytes: Buffer.from('picture'), mimeType: 'image/jpeg' })
    const id = message.type === 'image' ? message.image.id : ''
    const { status, body } = await call('GET', `/${id}?phone_number_id=106540352242922`)
    expect({ status, body }).toMatchObject({ status: 200, body: { id, mime_type: 'image/jpeg', file_size: '7' } })
    const url = (body as { url: string }).url
    const get = (token: string) => fetch(url, { headers: { authorization: `Bearer ${token}` } })
    const right = await get(TOKEN)
    expect([await right.text(), right.headers.get('content-type')]).toEqual(['picture', 'image/jpeg'])
    expect((await get('another')).status).toBe(401)
    clock.now += 5 * 60_000 - 1
    expect((await get(TOKEN)).status).toBe(200)
    clock.now += 1
    expect((await get(TOKEN)).status).toBe(404)
    expect((await call('GET', `/${id}?phone_number_id=1`)).status).toBe(400)
    account.forget(id)
    expect((await call('GET', `/${id}`)).status).toBe(400)
    expect(JSON.stringify(whatsapp.calls.all())).not.toContain(new URL(url).searchParams.get('hash'))
  })

  it('is uploaded, sent by its id, shown, and deleted', async () => {
    const { account, user, whatsapp, call, send } = await start()
    account.send(user, { type: 'text', text: '一' })
    const { status, body } = await call('POST', `${PHONE}/media`, upload('sound', 'audio/ogg'))
    expect(status).toBe(200)
    const { id } = body as { id: string }
    const asPicture = await send('886912345678', { type: 'image', image: { id } })
    const asSound = await send('886912345678', { type: 'audio', audio: { id } })
    const asDocument = await send('886912345678', { type: 'document', document: { id, filename: 'a.ogg' } })
    await whatsapp.idle()
    expect([asPicture, asSound, asDocument]).toMatchObject([
      { status: 400, body: { error: { code: 131053 } } },
      { status: 200 },
      { status: 200 },
    ])
    expect(account.messagesFor('886912345678').map(({ media }) => media?.bytes.toString())).toEqual(['sound', 'sound'])
    expect(await call('DELETE', `/${id}`)).toEqual({ status: 200, body: { success: true } })
    expect((await send('886912345678', { type: 'audio', audio: { id } })).status).toBe(400)
  })

  it('of another number of the same business is not for this one', async () => {
    const { account, user, whatsapp, call, send } = await start()
    account.send(user, { type: 'text', text: '一' })
    whatsapp.addAccount({ ...account.settings, phoneNumberId: '206540352242922' })
    const { body } = await call('POST', '/206540352242922/media', upload('picture', 'image/png'))
    const { id } = body as { id: string }
    expect(await send('886912345678', { type: 'image', image: { id } })).toMatchObject({
      status: 400,
      body: { error: { code: 131053 } },
    })
    expect((await call('GET', `/${id}`, undefined, 'another-token')).status).toBe(401)
  })

  it('of a type that is not taken or too large is refused', async () => {
    const { call } = await start()
    const answers = [
      await call('POST', `${PHONE}/media`, upload('x', 'application/x-executable')),
      await call('POST', `${PHONE}/media`, upload('x'.repeat(500 * 1024 + 1), 'image/webp')),
      await call('POST', `${PHONE}/media`, upload('x'.repeat(500 * 1024), 'image/webp')),
    ]
    expect(answers).toMatchObject([
      { status: 400, body: { error: { code: 100 } } },
      { status: 400, body: { error: { code: 131053 } } },
      { status: 200 },
    ])
  })
})

describe('the lists', () => {
  it('of templates come a page at a time, with the fields and statuses asked for', async () => {
    const { account, call } = await start()
    for (const template of sampleTemplates) account.addTemplate(template)
    account.addTemplate({
      ...{ name: 'old', language: 'zh_TW', category: 'MARKETING', status: 'PAUSED', parameter_format: 'POSITIONAL' },
      components: [{ type: 'BODY', text: '舊' }],
    })
    const names: unknown[] = []
    let pages = 0
    let after = ''
    do {
      const { body } = await call('GET', `${WABA}/message_templates?limit=3&status=APPROVED&fields=name,status${after}`)
      const page = body as { data: object[]; paging: { cursors: { after: string }; next?: string } }
      names.push(...page.data)
      pages += 1
      after = page.paging.next === undefined ? '' : `&after=${page.paging.cursors.after}`
    } while (after !== '')
    expect(names).toEqual(sampleTemplates.map(({ id, name, status }) => ({ id, name, status })))
    expect(pages).toBe(3)
    expect((await call('GET', `${WABA}/message_templates?after=nonsense`)).status).toBe(400)
  })

  it('of a phone number has the fields asked for', async () => {
    const { call } = await start()
    expect((await call('GET', PHONE)).body).toEqual({
      id: '106540352242922',
      display_phone_number: '+886 2 2700 1234',
      verified_name: '好日子百貨',
      quality_rating: 'GREEN',
    })
    expect((await call('GET', `${PHONE}?fields=name_status,nonsense`)).body).toEqual({
      id: '106540352242922',
      name_status: 'APPROVED',
    })
  })
})

describe('blocking', () => {
  it('takes who wrote within a day, says of each other why not, and then nothing passes either way', async () => {
    const { account, user, hub, whatsapp, call, send } = await start()
    const silent = account.addUser({ waId: '886922222222', name: '陳先生' })
    const hidden = account.addUser({ name: '匿名', withoutPhone: true })
    account.send(user, { type: 'text', text: '一' })
    account.send(hidden, { type: 'text', text: '二' })
    account.send(silent, { type: 'text', text: '三' })
    account.passTime(silent, 24 * 60 * 60_000)
    await whatsapp.idle()
    const { status, body } = await call('POST', `${PHONE}/block_users`, {
      messaging_product: 'whatsapp',
      block_users: [
        { user: '+886912345678' },
        { user: '886922222222' },
        { user: '886900000000' },
        { user_id: hidden.userId },
      ],
    })
    const ids = { wa_id: '886912345678', user_id: user.userId }
    expect({ status, body }).toMatchObject({
      status: 400,
      body: {
        messaging_product: 'whatsapp',
        block_users: {
          added_users: [
            { input: '+886912345678', ...ids },
            { input: hidden.userId, user_id: hidden.userId },
          ],
          failed_users: [
            { input: '886922222222', wa_id: '886922222222', errors: [{ code: 131047 }] },
            { input: '886900000000', errors: [{ code: 131047 }] },
          ],
        },
        error: { code: 139100 },
      },
    })
    expect((await call('GET', `${PHONE}/block_users`)).body).toEqual({
      data: [
        { messaging_product: 'whatsapp', ...ids },
        { messaging_product: 'whatsapp', user_id: hidden.userId },
      ],
    })
    expect(account.send(user, { type: 'text', text: '四' }).isTold).toBe(false)
    const sent = await send('886912345678', { type: 'text', text: { body: '您好' } })
    await whatsapp.idle()
    expect(sent).toMatchObject({ status: 400, body: { error: { code: 131026 } } })
    expect(hub.messages()).toHaveLength(3)
  })

  it('is lifted, and is 200 when all went well', async () => {
    const { account, user, hub, whatsapp, call } = await start()
    account.send(user, { type: 'text', text: '一' })
    const users = { messaging_product: 'whatsapp', block_users: [{ user: '886912345678' }] }
    const result = [{ input: '886912345678', wa_id: '886912345678', user_id: user.userId }]
    expect(await call('POST', `${PHONE}/block_users`, users)).toEqual({
      status: 200,
      body: { messaging_product: 'whatsapp', block_users: { added_users: result } },
    })
    expect(await call('DELETE', `${PHONE}/block_users`, users)).toEqual({
      status: 200,
      body: { messaging_product: 'whatsapp', block_users: { removed_users: result } },
    })
    account.send(user, { type: 'text', text: '二' })
    await whatsapp.idle()
    expect(hub.messages()).toHaveLength(2)
  })
})
