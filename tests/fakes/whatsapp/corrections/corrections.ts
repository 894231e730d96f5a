/**
 * What is wrong with Meta's published file (`business-messaging-api_v23.0.yaml`), as data: where, what is put right, and
 * why. The file itself is never changed; `contract.ts` applies these in memory, in this order.
 */
import { operation, ref, schema } from './correction.ts'
import type { Correction } from './correction.ts'
import { aboutSends } from './sends.ts'
import { aboutWebhooks } from './webhooks.ts'

const failures = { 'application/json': { schema: ref('GraphAPIError') } }

const aboutAnswers: readonly Correction[] = [
  ...(
    [
      ['{Phone-Number-ID}/messages', 'post'],
      ['{Phone-Number-ID}/media', 'post'],
      ['{Phone-Number-ID}/block_users', 'get'],
      ['{Phone-Number-ID}/block_users', 'post'],
      ['{Phone-Number-ID}/block_users', 'delete'],
      ['{Media-ID}', 'get'],
      ['{Media-ID}', 'delete'],
      ['{WABA-ID}/message_templates', 'get'],
    ] as const
  ).map(([path, method]): Correction => ({
    at: operation(path, method, 'responses', 'default'),
    what: 'put',
    value: { description: 'Refused', content: failures },
    why: 'it has no answer but success; refusals have the shape that the other endpoints state',
  })),
  {
    at: schema('MessageResponsePayload', 'properties', 'success'),
    what: 'put',
    value: { type: 'boolean' },
    why: 'the answer to a read mark is among the examples, not in the schema',
  },
  {
    at: schema('BlockUsersResult', 'properties', 'failed_users'),
    what: 'put',
    value: {
      type: 'array',
      items: {
        type: 'object',
        required: ['input', 'errors'],
        properties: { input: { type: 'string' }, errors: { type: 'array', items: { type: 'object' } } },
      },
    },
    why: 'the guide to blocking has those that failed beside those that did not',
  },
  {
    at: schema('SubscribedAppsResponse', 'properties', 'data', 'items'),
    what: 'put',
    value: ref('SubscribedApp_1'),
    why: 'it points at an app of another endpoint, which its own example is not',
  },
  {
    at: schema('SubscriptionResponse', 'properties', 'data', 'items'),
    what: 'put',
    value: ref('SubscribedApp_1'),
    why: 'as above',
  },
  {
    at: schema('SubscribedApp_1', 'properties', 'whatsapp_business_api_data'),
    what: 'put',
    value: ref('WhatsAppBusinessApiData_1'),
    why: 'it points at the settings of a phone number',
  },
]

/** Every correction, in the order in which they are applied. */
export const corrections: readonly Correction[] = [...aboutSends, ...aboutWebhooks, ...aboutAnswers]
