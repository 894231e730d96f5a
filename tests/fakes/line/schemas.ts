/** What we call of LINE's HTTP APIs: the bodies of our requests, and what is answered. */
import { z } from 'zod'
import { HttpsUrl, OutgoingMessages } from './message-schemas.ts'

export const UserId = z.string('must be specified').regex(/^U[0-9a-f]{32}$/, 'invalid user ID')
const ChatId = z.string('must be specified').regex(/^[UCR][0-9a-f]{32}$/, 'invalid ID')

const sending = {
  messages: OutgoingMessages,
  notificationDisabled: z.boolean().optional(),
}
const counting = {
  customAggregationUnits: z
    .array(z.string().regex(/^\w{1,30}$/))
    .max(1)
    .optional(),
}

export const ReplyRequest = z.strictObject({ replyToken: z.string('must be specified').min(1), ...sending })
export const PushRequest = z.strictObject({ to: ChatId, ...sending, ...counting })
export const MulticastRequest = z.strictObject({ to: z.array(UserId).min(1).max(500), ...sending, ...counting })
export const PnpRequest = z.strictObject({
  to: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal'),
  ...sending,
})
export const LoadingRequest = z.strictObject({
  chatId: UserId,
  loadingSeconds: z.int().min(5).max(60).multipleOf(5).optional(),
})
export const MarkAsReadRequest = z.strictObject({ markAsReadToken: z.string().min(1) })
export const WebhookEndpointRequest = z.strictObject({ endpoint: HttpsUrl.max(500) })
export const WebhookTestRequest = z.strictObject({ endpoint: HttpsUrl.max(500).optional() }).optional()
export const RichMenuLinkRequest = z.strictObject({
  richMenuId: z.string().min(1),
  userIds: z.array(UserId).min(1).max(500),
})
export const RichMenuUnlinkRequest = z.strictObject({ userIds: z.array(UserId).min(1).max(500) })
export const VerifyRequest = z.strictObject({
  id_token: z.string().min(1),
  client_id: z.string().min(1),
  nonce: z.string().min(1).optional(),
  user_id: z.string().min(1).optional(),
})
export const TokenRequest = z.strictObject({
  grant_type: z.literal('authorization_code'),
  code: z.string().min(1),
  redirect_uri: z.url(),
  client_id: z.string().min(1),
  client_secret: z.string().min(1),
  code_verifier: z.string().min(1).optional(),
})

export const RetryKeyHeader = z.object({ 'x-line-retry-key': z.guid('must be a UUID').optional() })
export const NoRetryKeyHeader = z.object({ 'x-line-retry-key': z.never('is not supported by this API').optional() })
export const DeliveryTagHeader = NoRetryKeyHeader.extend({
  'x-line-delivery-tag': z.string().min(16).max(100).optional(),
})

const SentMessage = z.strictObject({ id: z.string().min(1), quoteToken: z.string().min(1).optional() })
export type SentMessage = z.infer<typeof SentMessage>

export const Empty = z.strictObject({})
export const SentAnswer = z.strictObject({ sentMessages: z.array(SentMessage).min(1).max(5) })
export const QuotaAnswer = z.union([
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({ type: z.literal('limited'), value: z.int().min(0) }),
])
export const ConsumptionAnswer = z.strictObject({ totalUsage: z.int().min(0) })
export const ProfileAnswer = z.strictObject({
  displayName: z.string(),
  userId: UserId,
  pictureUrl: HttpsUrl.optional(),
  statusMessage: z.string().optional(),
  language: z.string().optional(),
})
export const MemberProfileAnswer = ProfileAnswer.omit({ statusMessage: true, language: true })
export const GroupSummaryAnswer = z.strictObject({
  groupId: z.string().regex(/^C[0-9a-f]{32}$/),
  groupName: z.string(),
  pictureUrl: HttpsUrl.optional(),
})
export const BotInfoAnswer = z.strictObject({
  userId: UserId,
  basicId: z.string().regex(/^@/),
  displayName: z.string(),
  pictureUrl: HttpsUrl.optional(),
  chatMode: z.enum(['chat', 'bot']),
  markAsReadMode: z.enum(['auto', 'manual']),
})
export const WebhookEndpointAnswer = z.strictObject({ endpoint: z.url(), active: z.boolean() })
export const WebhookTestAnswer = z.strictObject({
  success: z.boolean(),
  timestamp: z.iso.datetime(),
  statusCode: z.int(),
  reason: z.enum(['OK', 'COULD_NOT_CONNECT', 'REQUEST_TIMEOUT', 'ERROR_STATUS_CODE']),
  detail: z.string(),
})
export type WebhookTestAnswer = z.infer<typeof WebhookTestAnswer>
export const TranscodingAnswer = z.strictObject({ status: z.enum(['processing', 'succeeded', 'failed']) })

export const RichMenu = z.strictObject({
  richMenuId: z.string().min(1),
  size: z.strictObject({ width: z.int().min(1), height: z.int().min(1) }),
  selected: z.boolean(),
  name: z.string().max(300),
  chatBarText: z.string().max(14),
  areas: z
    .array(
      z.strictObject({
        bounds: z.strictObject({
          x: z.int().min(0),
          y: z.int().min(0),
          width: z.int().min(1),
          height: z.int().min(1),
        }),
        action: z.looseObject({ type: z.string() }),
      }),
    )
    .max(20),
})
export type RichMenu = z.infer<typeof RichMenu>
export const RichMenuListAnswer = z.strictObject({ richmenus: z.array(RichMenu) })
export const RichMenuIdAnswer = z.strictObject({ richMenuId: z.string().min(1) })

/** What LINE Login says of an ID token. Times are in seconds. */
export const Claims = z.strictObject({
  iss: z.literal('https://access.line.me'),
  sub: UserId,
  aud: z.string().min(1),
  exp: z.int(),
  iat: z.int(),
  nonce: z.string().optional(),
  amr: z.array(z.string()),
  name: z.string().optional(),
  picture: HttpsUrl.optional(),
})
export type Claims = z.infer<typeof Claims>
/** Times are in seconds. */
export const TokenAnswer = z.strictObject({
  access_token: z.string().min(1),
  expires_in: z.int(),
  id_token: z.string().min(1),
  refresh_token: z.string().min(1),
  scope: z.string(),
  token_type: z.literal('Bearer'),
})
export const LoginError = z.strictObject({ error: z.string(), error_description: z.string() })

export const LineError = z.strictObject({
  message: z.string().min(1),
  details: z
    .array(z.strictObject({ message: z.string().optional(), property: z.string().optional() }))
    .min(1)
    .optional(),
  sentMessages: z.array(SentMessage).min(1).max(5).optional(),
})
export type LineError = z.infer<typeof LineError>
