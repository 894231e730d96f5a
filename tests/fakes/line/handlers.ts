/** What the fake does at each endpoint of the table, for the account whose token the request carries. */
import type { z } from 'zod'
import type { LineAccount } from './account.ts'
import { ENDPOINTS } from './endpoints.ts'
import type { Endpoint } from './endpoints.ts'
import { FAILED_TO_SEND, invalidField, ok, refused } from './outcome.ts'
import type { BytesOutcome, Outcome } from './outcome.ts'
import type { Chat } from './people.ts'
import type { Sent } from './sending.ts'
import { testWebhook } from './webhook-test.ts'

export type Asked<Body> = Sent & {
  account: LineAccount
  body: Body
  param: (name: string) => string
  header: (name: string) => string | undefined
}
type Answer = Outcome | BytesOutcome | Promise<Outcome>

export type Route = { endpoint: Endpoint; handle: (asked: Asked<unknown>) => Answer }

/** @throws when the body is not of the endpoint's form, which is seen before */
function on<Body extends z.ZodType>(endpoint: Endpoint<Body>, handle: (asked: Asked<z.output<Body>>) => Answer): Route {
  return { endpoint, handle: (asked) => handle({ ...asked, body: endpoint.body.parse(asked.body) }) }
}

const NOT_FOUND = refused(404, 'Not found')

/** In the table's own order: the literal paths come before those that match them too. */
export const ROUTES: readonly Route[] = [
  on(ENDPOINTS.reply, ({ account, body }) => account.sending.reply(body)),
  on(ENDPOINTS.push, ({ account, body, ...sent }) => account.sending.push(body, sent)),
  on(ENDPOINTS.multicast, ({ account, body, ...sent }) => account.sending.multicast(body, sent)),
  on(ENDPOINTS.pnpPush, ({ account, body, header }) => {
    if (!account.sending.notify(body)) return refused(422, FAILED_TO_SEND)
    if (account.tellsPnpDelivered) account.pnpDelivered(header('x-line-delivery-tag') ?? body.to)
    return ok()
  }),
  on(ENDPOINTS.quota, ({ account }) => {
    const { monthlyQuota } = account.sending
    return ok(monthlyQuota === null ? { type: 'none' } : { type: 'limited', value: monthlyQuota })
  }),
  on(ENDPOINTS.consumption, ({ account }) => ok({ totalUsage: account.sending.consumption() })),
  on(ENDPOINTS.profile, ({ account, param }) => {
    const user = account.people.findUser(param('userId'))
    if (user?.friendship !== 'friend') return NOT_FOUND
    return ok({ displayName: user.name, userId: user.id, ...picture(user.pictureUrl), language: 'zh-Hant' })
  }),
  on(ENDPOINTS.groupSummary, ({ account, param }) => {
    const chat = joined(account, 'group', param('groupId'))
    return chat ? ok({ groupId: chat.id, groupName: chat.name }) : NOT_FOUND
  }),
  on(ENDPOINTS.groupMember, ({ account, param }) =>
    memberOf(joined(account, 'group', param('groupId')), param('userId')),
  ),
  on(ENDPOINTS.roomMember, ({ account, param }) => memberOf(joined(account, 'room', param('roomId')), param('userId'))),
  on(ENDPOINTS.botInfo, ({ account: { userId, basicId, name } }) =>
    ok({ userId, basicId, displayName: name, chatMode: 'chat', markAsReadMode: 'manual' }),
  ),
  on(ENDPOINTS.getWebhook, ({ account: { webhookUrl, isWebhookActive } }) => {
    return webhookUrl === null ? NOT_FOUND : ok({ endpoint: webhookUrl, active: isWebhookActive })
  }),
  on(ENDPOINTS.setWebhook, ({ account, body }) => {
    account.webhookUrl = body.endpoint
    return ok()
  }),
  on(ENDPOINTS.testWebhook, ({ account, body }) => testWebhook(account, body?.endpoint ?? null)),
  on(ENDPOINTS.loading, ({ account, body }) => {
    return account.people.findUser(body.chatId) ? ok({}, 202) : invalidField('chatId', 'invalid chat ID')
  }),
  on(ENDPOINTS.markAsRead, ({ account, body }) => {
    return account.markAsRead(body.markAsReadToken) ? ok() : invalidField('markAsReadToken', 'invalid token')
  }),
  on(ENDPOINTS.richMenus, ({ account }) => account.menus.list()),
  on(ENDPOINTS.linkRichMenus, ({ account, body }) => account.menus.linkMany(body.userIds, body.richMenuId)),
  on(ENDPOINTS.unlinkRichMenus, ({ account, body }) => account.menus.unlinkMany(body.userIds)),
  on(ENDPOINTS.getDefaultRichMenu, ({ account }) => account.menus.getDefault()),
  on(ENDPOINTS.cancelDefaultRichMenu, ({ account }) => account.menus.cancelDefault()),
  on(ENDPOINTS.setDefaultRichMenu, ({ account, param }) => account.menus.setDefault(param('richMenuId'))),
  on(ENDPOINTS.getRichMenu, ({ account, param }) => account.menus.ofUser(param('userId'))),
  on(ENDPOINTS.unlinkRichMenu, ({ account, param }) => account.menus.unlink(param('userId'))),
  on(ENDPOINTS.linkRichMenu, ({ account, param }) => account.menus.link(param('userId'), param('richMenuId'))),
  on(ENDPOINTS.content, ({ account, param }) => contentOf(account, param('messageId'))),
  on(ENDPOINTS.preview, ({ account, param }) => contentOf(account, param('messageId'))),
  on(ENDPOINTS.transcoding, ({ account, param }) => {
    const content = account.contents.find(param('messageId'))
    return content ? ok({ status: content.transcoding }) : NOT_FOUND
  }),
]

const picture = (pictureUrl: string | null) => (pictureUrl === null ? {} : { pictureUrl })

function joined(account: LineAccount, kind: Chat['kind'], id: string): Chat | undefined {
  const chat = account.people.findChat(id)
  return chat?.kind === kind && chat.hasAccount ? chat : undefined
}

/** Of a member nothing is asked: they need not be a friend. */
function memberOf(chat: Chat | undefined, userId: string): Outcome {
  const user = [...(chat?.members ?? [])].find(({ id }) => id === userId)
  return user ? ok({ displayName: user.name, userId: user.id, ...picture(user.pictureUrl) }) : NOT_FOUND
}

function contentOf(account: LineAccount, messageId: string): Outcome | BytesOutcome {
  const content = account.contents.find(messageId)
  if (!content || content.transcoding === 'failed') return NOT_FOUND
  if (content.transcoding === 'processing') return ok({}, 202)
  return { status: 200, bytes: content.bytes, mime: content.mime }
}
