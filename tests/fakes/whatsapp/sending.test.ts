import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../../world/until.ts'
import type { AccountSettings } from './account.ts'
import { startTestWorld } from './test-world.ts'
import type { WhatsAppOptions } from './whatsapp.ts'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function start(settings?: Partial<AccountSettings>, options?: WhatsAppOptions) {
  const world = await startTestWorld(settings, options)
  closing.push(() => world.close())
  const user = world.account.addUser({ waId: '886912345678', name: '王小姐', userId: 'TW.13491208655302741918' })
  world.account.send(user, { type: 'text', text: '您好' })
  return { ...world, user }
}

const hello = { type: 'text', text: { body: '您好,有貨喔' } }

describe('a message that is sent', () => {
  it('is accepted, shown to the customer, and reported as sent and delivered, with what the sender attached', async () => {
    const { send, account, hub, whatsapp, clock } = await start()
    const { status, body, wamid } = await send('+886912345678', { ...hello, biz_opaque_callback_data: 'message 7' })
    await whatsapp.idle()
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        messaging_product: 'whatsapp',
        contacts: [{ input: '+886912345678', wa_id: '886912345678', user_id: 'TW.13491208655302741918' }],
        messages: [{ id: wamid }],
      },
    })
    expect(account.messagesFor('886912345678')).toMatchObject([
      { wamid, at: clock.now, callbackData: 'message 7', message: hello, state: 'delivered', failure: null },
    ])
    expect(hub.statuses()).toMatchObject(
      ['sent', 'delivered'].map((state) => ({
        id: wamid,
        status: state,
        recipient_id: '886912345678',
        biz_opaque_callback_data: 'message 7',
        conversation: { origin: { type: 'service' } },
        pricing: { billable: false, pricing_model: 'PMP' },
      })),
    )
  })

  it('reaches a customer without a phone number by their business-scoped id', async () => {
    const { send, account, hub, whatsapp } = await start()
    const user = account.addUser({ name: '匿名', username: 'nobody', withoutPhone: true })
    account.send(user, { type: 'text', text: '在嗎' })
    const { body } = await send(user.userId, hello)
    await whatsapp.idle()
    expect(body).toMatchObject({ contacts: [{ input: user.userId, user_id: user.userId }] })
    expect(account.messagesFor(user.userId)).toMatchObject([{ state: 'delivered' }])
    expect(hub.messages()[1]).not.toHaveProperty('from')
    expect(hub.bodies[1]?.entry[0]?.changes[0]?.value).toMatchObject({
      contacts: [{ profile: { name: '匿名', username: 'nobody' }, user_id: user.userId }],
      messages: [{ from_user_id: user.userId }],
    })
    const own = hub.statuses().filter((one) => one.recipient_user_id === user.userId)
    expect(own.map((one) => [one.status, one.recipient_id])).toEqual([
      ['sent', undefined],
      ['delivered', undefined],
    ])
  })

  it('outside 24 hours of the last inbound message is accepted and then fails with 131047, a template is not', async () => {
    const { send, account, hub, whatsapp, user } = await start()
    account.addTemplate({
      ...{ name: 'hello', language: 'zh_TW', category: 'UTILITY', status: 'APPROVED', parameter_format: 'POSITIONAL' },
      components: [{ type: 'BODY', text: '您好' }],
    })
    account.passTime(user, 24 * 60 * 60_000 - 1)
    const inside = await send('886912345678', hello)
    account.passTime(user, 1)
    const outside = await send('886912345678', hello)
    const template = await send('886912345678', {
      type: 'template',
      template: { name: 'hello', language: { code: 'zh_TW' } },
    })
    await whatsapp.idle()
    expect([inside.status, outside.status, template.status]).toEqual([200, 200, 200])
    expect(account.messagesFor('886912345678').map(({ state }) => state)).toEqual(['delivered', 'failed', 'delivered'])
    expect(hub.statuses().filter(({ status }) => status === 'failed')).toEqual([
      {
        id: outside.wamid,
        status: 'failed',
        timestamp: expect.any(String),
        recipient_id: '886912345678',
        recipient_user_id: user.userId,
        errors: [
          {
            code: 131047,
            title: 'Re-engagement message',
            message: 'Re-engagement message',
            error_data: { details: expect.any(String) },
            href: expect.any(String),
          },
        ],
      },
    ])
  })

  it('outside the window is refused at once where the account is set so, and the clock closes the window too', async () => {
    const { send, account, clock, whatsapp } = await start({ windowAtOnce: true })
    clock.now += 24 * 60 * 60_000
    const { status, body } = await send('886912345678', hello)
    await whatsapp.idle()
    expect({ status, body }).toMatchObject({ status: 400, body: { error: { code: 131047 } } })
    expect(account.messagesFor('886912345678')).toEqual([])
  })

  it('to a number that is not on WhatsApp is accepted and then fails with 131026', async () => {
    const { send, hub, whatsapp } = await start()
    const { status } = await send('886900000000', hello)
    await whatsapp.idle()
    expect(status).toBe(200)
    expect(hub.statuses()).toMatchObject([
      { status: 'failed', recipient_id: '886900000000', errors: [{ code: 131026 }] },
    ])
  })

  it('fails or is refused as the test wants it, once', async () => {
    const { send, account, hub, whatsapp } = await start()
    account.failNext({ code: 131049, details: 'a marketing message too many' })
    account.failNext({ code: 131050, details: 'no more marketing' }, { atOnce: true })
    const statuses = [
      await send('886912345678', hello),
      await send('886912345678', hello),
      await send('886912345678', hello),
    ]
    await whatsapp.idle()
    expect(statuses.map(({ status }) => status)).toEqual([200, 400, 200])
    expect(account.messagesFor('886912345678').map(({ state }) => state)).toEqual(['failed', 'delivered'])
    expect(hub.statuses()[0]?.errors?.[0]?.code).toBe(131049)
  })

  it('beyond the rates of the account and of one customer is refused with 130429 and 131056', async () => {
    const { send, account, clock, whatsapp } = await start({
      rate: { perSecond: 3, perCustomer: { messages: 2, ms: 6000 } },
    })
    account.addUser({ waId: '886922222222', name: '陳先生' })
    const to = async (number: string) => {
      const { status, body } = await send(number, hello)
      return status === 200 ? 'taken' : body
    }
    const first = [await to('886912345678'), await to('886912345678'), await to('886912345678')]
    const others = [await to('886922222222'), await to('886922222222')]
    clock.now += 1000
    const later = [await to('886922222222'), await to('886912345678')]
    await whatsapp.idle()
    const refused = (code: number) => expect.objectContaining({ error: expect.objectContaining({ code }) })
    expect([first, others, later]).toEqual([
      ['taken', 'taken', refused(131056)],
      ['taken', refused(130429)],
      ['taken', refused(131056)],
    ])
  })

  it('has its linked media fetched through the tunnel, and fails with 131053 when that is no such media', async () => {
    const files = createServer((request, response) => {
      const isPicture = request.url === '/a.jpg'
      response
        .writeHead(isPicture ? 200 : 404, { 'content-type': 'image/jpeg' })
        .end(isPicture ? 'picture' : 'a page that says so')
    })
    await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve))
    closing.push(() => void files.close())
    const address = files.address()
    const port = typeof address === 'object' ? address?.port : 0
    const { send, account, whatsapp } = await start({ tunnel: { 'https://hub.example': `http://127.0.0.1:${port}` } })
    const picture = (name: string) => ({ type: 'image', image: { link: `https://hub.example/${name}` } })
    await send('886912345678', picture('a.jpg'))
    await send('886912345678', picture('gone.jpg'))
    await whatsapp.idle()
    expect(
      account
        .messagesFor('886912345678')
        .map(({ state, media, failure }) => [state, media?.bytes.toString(), failure?.code]),
    ).toEqual([
      ['delivered', 'picture', undefined],
      ['failed', undefined, 131053],
    ])
  })

  it('is reported of when its answer has left, or before that where the account is set so', async () => {
    async function stateBeforeAnswer(settings: Partial<AccountSettings>) {
      const { send, account, whatsapp } = await start(settings)
      whatsapp.faults.next({ path: /messages$/ }, { type: 'slow', ms: 500, effect: 'done' })
      const answering = send('886912345678', hello)
      const sent = await until('the message is accepted', () => account.messagesFor('886912345678')[0])
      if (settings.statusesBeforeAnswer) await whatsapp.idle()
      const { state } = sent
      const isAnswered = whatsapp.calls.all()[0]?.status !== null
      await answering
      await whatsapp.idle()
      return { state, isAnswered, later: sent.state }
    }
    expect(await stateBeforeAnswer({})).toEqual({ state: 'accepted', isAnswered: false, later: 'delivered' })
    expect(await stateBeforeAnswer({ statusesBeforeAnswer: true })).toEqual({
      state: 'delivered',
      isAnswered: false,
      later: 'delivered',
    })
  })

  it('is sent again as another message: the platform knows no repeats', async () => {
    const { send, account, whatsapp } = await start()
    await send('886912345678', { ...hello, biz_opaque_callback_data: 'one' })
    await send('886912345678', { ...hello, biz_opaque_callback_data: 'one' })
    await whatsapp.idle()
    expect(account.messagesFor('886912345678').map(({ callbackData }) => callbackData)).toEqual(['one', 'one'])
  })

  it.each([
    ['a text of 4,097 signs', { type: 'text', text: { body: 'x'.repeat(4097) } }],
    ['an empty text', { type: 'text', text: { body: '' } }],
    ['a field nobody knows', { type: 'text', text: { body: 'x', preview: true } }],
    ['a kind nobody knows', { type: 'bogus', bogus: {} }],
    [
      'a caption of 1,025 signs',
      { type: 'image', image: { link: 'https://a.example/a.jpg', caption: 'x'.repeat(1025) } },
    ],
    ['an id and a link', { type: 'image', image: { id: '1', link: 'https://a.example/a.jpg' } }],
    ['a caption under a sound', { type: 'audio', audio: { link: 'https://a.example/a.ogg', caption: 'x' } }],
    ['callback data of 513 signs', { ...hello, biz_opaque_callback_data: 'x'.repeat(513) }],
    ['a place off the earth', { type: 'location', location: { latitude: 91, longitude: 0 } }],
    [
      'no buttons',
      { type: 'interactive', interactive: { type: 'button', body: { text: 'x' }, action: { buttons: [] } } },
    ],
    [
      'a button of 21 signs',
      {
        type: 'interactive',
        interactive: {
          type: 'button',
          body: { text: 'x' },
          action: { buttons: [{ type: 'reply', reply: { id: '1', title: 'x'.repeat(21) } }] },
        },
      },
    ],
  ])('is refused with 100 when it has %s, and is written down with what is wrong', async (_, content) => {
    const { send, account, whatsapp } = await start()
    const { status, body } = await send('886912345678', content)
    expect({ status, body }).toMatchObject({ status: 400, body: { error: { code: 100, type: 'OAuthException' } } })
    expect(whatsapp.calls.invalid()).toHaveLength(1)
    expect(account.messagesFor('886912345678')).toEqual([])
  })

  it('with neither number nor id is refused, and so is one with a token, version or number of somebody else', async () => {
    const { call, account } = await start()
    const path = `/${account.settings.phoneNumberId}/messages`
    const message = { messaging_product: 'whatsapp', to: '886912345678', ...hello }
    const answers = await Promise.all([
      call('POST', path, { messaging_product: 'whatsapp', ...hello }),
      call('POST', path, message, 'another-token'),
      call('POST', '/999/messages', message),
      call('POST', `/../latest${path}`, message),
      call('POST', path, message),
    ])
    expect(answers.map(({ status }) => status)).toEqual([400, 401, 400, 400, 200])
    expect(answers.slice(0, 4).map(({ body }) => body)).toMatchObject([
      { error: { code: 100 } },
      { error: { code: 190 } },
      { error: { code: 100, error_subcode: 33, type: 'GraphMethodException' } },
      { error: { code: 2500 } },
    ])
  })

  it('may be carried out although its answer is lost', async () => {
    const { send, account, whatsapp, hub } = await start()
    whatsapp.faults.next({ path: /messages$/ }, { type: 'cut', effect: 'done' })
    whatsapp.faults.next({ path: /messages$/ }, { type: 'answer', status: 503, body: '', effect: 'none' })
    await expect(send('886912345678', hello)).rejects.toThrow('fetch failed')
    await expect(send('886912345678', hello)).rejects.toThrow('JSON')
    await whatsapp.idle()
    expect(account.messagesFor('886912345678').map(({ state }) => state)).toEqual(['delivered'])
    expect(hub.statuses().map(({ status }) => status)).toEqual(['sent', 'delivered'])
    expect(JSON.stringify(whatsapp.calls.all())).not.toContain('access-token')
  })
})
