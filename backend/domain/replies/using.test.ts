import { describe, expect, it } from 'vitest'
import { QINMEI, SampleTeam, XINYI, memberOf } from '../../sync/sample-team.ts'
import { AttachmentId, MemberId, ReplyFolderId, ReplyId } from '../ids.ts'
import type { ChannelKind, Reply, ReplyMessage } from '../rows.ts'
import { searchReplies } from './search.ts'
import { mayUse } from './use.ts'
import { VARIABLES, fillIn } from './variables.ts'
import type { Facts } from './variables.ts'

const text = (content: string): ReplyMessage => ({ kind: 'text', text: content })
const file = (mime: string, size = 1_000): ReplyMessage => ({
  kind: 'file',
  attachmentId: AttachmentId.parse('a'),
  name: '型錄',
  mime,
  size,
})
const STORES = [
  { id: XINYI, name: '信義店' },
  { id: QINMEI, name: '勤美店' },
]
const CONTACT: Facts['contact'] = {
  name: '林小姐',
  phone: '0912345678',
  matchedPhone: null,
  email: 'lin@example.com',
  memberNumber: 'A123',
  binding: { memberId: MemberId.parse('salesperson'), storeId: QINMEI },
}

function facts(contact: Partial<Facts['contact']> = {}, storeIds = [XINYI]): Facts {
  return {
    contact: { ...CONTACT, ...contact },
    member: memberOf('cs_agent', { name: '怡君', storeIds }),
    stores: STORES,
    team: { name: '好日子' },
    channel: { name: '官網' },
  }
}

describe('variables', () => {
  const all = { messages: [text(VARIABLES.map((name) => `{{${name}}}`).join('|')), file('image/png')] }

  it('[REP-1] are filled in with what is known of the customer, the sender and the place', () => {
    const { messages, missing } = fillIn(all, facts())
    expect(messages).toEqual([
      text('林小姐|0912345678|lin@example.com|A123|怡君|勤美店|好日子|官網'),
      file('image/png'),
    ])
    expect(missing).toEqual([])
  })

  it('[REP-1] without a value stay in the text and are named', () => {
    const contact = { phone: null, email: null, memberNumber: null, name: ' ', binding: null }
    expect(fillIn(all, facts(contact, [XINYI, QINMEI]))).toMatchObject({
      messages: [
        text(
          '{{customer.name}}|{{customer.phone}}|{{customer.email}}|{{customer.memberNumber}}|怡君|{{store.name}}|好日子|官網',
        ),
        {},
      ],
      missing: ['customer.name', 'customer.phone', 'customer.email', 'customer.memberNumber', 'store.name'],
    })
  })

  it('[REP-1] the store is the binding’s, else the sender’s only one; the phone may be the one that was matched', () => {
    const store = { messages: [text('{{ store.name }} {{customer.phone}}')] }
    const contact = { binding: null, phone: null, matchedPhone: '+886912345678' }
    expect(fillIn(store, facts(contact)).messages).toEqual([text('信義店 +886912345678')])
  })

  it('[REP-1] a customer who calls themself a variable is called so', () => {
    const own = fillIn({ messages: [text('{{customer.name}}您好')] }, facts({ name: '{{team.name}}' }))
    expect(own).toEqual({ messages: [text('{{team.name}}您好')], missing: [] })
  })
})

describe('using a reply', () => {
  const use = (
    messages: ReplyMessage[],
    kind: ChannelKind = 'webchat',
    conversation: 'direct' | 'group' = 'direct',
    missing: Parameters<typeof mayUse>[0]['missing'] = [],
  ) => {
    const { apply, send } = mayUse({ messages, missing }, { kind }, { kind: conversation })
    return [apply, send].map((verdict) => (verdict.allowed ? 'allowed' : verdict.refusal))
  }

  it('[REP-3] 套用 and 發送 in a 1-on-1, a collaboration included', () => {
    const team = new SampleTeam()
    const shared = { ...team.customer('lin'), collaboratorIds: [MemberId.parse('cs_agent2')] }
    expect(mayUse({ messages: [text('您好')] }, { kind: 'line' }, shared)).toEqual({
      apply: { allowed: true },
      send: { allowed: true },
    })
  })

  it('[REP-3] only 套用 in a group', () => {
    expect(use([text('您好')], 'line', 'group')).toMatchObject(['allowed', { code: 'reply.group', instead: 'apply' }])
  })

  it('[REP-4] one with files not at all where the channel takes none', () => {
    const refusal = { code: 'reply.files', instead: 'choose-other' }
    expect(use([text('您好'), file('application/pdf')], 'line')).toMatchObject([refusal, refusal])
    expect(use([text('您好'), file('application/pdf')], 'line', 'group')).toMatchObject([refusal, refusal])
    expect(use([text('您好'), file('application/pdf')], 'whatsapp')).toEqual(['allowed', 'allowed'])
    expect(use([file('image/png', 6 * 1024 * 1024)], 'whatsapp')).toMatchObject([
      { code: 'attachment.tooLarge' },
      { code: 'attachment.tooLarge' },
    ])
  })

  it('[REP-1] one with a variable that has no value, or that came out too long, is put in the composer instead', () => {
    expect(use([text('{{customer.phone}}')], 'webchat', 'direct', ['customer.phone'])).toMatchObject([
      'allowed',
      { code: 'reply.noValue', params: { variable: 'customer.phone' }, instead: 'apply' },
    ])
    expect(use([text('好'.repeat(601))], 'wechat')).toMatchObject([
      'allowed',
      { code: 'text.tooLong', params: { length: 601, max: 600 }, instead: 'apply' },
    ])
    expect(use([text('好'.repeat(600))], 'wechat')).toEqual(['allowed', 'allowed'])
  })
})

describe('searching', () => {
  const folder = { id: ReplyFolderId.parse('f'), name: '售後' }
  const reply = (id: string, name: string, content: string, folderId: Reply['folderId'] = null): Reply => ({
    id: ReplyId.parse(id),
    name,
    messages: [text(content)],
    visibility: { to: 'all' },
    ownerId: MemberId.parse('admin'),
    folderId,
    updatedAt: 0,
  })
  const replies = [
    reply('hours', '營業時間', '每日十一點到九點，LINE 可預約'),
    reply('return', '退換貨', '七天內可退，請附發票', folder.id),
    reply('line', 'ＬＩＮＥ 會員', '營業時間內回覆'),
  ]
  const find = (words: string) => searchReplies(replies, [folder], words).map(({ id }) => id)

  it('[REP-2] finds every word wherever it stands, the name before the content', () => {
    expect(find('')).toEqual(['hours', 'return', 'line'])
    expect(find('line')).toEqual(['line', 'hours'])
    expect(find('營業 預約')).toEqual(['hours'])
    expect(find('預約 營業')).toEqual(['hours'])
    expect(find('發票 售後')).toEqual(['return'])
    expect(find('沒有')).toEqual([])
  })
})
