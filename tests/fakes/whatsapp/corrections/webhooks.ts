/** What is wrong with the file about what a business is told. */
import { body, ref, schema } from './correction.ts'
import type { Correction, Place } from './correction.ts'

const webhookExample = (name: string, ...rest: string[]): Place => [
  ...['paths', '/whatsapp/webhooks', 'post', ...body, 'examples', name, 'value', 'entry', '0', 'changes', '0', 'value'],
  ...rest,
]

const incoming = {
  TextMessage: 'TextMessage_2',
  ReactionMessage: 'ReactionMessage_1',
  AudioMessage: 'AudioMessage_1',
  DocumentMessage: 'DocumentMessage_1',
  ImageMessage: 'ImageMessage_1',
  StickerMessage: 'StickerMessage_1',
  VideoMessage: 'VideoMessage_1',
  LocationMessage: 'LocationMessage_1',
} as const

const received = [
  ...Object.values(incoming),
  ...['ContactSharingMessage', 'UnsupportedMessage', 'ButtonMessage', 'InteractiveMessageReply', 'OrderMessage'],
  'SystemMessage',
]

export const aboutWebhooks: readonly Correction[] = [
  ...Object.entries(incoming).map(([sent, name]): Correction => ({
    at: schema('IncomingMessage', 'discriminator', 'mapping', sent.replace('Message', '').toLowerCase()),
    what: 'put',
    value: `#/components/schemas/${name}`,
    why: 'it points at the message of the same name that a business sends',
  })),
  ...received.map((name): Correction => ({
    at: schema(name, 'allOf', '0'),
    what: 'put',
    value: ref('BaseMessageProperties_1'),
    why: 'it builds on what a business sends, with to and recipient_type',
  })),
  {
    at: schema('BaseMessageProperties_1', 'required'),
    what: 'take from the list',
    values: ['from'],
    why: 'newer than the file: who has no phone number is named by from_user_id alone',
  },
  {
    at: schema('BaseMessageProperties_1', 'anyOf'),
    what: 'put',
    value: [{ required: ['from'] }, { required: ['from_user_id'] }],
    why: 'as above',
  },
  {
    at: schema('BaseMessageProperties_1', 'properties', 'from_user_id'),
    what: 'put',
    value: { type: 'string' },
    why: 'as above',
  },
  {
    at: schema('ContactProfile', 'anyOf'),
    what: 'put',
    value: [{ required: ['wa_id'] }, { required: ['user_id'] }],
    why: 'newer than the file: a contact has a phone number, a business-scoped id, or both',
  },
  {
    at: schema('ContactProfile', 'properties', 'user_id'),
    what: 'put',
    value: { type: 'string' },
    why: 'as above',
  },
  {
    at: schema('ContextObject', 'required'),
    what: 'put',
    value: [],
    why: 'a product belongs only to a question about a product, and a forwarded message has no from and id',
  },
  {
    at: schema('ContactSharingMessage', 'allOf', '1', 'properties', 'contacts', 'items'),
    what: 'put',
    value: ref('ContactObject_1'),
    why: 'it points at the contact that a business sends, which its own example is not',
  },
  {
    at: schema('UnsupportedMessage', 'allOf', '1', 'properties', 'errors', 'items'),
    what: 'put',
    value: ref('ErrorObject_2'),
    why: 'it points at an error of the calling endpoints',
  },
  {
    at: schema('LocationMessage_1', 'allOf', '1', 'properties', 'location', 'required'),
    what: 'put',
    value: ['latitude', 'longitude'],
    why: 'only a place has a name and an address; a pin has none',
  },
  {
    at: schema('InteractiveListReplyContent', 'properties', 'list_reply', 'required'),
    what: 'take from the list',
    values: ['description'],
    why: 'a row of a list needs no description, and its own example of the reply has none',
  },
  {
    at: schema(
      'InteractiveMessageReply',
      ...['allOf', '1', 'properties', 'interactive', 'discriminator', 'mapping', 'nfm_reply'],
    ),
    what: 'put',
    value: '#/components/schemas/InteractiveFlowReplyContent',
    why: 'the answer to a flow, which the file lets a business send, is missing',
  },
  {
    at: schema('InteractiveFlowReplyContent'),
    what: 'put',
    value: {
      type: 'object',
      required: ['nfm_reply'],
      properties: {
        nfm_reply: {
          type: 'object',
          required: ['response_json'],
          properties: {
            name: { type: 'string' },
            body: { type: 'string' },
            response_json: { type: 'string' },
          },
        },
      },
    },
    why: 'as above',
  },
  {
    at: schema('Change', 'properties', 'value', 'oneOf'),
    what: 'add to the list',
    values: [
      {
        type: 'object',
        required: ['messaging_product', 'metadata', 'errors'],
        properties: {
          messaging_product: { const: 'whatsapp' },
          metadata: ref('Metadata'),
          errors: { type: 'array', items: ref('ErrorObject_2') },
        },
        not: { anyOf: [{ required: ['messages'] }, { required: ['statuses'] }] },
      },
    ],
    why: 'a fault of the account itself, documented for the webhook, is missing',
  },
  {
    at: schema('Change', 'properties', 'field', 'enum'),
    what: 'add to the list',
    values: ['group_participants_update'],
    why: 'so its example says, with an s',
  },
  {
    at: schema('Statuses', 'required'),
    what: 'take from the list',
    values: ['recipient_id'],
    why: 'newer than the file: who has no phone number is named by recipient_user_id alone',
  },
  {
    at: schema('Statuses', 'anyOf'),
    what: 'put',
    value: [{ required: ['recipient_id'] }, { required: ['recipient_user_id'] }],
    why: 'as above',
  },
  {
    at: schema('Statuses', 'properties', 'recipient_user_id'),
    what: 'put',
    value: { type: 'string' },
    why: 'as above',
  },
  {
    at: schema('Statuses', 'properties', 'biz_opaque_callback_data'),
    what: 'put',
    value: { type: 'string' },
    why: 'documented for the webhook, missing here',
  },
  {
    at: schema('Groups', 'properties', 'timestamp', 'type'),
    what: 'put',
    value: ['integer', 'string'],
    why: 'a number here, a string in its examples',
  },
  ...(
    [
      ['Group Create Message', 'added_participants'],
      ['Group Remove Participants', 'removed_participants'],
    ] as const
  ).flatMap(([example, list]) =>
    ['0', '1'].flatMap((n) =>
      ['input', 'wa_id'].map((field): Correction => ({
        at: webhookExample(example, 'groups', '0', list, n, field),
        what: 'put',
        value: n === '0' ? '16505551234' : '16505551235',
        why: 'the example has a phone number without quotes, which is a number',
      })),
    ),
  ),
]
