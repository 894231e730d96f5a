import { afterEach, describe, expect, it } from 'vitest'
import type { AccountSettings } from './account.ts'
import { startTestWorld } from './test-world.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function start(settings?: Partial<AccountSettings>) {
  const world = await startTestWorld(settings)
  closing.push(() => world.close())
  const user = world.account.addUser({ waId: '886912345678', name: '王小姐', userId: 'TW.13491208655302741918' })
  return { ...world, user }
}

const hello = { type: 'text', text: { body: '您好' } }

describe('what a customer does', () => {
  it('is told by a signed webhook with who and to which number', async () => {
    const { account, hub, whatsapp, user } = await start()
    const { wamid } = account.send(user, { type: 'text', text: '有貨嗎?' })
    await whatsapp.idle()
    expect(hub.bodies).toEqual([
      {
        object: 'whatsapp_business_account',
        entry: [
          {
            id: '102290129340398',
            changes: [
              {
                field: 'messages',
                value: {
                  messaging_product: 'whatsapp',
                  metadata: { display_phone_number: '886227001234', phone_number_id: '106540352242922' },
                  contacts: [{ profile: { name: '王小姐' }, wa_id: '886912345678', user_id: user.userId }],
                  messages: [
                    {
                      from: '886912345678',
                      from_user_id: user.userId,
                      id: wamid,
                      timestamp: '1782871200',
                      type: 'text',
                      text: { body: '有貨嗎?' },
                    },
                  ],
                },
              },
            ],
          },
        ],
      },
    ])
  })

  it('is told again, the same, until it is taken', async () => {
    const { account, hub, whatsapp, user } = await start()
    hub.answers.push(500, 503, 429)
    const { wamid } = account.send(user, { type: 'text', text: '有貨嗎?' })
    await whatsapp.idle()
    expect(whatsapp.deliveries.log.map(({ status, attempt }) => [status, attempt])).toEqual([
      [500, 1],
      [503, 2],
      [429, 3],
      [200, 4],
    ])
    expect(hub.messages().map(({ id }) => id)).toEqual([wamid])
  })

  it('has each kind of message its own content', async () => {
    const { account, hub, whatsapp, user, send } = await start()
    account.send(user, { type: 'text', text: '先說一句' })
    const { wamid } = await send('886912345678', hello)
    const bytes = Buffer.from('bytes')
    const file = {
      id: expect.stringMatching(/^\d+$/),
      sha256: 'J3CJ2RwL308uaGK6fkoHYFEZQx9dE/cm3TUrBvGyBqk=',
    }
    const answered = { from: '886227001234', id: wamid }
    account.send(user, { type: 'image', bytes, mimeType: 'image/jpeg', caption: '這個' })
    account.send(user, { type: 'video', bytes, mimeType: 'video/mp4' })
    account.send(user, { type: 'audio', bytes, mimeType: 'audio/ogg; codecs=opus', isVoice: true })
    account.send(user, { type: 'document', bytes, mimeType: 'application/pdf', filename: '發票.pdf' })
    account.send(user, { type: 'sticker', bytes })
    account.send(user, { type: 'location', latitude: 25.03, longitude: 121.56, name: '信義門市' })
    account.send(user, { type: 'contacts', contacts: [{ name: '李小姐', phone: '+886 911 111 111' }] })
    account.send(user, { type: 'reaction', to: wamid, emoji: '👍' })
    account.send(user, { type: 'buttonReply', to: wamid, id: 'yes', title: '好' })
    account.send(user, { type: 'listReply', to: wamid, id: 'a', title: '甲', description: '第一個' })
    account.send(user, { type: 'flowReply', to: wamid, name: 'flow', fields: { score: 5 } })
    account.send(user, { type: 'quickReply', to: wamid, payload: 'ok', text: '我會準時到' })
    account.send(user, { type: 'order', catalogId: '7', items: [{ id: 'sku', quantity: 2, price: 30 }] })
    account.send(user, { type: 'unsupported' })
    account.send(user, { type: 'unsupported', code: 131052 })
    await whatsapp.idle()
    expect(hub.messages().slice(1)).toMatchObject([
      { type: 'image', image: { ...file, mime_type: 'image/jpeg', caption: '這個' } },
      { type: 'video', video: { ...file, mime_type: 'video/mp4' } },
      { type: 'audio', audio: { ...file, mime_type: 'audio/ogg; codecs=opus', voice: true } },
      { type: 'document', document: { ...file, filename: '發票.pdf' } },
      { type: 'sticker', sticker: { ...file, mime_type: 'image/webp', animated: false } },
      { type: 'location', location: { latitude: 25.03, longitude: 121.56, name: '信義門市' } },
      { type: 'contacts', contacts: [{ name: { formatted_name: '李小姐' }, phones: [{ wa_id: '886911111111' }] }] },
      { type: 'reaction', reaction: { message_id: wamid, emoji: '👍' } },
      {
        type: 'interactive',
        context: answered,
        interactive: { type: 'button_reply', button_reply: { id: 'yes', title: '好' } },
      },
      { type: 'interactive', interactive: { type: 'list_reply', list_reply: { id: 'a', description: '第一個' } } },
      { type: 'interactive', interactive: { type: 'nfm_reply', nfm_reply: { response_json: '{"score":5}' } } },
      { type: 'button', context: answered, button: { payload: 'ok', text: '我會準時到' } },
      { type: 'order', order: { catalog_id: '7', product_items: [{ product_retailer_id: 'sku', quantity: 2 }] } },
      { type: 'unsupported', errors: [{ code: 131051 }] },
      { type: 'unsupported', errors: [{ code: 131052 }] },
    ])
  })

  it('quotes a message of ours with our number, one of their own with theirs, and may be forwarded', async () => {
    const { account, hub, whatsapp, user, send } = await start()
    const own = account.send(user, { type: 'text', text: '一' })
    const { wamid } = await send('886912345678', hello)
    account.send(user, { type: 'text', text: '二' }, { quotes: wamid })
    account.send(user, { type: 'text', text: '三' }, { quotes: own.wamid })
    account.send(user, { type: 'text', text: '四' }, { isForwarded: true })
    await whatsapp.idle()
    expect(hub.messages().map(({ context }) => context)).toEqual([
      undefined,
      { from: '886227001234', id: wamid },
      { from: '886912345678', id: own.wamid },
      { forwarded: true },
    ])
  })

  it('may come with others in one call of several entries and changes', async () => {
    const { account, hub, whatsapp, user, send } = await start()
    const first = account.prepare(user, { type: 'text', text: '一' })
    const { wamid } = await send('886912345678', hello)
    await whatsapp.idle()
    const second = account.prepare(user, { type: 'text', text: '二' })
    account.webhook([[first.change, account.statusChange(wamid, 'read')], [second.change]])
    await whatsapp.idle()
    expect(hub.bodies.at(-1)?.entry.map(({ changes }) => changes.length)).toEqual([2, 1])
    expect(hub.messages().map(({ id }) => id)).toEqual([first.wamid, second.wamid])
    expect(hub.statuses().at(-1)).toMatchObject({ id: wamid, status: 'read' })
    expect(account.sent.get(wamid)?.state).toBe('delivered')
  })

  it('is not told to an app that has not subscribed, and a fault of the account is', async () => {
    const { account, hub, whatsapp, user, call } = await start({ isSubscribed: false })
    account.send(user, { type: 'text', text: '一' })
    const path = `/${account.settings.wabaId}/subscribed_apps`
    expect((await call('GET', path)).body).toEqual({ data: [] })
    expect((await call('POST', path)).body).toEqual({ success: true })
    expect((await call('GET', path)).body).toMatchObject({
      data: [{ whatsapp_business_api_data: { name: 'Countertop' } }],
    })
    account.fault({ code: 131016, details: 'overloaded' })
    await whatsapp.idle()
    expect(hub.bodies.map(({ entry }) => entry[0]?.changes[0]?.value)).toMatchObject([{ errors: [{ code: 131016 }] }])
  })

  it('may be marked as read, with a sign of typing; what nobody wrote may not', async () => {
    const { account, user, call, clock } = await start()
    const { wamid } = account.send(user, { type: 'text', text: '一' })
    const path = `/${account.settings.phoneNumberId}/messages`
    const mark = {
      messaging_product: 'whatsapp',
      status: 'read',
      message_id: wamid,
      typing_indicator: { type: 'text' },
    }
    expect(await call('POST', path, mark)).toEqual({ status: 200, body: { success: true } })
    expect(account.readMarks).toEqual([{ wamid, at: clock.now, isTyping: true }])
    expect(await call('POST', path, { ...mark, message_id: 'wamid.AAAA' })).toMatchObject({ status: 400 })
  })

  it('cannot go to an address that does not know the verify token', async () => {
    const { account } = await start()
    expect([await account.challenge(), await account.challenge('another')]).toEqual([true, false])
  })
})

describe('the statuses of a message', () => {
  async function statusesOf(settings: Partial<AccountSettings>) {
    const { account, hub, whatsapp, user, send } = await start({ automatic: 'accepted', ...settings })
    account.send(user, { type: 'text', text: '一' })
    const { wamid } = await send('886912345678', hello)
    await whatsapp.idle()
    const state = account.sent.get(wamid)?.state
    account.read(wamid)
    await whatsapp.idle()
    return { state, statuses: hub.statuses().map(({ status }) => status) }
  }

  it('come as they happen, backwards, skipping, or twice, as the account is set', async () => {
    expect(await statusesOf({})).toEqual({ state: 'accepted', statuses: ['sent', 'delivered', 'read'] })
    expect((await statusesOf({ statusOrder: 'shuffled' })).statuses).toEqual(['read', 'delivered', 'sent'])
    expect((await statusesOf({ statusOrder: 'skipping' })).statuses).toEqual(['read'])
    expect((await statusesOf({ automatic: 'sent', duplicateStatuses: true })).statuses).toEqual(
      ['sent', 'delivered', 'read'].flatMap((status) => [status, status]),
    )
  })

  it('stop at sent for a customer who blocked the business, and are told of to who listens', async () => {
    const { account, hub, whatsapp, user, send } = await start()
    const heard: string[] = []
    whatsapp.on('changed', ({ state, account: { settings } }) => void heard.push(`${settings.verifiedName} ${state}`))
    account.send(user, { type: 'text', text: '一' })
    account.block(user)
    const { wamid } = await send('886912345678', hello)
    await whatsapp.idle()
    expect([account.deliver(wamid), account.read(wamid)]).toEqual([false, false])
    account.unblock(user)
    expect(account.deliver(wamid)).toBe(true)
    await whatsapp.idle()
    expect(hub.statuses().map(({ status }) => status)).toEqual(['sent', 'delivered'])
    expect(heard).toEqual(['好日子百貨 accepted', '好日子百貨 sent', '好日子百貨 delivered'])
  })
})
