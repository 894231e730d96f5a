/** The endpoints of the fake Graph API, on top of what has been inspected. */
import { Hono } from 'hono'
import { formOf } from '../platform/server.ts'
import type { FakeEnv } from '../platform/server.ts'
import type { WhatsAppAccount } from './account.ts'
import { blockUsers, blockedUsers } from './blocking.ts'
import { accountsOf, answer, noNode, noToken, problemsOf, refuse } from './graph.ts'
import type { GraphContext } from './graph.ts'
import { VERSION, isReadMark, readSend } from './inspect.ts'
import { ATTACHMENTS, mediaFault, sha256 } from './media.ts'
import type { MediaStore } from './media.ts'
import {
  MediaAnswer,
  PhoneNumberAnswer,
  SendAnswer,
  SubscribedAnswer,
  Success,
  TemplatesAnswer,
  UploadAnswer,
} from './schemas/answers.ts'
import { ReadRequest, SendRequest } from './schemas/requests.ts'
import { accept } from './sending.ts'
import type { RateLimit } from './sending.ts'
import { templatesPage } from './template-list.ts'
import { isRefusal } from './templates.ts'

export type GraphParts = {
  accounts: readonly WhatsAppAccount[]
  media: MediaStore
  rate: RateLimit
  now: () => number
  origin: () => string
  /** Goes on after the answer has left; what it does is waited for when the fake is asked to be idle. */
  later: (work: () => Promise<void>, afterAnswer: boolean, c: GraphContext) => void
}

export function graphRoutes(parts: GraphParts): Hono<FakeEnv> {
  const { accounts, media } = parts
  const routes = new Hono<FakeEnv>().use('*', async (c, next) => {
    const [, version = ''] = c.req.path.split('/')
    if (c.req.path === ATTACHMENTS || VERSION.test(version)) return next()
    return refuse(c, { code: 2500, details: `Unknown path components: ${c.req.path}` })
  })

  /** Runs an endpoint for the account that the id in its path and the token belong to. */
  function forAccount(
    idOf: (account: WhatsAppAccount) => string,
    run: (c: GraphContext, account: WhatsAppAccount) => Response | Promise<Response>,
  ) {
    return (c: GraphContext) => {
      const opened = accountsOf(c, accounts)
      if (opened.length === 0) return refuse(c, noToken)
      const id = c.req.param('id') ?? ''
      const account = opened.find((one) => idOf(one) === id)
      if (account === undefined) return refuse(c, noNode(c.req.method, id))
      const problems = problemsOf(c)
      return problems === null ? run(c, account) : refuse(c, problems)
    }
  }
  const phoneNumber = ({ settings }: WhatsAppAccount) => settings.phoneNumberId
  const waba = ({ settings }: WhatsAppAccount) => settings.wabaId

  routes.post(
    '/:version/:id/messages',
    forAccount(phoneNumber, (c, account) => {
      const { body } = c.get('call')
      if (isReadMark(body)) return markAsRead(c, account, ReadRequest.parse(body), parts.now())
      const message = SendRequest.parse(readSend(body))
      const accepted = accept(account, message, parts.rate, media)
      if (isRefusal(accepted)) return refuse(c, accepted)
      const { sent, user, proceed } = accepted
      parts.later(proceed, !account.settings.statusesBeforeAnswer, c)
      const reached = user === null ? { wa_id: sent.to.replaceAll(/\D/g, '') } : idsOf(user)
      return answer(c, SendAnswer, {
        messaging_product: 'whatsapp',
        contacts: [{ input: sent.to, ...reached }],
        messages: [{ id: sent.wamid, ...(message.type === 'template' && { message_status: 'accepted' }) }],
      })
    }),
  )

  routes.post(
    '/:version/:id/media',
    forAccount(phoneNumber, async (c, account) => {
      const file = (await formOf(c.req.header('content-type') ?? '', c.get('raw'))).get('file')
      if (!(file instanceof File)) throw new Error('inspected, yet without a file')
      const upload = { bytes: Buffer.from(await file.arrayBuffer()), mimeType: file.type }
      const fault = mediaFault(upload)
      if (fault) return refuse(c, fault)
      const { id } = media.keep(account.settings.phoneNumberId, upload.bytes, upload.mimeType)
      return answer(c, UploadAnswer, { id })
    }),
  )

  routes.get('/:version/:id/block_users', forAccount(phoneNumber, blockedUsers))
  routes.on(['POST', 'DELETE'], '/:version/:id/block_users', forAccount(phoneNumber, blockUsers))
  routes.get(
    '/:version/:id/message_templates',
    forAccount(waba, (c, account) => {
      const page = templatesPage(account.templates(), c.req.query(), `${parts.origin()}${c.req.path}`)
      return isRefusal(page) ? refuse(c, page) : answer(c, TemplatesAnswer, page)
    }),
  )
  routes.post(
    '/:version/:id/subscribed_apps',
    forAccount(waba, (c, account) => {
      account.isSubscribed = true
      return answer(c, Success, { success: true })
    }),
  )
  routes.get(
    '/:version/:id/subscribed_apps',
    forAccount(waba, (c, account) => {
      const app = {
        id: '670001112223334',
        name: 'Countertop',
        link: 'https://www.facebook.com/games/?app_id=670001112223334',
      }
      return answer(c, SubscribedAnswer, { data: account.isSubscribed ? [{ whatsapp_business_api_data: app }] : [] })
    }),
  )

  // Before the next, which would take it for a version and an id.
  routes.get(ATTACHMENTS, (c) => {
    const opened = accountsOf(c, accounts)
    if (opened.length === 0) return c.text('', 401)
    const found = media.at(c.req.query('mid') ?? '', c.req.query('hash') ?? '')
    if (found === null || !opened.some((one) => phoneNumber(one) === found.owner)) return c.text('', 404)
    return c.body(new Uint8Array(found.bytes), 200, { 'content-type': found.mimeType })
  })

  routes.get('/:version/:id', (c) => {
    const opened = accountsOf(c, accounts)
    if (opened.length === 0) return refuse(c, noToken)
    const id = c.req.param('id')
    const problems = problemsOf(c)
    if (problems) return refuse(c, problems)
    const account = opened.find((one) => phoneNumber(one) === id)
    if (account) return answer(c, PhoneNumberAnswer, phoneNumberNode(account, c.req.query('fields')))
    const found = ownMedia(c, opened, media, id)
    if (found === null) return refuse(c, noNode('get', id))
    return answer(c, MediaAnswer, {
      messaging_product: 'whatsapp',
      url: `${parts.origin()}${media.address(found)}`,
      mime_type: found.mimeType,
      sha256: sha256(found.bytes, 'hex'),
      file_size: String(found.bytes.length),
      id,
    })
  })

  routes.delete('/:version/:id', (c) => {
    const opened = accountsOf(c, accounts)
    if (opened.length === 0) return refuse(c, noToken)
    const id = c.req.param('id')
    if (ownMedia(c, opened, media, id) === null) return refuse(c, noNode('delete', id))
    media.forget(id)
    return answer(c, Success, { success: true })
  })

  return routes.all('*', (c) => refuse(c, problemsOf(c) ?? noNode(c.req.method, c.req.path)))
}

function markAsRead(c: GraphContext, account: WhatsAppAccount, mark: ReadRequest, at: number): Response {
  if (account.authorOf(mark.message_id) === null) {
    return refuse(c, { code: 100, details: `message_id: no message ${mark.message_id}` })
  }
  account.readMarks.push({ wamid: mark.message_id, at, isTyping: mark.typing_indicator !== undefined })
  return answer(c, Success, { success: true })
}

function ownMedia(c: GraphContext, opened: readonly WhatsAppAccount[], store: MediaStore, id: string) {
  const media = store.get(id)
  const asked = c.req.query('phone_number_id')
  if (media === null || (asked !== undefined && asked !== media.owner)) return null
  return opened.some(({ settings }) => settings.phoneNumberId === media.owner) ? media : null
}

function phoneNumberNode({ settings }: WhatsAppAccount, fields: string | undefined) {
  const known: Record<string, string> = {
    display_phone_number: settings.displayPhoneNumber,
    verified_name: settings.verifiedName,
    quality_rating: 'GREEN',
    code_verification_status: 'VERIFIED',
    name_status: 'APPROVED',
  }
  const wanted = fields?.split(',') ?? ['display_phone_number', 'verified_name', 'quality_rating']
  const given = wanted.flatMap((field) => (known[field] === undefined ? [] : [[field, known[field]] as const]))
  return { ...Object.fromEntries(given), id: settings.phoneNumberId }
}

/** How a customer is named beside what the request called them. */
function idsOf({ waId, userId }: { waId: string | null; userId: string }) {
  return { ...(waId !== null && { wa_id: waId }), user_id: userId }
}
