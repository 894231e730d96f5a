/** Every endpoint of the fake: where it is, what it takes, and what it answers. Routes and checks both read this table. */
import { z } from 'zod'
import * as schemas from './schemas.ts'

export type Endpoint<Body extends z.ZodType = z.ZodType> = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With `:name` for what varies. */
  path: string
  /** Which of LINE's servers has it. */
  server: 'api' | 'data'
  body: Body
  form: boolean
  headers: z.ZodType
  /** null: bytes. */
  answer: z.ZodType | null
  /** LINE Login's are not in the Messaging API's contract, and ask for no token. */
  isLogin: boolean
}

const None = z.undefined('must not be there')

function endpoint<Body extends z.ZodType>(
  place: `${Endpoint['method']} ${string}`,
  parts: { body: Body } & Partial<Endpoint>,
): Endpoint<Body>
function endpoint(place: `${Endpoint['method']} ${string}`, parts?: Partial<Endpoint>): Endpoint<typeof None>
function endpoint(place: `${Endpoint['method']} ${string}`, parts: Partial<Endpoint> = {}): Endpoint {
  const [method, path = ''] = place.split(' ')
  return {
    method: z.enum(['GET', 'POST', 'PUT', 'DELETE']).parse(method),
    path,
    server: 'api',
    body: None,
    form: false,
    headers: z.unknown(),
    answer: schemas.Empty,
    isLogin: false,
    ...parts,
  }
}

export const ENDPOINTS = {
  reply: endpoint('POST /v2/bot/message/reply', {
    body: schemas.ReplyRequest,
    headers: schemas.NoRetryKeyHeader,
    answer: schemas.SentAnswer,
  }),
  push: endpoint('POST /v2/bot/message/push', {
    body: schemas.PushRequest,
    headers: schemas.RetryKeyHeader,
    answer: schemas.SentAnswer,
  }),
  multicast: endpoint('POST /v2/bot/message/multicast', {
    body: schemas.MulticastRequest,
    headers: schemas.RetryKeyHeader,
  }),
  pnpPush: endpoint('POST /bot/pnp/push', { body: schemas.PnpRequest, headers: schemas.DeliveryTagHeader }),
  quota: endpoint('GET /v2/bot/message/quota', { answer: schemas.QuotaAnswer }),
  consumption: endpoint('GET /v2/bot/message/quota/consumption', { answer: schemas.ConsumptionAnswer }),
  profile: endpoint('GET /v2/bot/profile/:userId', { answer: schemas.ProfileAnswer }),
  groupSummary: endpoint('GET /v2/bot/group/:groupId/summary', { answer: schemas.GroupSummaryAnswer }),
  groupMember: endpoint('GET /v2/bot/group/:groupId/member/:userId', { answer: schemas.MemberProfileAnswer }),
  roomMember: endpoint('GET /v2/bot/room/:roomId/member/:userId', { answer: schemas.MemberProfileAnswer }),
  botInfo: endpoint('GET /v2/bot/info', { answer: schemas.BotInfoAnswer }),
  getWebhook: endpoint('GET /v2/bot/channel/webhook/endpoint', { answer: schemas.WebhookEndpointAnswer }),
  setWebhook: endpoint('PUT /v2/bot/channel/webhook/endpoint', { body: schemas.WebhookEndpointRequest }),
  testWebhook: endpoint('POST /v2/bot/channel/webhook/test', {
    body: schemas.WebhookTestRequest,
    answer: schemas.WebhookTestAnswer,
  }),
  loading: endpoint('POST /v2/bot/chat/loading/start', { body: schemas.LoadingRequest }),
  markAsRead: endpoint('POST /v2/bot/chat/markAsRead', { body: schemas.MarkAsReadRequest }),
  richMenus: endpoint('GET /v2/bot/richmenu/list', { answer: schemas.RichMenuListAnswer }),
  linkRichMenus: endpoint('POST /v2/bot/richmenu/bulk/link', { body: schemas.RichMenuLinkRequest }),
  unlinkRichMenus: endpoint('POST /v2/bot/richmenu/bulk/unlink', { body: schemas.RichMenuUnlinkRequest }),
  getDefaultRichMenu: endpoint('GET /v2/bot/user/all/richmenu', { answer: schemas.RichMenuIdAnswer }),
  cancelDefaultRichMenu: endpoint('DELETE /v2/bot/user/all/richmenu'),
  setDefaultRichMenu: endpoint('POST /v2/bot/user/all/richmenu/:richMenuId'),
  getRichMenu: endpoint('GET /v2/bot/user/:userId/richmenu', { answer: schemas.RichMenuIdAnswer }),
  unlinkRichMenu: endpoint('DELETE /v2/bot/user/:userId/richmenu'),
  linkRichMenu: endpoint('POST /v2/bot/user/:userId/richmenu/:richMenuId'),
  verify: endpoint('POST /oauth2/v2.1/verify', {
    body: schemas.VerifyRequest,
    form: true,
    answer: schemas.Claims,
    isLogin: true,
  }),
  token: endpoint('POST /oauth2/v2.1/token', {
    body: schemas.TokenRequest,
    form: true,
    answer: schemas.TokenAnswer,
    isLogin: true,
  }),
  content: endpoint('GET /v2/bot/message/:messageId/content', { server: 'data', answer: null }),
  preview: endpoint('GET /v2/bot/message/:messageId/content/preview', { server: 'data', answer: null }),
  transcoding: endpoint('GET /v2/bot/message/:messageId/content/transcoding', {
    server: 'data',
    answer: schemas.TranscodingAnswer,
  }),
} as const

const PATTERNS = Object.values(ENDPOINTS).map((one: Endpoint) => ({
  endpoint: one,
  pattern: new RegExp(`^${one.path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`),
}))

/** The endpoint a request is meant for; of several that match, the one set down first: the table has the literal ones first. */
export function endpointOf(server: Endpoint['server'], method: string, path: string): Endpoint | undefined {
  return PATTERNS.find(
    ({ endpoint: one, pattern }) => one.server === server && one.method === method && pattern.test(path),
  )?.endpoint
}
