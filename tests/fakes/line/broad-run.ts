/** Everything the fake does, once: each endpoint, each kind of message and of event. For checks of the whole against rules. */
import { randomUUID } from 'node:crypto'
import type { LineAccount } from './account.ts'
import type { CustomerMessage } from './events.ts'
import { phoneHash } from './people.ts'
import type { Chat, User } from './people.ts'
import { startWorld, text } from './test-world.ts'
import type { Answered, World } from './test-world.ts'

export type Exchange = { method: string; path: string; status: number; answer: unknown }

export const PICTURE = {
  type: 'image',
  originalContentUrl: 'https://hub.example/files/a.jpg',
  previewImageUrl: 'https://hub.example/files/a-small.jpg',
}

/** One of each kind an account can send. */
export const OUTGOING = [
  { ...text('👋 你好'), emojis: [{ index: 0, productId: '5ac1bfd5040ab15980c9b435', emojiId: '001' }] },
  {
    type: 'textV2',
    text: 'Hello {who} {what}',
    substitution: {
      who: { type: 'mention', mentionee: { type: 'all' } },
      what: { type: 'emoji', productId: '5ac1bfd5040ab15980c9b435', emojiId: '001' },
    },
  },
  { type: 'sticker', packageId: '446', stickerId: '1988' },
  PICTURE,
  { ...PICTURE, type: 'video', trackingId: 'video-1' },
  { type: 'audio', originalContentUrl: 'https://hub.example/files/a.m4a', duration: 60_000 },
  { type: 'location', title: 'Store', address: 'Taipei', latitude: 25.03, longitude: 121.56 },
  {
    type: 'template',
    altText: 'Choose',
    template: {
      type: 'confirm',
      text: 'Shall we?',
      actions: [
        { type: 'message', label: 'Yes', text: 'yes' },
        { type: 'postback', label: 'No', data: 'no' },
      ],
    },
  },
  {
    type: 'flex',
    altText: 'A card',
    contents: { type: 'bubble', body: { type: 'box', layout: 'vertical', contents: [{ type: 'text', text: 'x' }] } },
  },
  {
    ...text('Which one?'),
    quickReply: { items: [{ type: 'action', action: { type: 'message', label: 'This', text: 'this' } }] },
    sender: { name: 'Mei', iconUrl: 'https://hub.example/mei.png' },
  },
]

/** One of each kind a customer can send. */
export function incoming(friend: User): CustomerMessage[] {
  return [
    {
      type: 'text',
      text: '@Ann @All @Shop (love)',
      emojis: [{ index: 16, length: 6, productId: '5ac1bfd5040ab15980c9b435', emojiId: '001' }],
      mentions: [
        { index: 0, length: 4, user: friend },
        { index: 5, length: 4, user: 'all' },
        { index: 10, length: 5, user: 'account' },
      ],
    },
    { type: 'image', bytes: Buffer.from('jpeg'), imageSet: { id: 'set', index: 1, total: 2 } },
    { type: 'video', bytes: Buffer.from('mp4'), durationMs: 1_000 },
    { type: 'audio', bytes: Buffer.from('m4a'), durationMs: 1_000, transcoding: 'processing' },
    { type: 'file', name: '報價.pdf', bytes: Buffer.from('pdf'), mime: 'application/pdf' },
    { type: 'location', title: 'Here', address: 'Tainan', latitude: 23, longitude: 120.2 },
    { type: 'location', latitude: -1, longitude: -2 },
    {
      type: 'sticker',
      packageId: '1',
      stickerId: '2',
      resourceType: 'MESSAGE',
      keywords: ['happy', 'yes'],
      text: 'thanks',
    },
  ]
}

/** @returns the world it was played in, still open, and each answer LINE gave */
export async function playEverything(): Promise<{ world: World; exchanges: Exchange[] }> {
  const world = await startWorld({ monthlyQuota: 100, loginChannelId: '2000000001' })
  const exchanges: Exchange[] = []
  const call = async (...asked: Parameters<World['call']>): Promise<Answered> => {
    const answered = await world.call(...asked)
    exchanges.push({ method: asked[0], path: asked[1], status: answered.status, answer: answered.body })
    return answered
  }
  const { account } = world
  const ann = account.addUser({ name: 'Ann', phone: '+886912345678', pictureUrl: 'https://profile.example/ann.png' })
  const ben = account.addUser({ name: 'Ben', isFriend: true })
  const group = account.addGroup({ name: 'Family', members: [ann] })
  const room = account.addRoom({ members: [ann, ben] })
  playCustomers(account, ann, ben, group, room)

  const withKey = () => ({ 'x-line-retry-key': randomUUID() })
  for (const message of OUTGOING) {
    const { replyToken } = account.send(ann, { type: 'text', text: 'hm' })
    await call('POST', '/v2/bot/message/reply', { replyToken, messages: [message], notificationDisabled: true })
    await call('POST', '/v2/bot/message/push', { to: ann.id, messages: [message, message] }, withKey())
  }
  const again = withKey()
  const last = { to: group.id, messages: [text('for all')], customAggregationUnits: ['spring'] }
  await call('POST', '/v2/bot/message/push', last, again)
  await call('POST', '/v2/bot/message/push', last, again)
  await call('POST', '/v2/bot/message/multicast', { to: [ann.id, ben.id], messages: [text('news')] }, withKey())
  const notice = { to: phoneHash('+886912345678'), messages: [text('parcel')] }
  await call('POST', '/bot/pnp/push', notice, { 'x-line-delivery-tag': 'tag-of-the-parcel-1' })
  await call('POST', '/bot/pnp/push', { ...notice, to: phoneHash('+886000000000') })
  await playSettings(call, account, ann, group, room)
  return { world, exchanges }
}

function playCustomers(account: LineAccount, ann: User, ben: User, group: Chat, room: Chat): void {
  account.follow(ann)
  for (const message of incoming(ann)) account.send(ann, message)
  const quoted = account.send(ann, { type: 'text', text: 'this' }).message.id
  account.send(ann, { type: 'text', text: 'that one' }, { quotes: quoted })
  account.send(ann, { type: 'sticker', packageId: '1', stickerId: '3' }, { quotes: quoted })
  account.unsend(ann, quoted)
  account.postback(ann, 'buy=1', { params: { datetime: '2026-01-01T10:00' } })
  account.join(group)
  account.send(ann, { type: 'text', text: 'in the group' }, { in: group })
  account.send(ann, { type: 'text', text: 'who am I' }, { in: room, anonymous: true })
  account.postback(ann, 'in the group', { in: group })
  account.unsend(ann, '1', room)
  account.memberJoined(group, ben)
  account.memberLeft(group, ben)
  account.leave(group)
  account.join(group)
  account.unfollow(ann)
  account.follow(ann)
  account.pnpDelivered('tag-of-something-1')
  account.together(() => {
    account.send(ann, { type: 'text', text: 'one' })
    account.send(ben, { type: 'text', text: 'two' })
  })
}

async function playSettings(call: World['call'], account: LineAccount, ann: User, group: Chat, room: Chat) {
  const menu = account.addRichMenu('For members')
  for (const path of [
    '/v2/bot/message/quota',
    '/v2/bot/message/quota/consumption',
    '/v2/bot/info',
    `/v2/bot/profile/${ann.id}`,
    `/v2/bot/profile/U${'0'.repeat(32)}`,
    `/v2/bot/group/${group.id}/summary`,
    `/v2/bot/group/${group.id}/member/${ann.id}`,
    `/v2/bot/room/${room.id}/member/${ann.id}`,
    '/v2/bot/channel/webhook/endpoint',
    '/v2/bot/richmenu/list',
    '/v2/bot/user/all/richmenu',
    `/v2/bot/user/${ann.id}/richmenu`,
  ]) {
    await call('GET', path)
  }
  await call('PUT', '/v2/bot/channel/webhook/endpoint', { endpoint: 'https://hub.example/line/2' })
  await call('POST', '/v2/bot/channel/webhook/test', {})
  await call('POST', '/v2/bot/channel/webhook/test', { endpoint: 'https://nowhere.invalid/' })
  await call('POST', '/v2/bot/chat/loading/start', { chatId: ann.id, loadingSeconds: 20 })
  const { message } = account.send(ann, { type: 'text', text: 'read me' })
  await call('POST', '/v2/bot/chat/markAsRead', { markAsReadToken: message.markAsReadToken })
  await call('POST', `/v2/bot/user/all/richmenu/${menu}`)
  await call('GET', '/v2/bot/user/all/richmenu')
  await call('DELETE', '/v2/bot/user/all/richmenu')
  await call('POST', `/v2/bot/user/${ann.id}/richmenu/${menu}`)
  await call('GET', `/v2/bot/user/${ann.id}/richmenu`)
  await call('DELETE', `/v2/bot/user/${ann.id}/richmenu`)
  await call('POST', '/v2/bot/richmenu/bulk/link', { richMenuId: menu, userIds: [ann.id] })
  await call('POST', '/v2/bot/richmenu/bulk/unlink', { userIds: [ann.id] })
}
