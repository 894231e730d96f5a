import { describe, expect, it } from 'vitest'
import { InboundContent } from '../../../domain/messages/content.ts'
import type { ChannelEvent } from '../platform.ts'
import { parseEvent } from './parse.ts'

const wang = { profile: { name: '王小明' }, wa_id: '886912345678' }
const SENT = 1_782_864_000

function parse(message: object, contacts: unknown = [wang]): ChannelEvent[] {
  const envelope = { from: '886912345678', id: 'wamid.1', timestamp: String(SENT) }
  return parseEvent({ type: 'message', message: { ...envelope, ...message }, contacts })
}

/** What the messages say; each has to be something that the rules take. */
function contents(type: string, content: unknown): unknown[] {
  return parse({ type, ...(content !== undefined && { [type]: content }) }).map((event) => {
    if (event.type !== 'message') return event
    return InboundContent.parse(event.content)
  })
}

function source(message: object, contacts: unknown) {
  const [event] = parse({ type: 'text', text: { body: 'x' }, ...message }, contacts)
  return event?.type === 'message' ? event.source : event
}

describe('a customer’s message', () => {
  it('says who sent it, when, and what', () => {
    expect(parse({ type: 'text', text: { body: '你好' } })).toEqual([
      {
        type: 'message',
        source: { kind: 'person', externalId: '886912345678', name: '王小明', phone: '+886912345678' },
        from: null,
        externalMessageId: 'wamid.1',
        sentAt: SENT * 1_000,
        content: { kind: 'text', text: '你好' },
        replyToken: null,
      },
    ])
  })

  it.each(['image', 'video', 'audio', 'sticker'])('with %s is fetched by its id', (media) => {
    expect(contents(media, { id: '42', mime_type: 'a/b', sha256: 'x' })).toEqual([
      { kind: 'media', media, name: '', ref: '42' },
    ])
  })

  it('with a document has its name', () => {
    expect(contents('document', { id: '42', filename: '型錄.pdf' })).toEqual([
      { kind: 'media', media: 'file', name: '型錄.pdf', ref: '42' },
    ])
  })

  it.each(['image', 'video', 'document'])('with something written under %s is two', (type) => {
    const events = parse({ type, [type]: { id: '42', caption: '這件有 M 嗎?' } })
    expect(events.map((event) => event.type === 'message' && [event.externalMessageId, event.content])).toEqual([
      ['wamid.1', expect.objectContaining({ kind: 'media', ref: '42' })],
      ['wamid.1~caption', { kind: 'text', text: '這件有 M 嗎?' }],
    ])
  })

  it('with a place has its name and address where they are told', () => {
    expect(contents('location', { latitude: 25.03, longitude: 121.56, name: '台北 101', address: '信義路' })).toEqual([
      { kind: 'location', title: '台北 101', address: '信義路', latitude: 25.03, longitude: 121.56 },
    ])
    expect(contents('location', { latitude: -1, longitude: 0 })).toEqual([
      { kind: 'location', title: '', address: '', latitude: -1, longitude: 0 },
    ])
  })

  it('with contacts lists their names and numbers', () => {
    const cards = [
      {
        name: { formatted_name: '李美', first_name: '美' },
        phones: [{ phone: '+886 2 2700 1234' }, { wa_id: '886911' }],
      },
      { name: { formatted_name: '陳' } },
      { phones: [{ phone: '0912' }] },
      {},
    ]
    expect(contents('contacts', cards)).toEqual([{ kind: 'text', text: '李美 +886 2 2700 1234, +886911\n陳\n0912' }])
  })

  it.each([
    ['button_reply', { title: '好', id: '1' }, '好'],
    ['list_reply', { title: '明天', id: '1', description: '早上' }, '明天'],
    ['nfm_reply', { name: 'flow', body: 'Sent', response_json: '{}' }, 'Sent'],
  ])('that answers by %s is a text', (type, reply, text) => {
    expect(contents('interactive', { type, [type]: reply })).toEqual([{ kind: 'text', text }])
  })

  it('that taps a template’s button is a text', () => {
    expect(contents('button', { payload: 'P', text: '我要預約' })).toEqual([{ kind: 'text', text: '我要預約' }])
  })

  it.each(['order', 'system', 'unsupported', 'something_new', 'constructor'])(
    'of the type %s is shown as such',
    (type) => {
      expect(contents(type, {})).toEqual([{ kind: 'other', what: type }])
    },
  )

  it.each([
    ['text', undefined],
    ['text', { body: 7 }],
    ['image', { mime_type: 'image/jpeg' }],
    ['location', { latitude: 91, longitude: 0 }],
    ['contacts', [{}]],
    ['interactive', { type: 'call_permission_reply' }],
  ])('of the type %s with %j is not lost', (type, content) => {
    expect(contents(type, content)).toEqual([{ kind: 'other', what: type }])
  })

  it('is never longer than the rules take', () => {
    const long = 'x'.repeat(300_000)
    expect(contents('text', { body: long })).toEqual([{ kind: 'text', text: long.slice(0, 200_000) }])
    expect(contents('document', { id: '1', filename: long, caption: long })).toHaveLength(2)
    expect(contents('location', { latitude: 0, longitude: 0, name: long, address: long })).toHaveLength(1)
    expect(contents(long, {})).toHaveLength(1)
  })

  it('that only reacts to another is nothing', () => {
    expect(contents('reaction', { message_id: 'wamid.0', emoji: '👍' })).toEqual([{ type: 'nothing', why: 'reaction' }])
  })

  it('in a group is not taken for one of the person alone', () => {
    expect(parse({ type: 'text', text: { body: 'x' }, group_id: 'g' })).toEqual([
      { type: 'nothing', why: 'a message in a group' },
    ])
  })

  it('that takes another back takes what was written under it too', () => {
    expect(contents('revoke', { original_message_id: 'wamid.0' })).toEqual([
      { type: 'unsend', externalMessageId: 'wamid.0' },
      { type: 'unsend', externalMessageId: 'wamid.0~caption' },
    ])
  })

  it('without a time has none', () => {
    for (const timestamp of [undefined, '', 'soon', '-5', '1.5']) {
      expect(parse({ type: 'text', text: { body: 'x' }, timestamp })).toEqual([
        expect.objectContaining({ sentAt: null }),
      ])
    }
  })
})

describe('who wrote', () => {
  it('is known by the phone number while it is told', () => {
    const contact = { profile: { name: '王', username: 'wang' }, wa_id: '886912345678', user_id: 'TW.1' }
    expect(source({ from_user_id: 'TW.1' }, [contact])).toEqual({
      kind: 'person',
      externalId: '886912345678',
      name: '王',
      phone: '+886912345678',
    })
  })

  it('is known by the id within the business without one', () => {
    const contact = { profile: { name: '', username: 'wang.x' }, user_id: 'TW.1' }
    const expected = { kind: 'person', externalId: 'TW.1', name: 'wang.x', phone: null }
    expect(source({ from: undefined, from_user_id: 'TW.1' }, [contact])).toEqual(expected)
    expect(source({ from: undefined }, [contact])).toEqual(expected)
  })

  it('is found among several', () => {
    const other = { profile: { name: '李' }, wa_id: '886900000000' }
    expect(source({}, [other, wang])).toMatchObject({ name: '王小明', externalId: '886912345678' })
    expect(source({ from: '1' }, [other, wang])).toEqual({ kind: 'person', externalId: '1', name: null, phone: '+1' })
  })

  it('needs no contact that can be read', () => {
    for (const contacts of [[], [null], [{ profile: 'x' }]]) {
      expect(source({}, contacts)).toEqual({
        kind: 'person',
        externalId: '886912345678',
        name: null,
        phone: '+886912345678',
      })
    }
  })
})

describe('a status', () => {
  const status = (state: string, more: object = {}) =>
    parseEvent({
      type: 'status',
      status: { id: 'wamid.1', status: state, timestamp: '1', biz_opaque_callback_data: 'message-1', ...more },
    })

  it.each(['sent', 'delivered', 'read'])('[CNV-10] %s moves our message, named by what we gave with it', (state) => {
    expect(status(state)).toEqual([{ type: 'progress', messageId: 'message-1', delivery: { state } }])
  })

  it('[CNV-10] failed tells why, with the platform’s own code', () => {
    const errors = [{ code: 131047, title: 'Re-engagement message' }]
    expect(status('failed', { errors })).toEqual([
      {
        type: 'progress',
        messageId: 'message-1',
        delivery: { state: 'failed', code: 'channel.windowClosed', platformCode: '131047' },
      },
    ])
    expect(status('failed')).toEqual([
      {
        type: 'progress',
        messageId: 'message-1',
        delivery: { state: 'failed', code: 'channel.failed', platformCode: null },
      },
    ])
  })

  it('of a message that we did not name is nothing', () => {
    expect(status('read', { biz_opaque_callback_data: undefined })).toEqual([
      { type: 'nothing', why: 'a status of a message that is not ours' },
    ])
  })

  it('that is new to us is nothing', () => {
    expect(status('played')).toEqual([{ type: 'nothing', why: 'status played' }])
  })
})

describe('the account', () => {
  const update = (value: object, field = 'account_update') => parseEvent({ type: 'account', field, value })
  const errors = (...codes: number[]) => parseEvent({ type: 'errors', errors: codes.map((code) => ({ code })) })

  it('has a problem when it was suspended, and none when it is back', () => {
    const ban = (state: string) => update({ event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: state } })
    expect(ban('DISABLE')).toEqual([{ type: 'health', problem: 'channel.restricted' }])
    expect(ban('REINSTATE')).toEqual([{ type: 'health', problem: null }])
    expect(ban('SCHEDULE_FOR_DISABLE')).toEqual([{ type: 'nothing', why: 'account_update' }])
    expect(update({ event: 'ACCOUNT_RESTRICTION' })).toEqual([{ type: 'health', problem: 'channel.restricted' }])
  })

  it('has a problem when a fault concerns all of it', () => {
    expect(errors(131000, 131042)).toEqual([{ type: 'health', problem: 'channel.quota' }])
    expect(errors(131000)).toEqual([{ type: 'nothing', why: 'errors: 131000' }])
  })

  it('tells much that does not concern us', () => {
    expect(update({ event: 'APPROVED' }, 'message_template_status_update')).toEqual([
      { type: 'nothing', why: 'message_template_status_update' },
    ])
    expect(update({})).toEqual([{ type: 'nothing', why: 'account_update' }])
  })
})

it.each([
  null,
  'x',
  {},
  { type: 'more' },
  { type: 'message' },
  { type: 'message', message: { type: 'text', from: '1' }, contacts: [] },
  { type: 'message', message: { id: 'wamid.1', from: '1' }, contacts: [] },
  { type: 'message', message: { id: 'wamid.1', type: 'text' }, contacts: [] },
  { type: 'message', message: { id: 'wamid.1', type: 'revoke', from: '1' }, contacts: [] },
  { type: 'status', status: {} },
  { type: 'errors', errors: [{}] },
])('what was not kept by us is not read: %j', (event) => {
  expect(() => parseEvent(event)).toThrow()
})
