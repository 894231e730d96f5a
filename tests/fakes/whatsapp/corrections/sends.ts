/** What is wrong with the file about what a business sends. */
import { body, operation, ref, schema } from './correction.ts'
import type { Correction } from './correction.ts'

const sending = (...rest: string[]) => operation('{Phone-Number-ID}/messages', 'post', ...rest)
const sendExample = (name: string, ...rest: string[]) => sending(...body, 'examples', name, 'value', ...rest)

/** The halves of an `allOf` that are closed, so that the other half's fields are refused. */
const closedHalves: Correction[] = [
  ...['Text', 'Audio', 'Video', 'Document', 'Image', 'Location', 'Sticker', 'Reaction', 'Interactive', 'Contacts'],
].flatMap((kind) => [
  {
    at: schema(`${kind}Message`, 'allOf', '1', 'additionalProperties'),
    what: 'remove',
    why: 'closed on its own, it refuses messaging_product, to and all else that the other half requires',
  },
  {
    at: schema(`${kind}Message`, 'unevaluatedProperties'),
    what: 'put',
    value: false,
    why: 'both halves together are what is closed',
  },
])

export const aboutSends: readonly Correction[] = [
  ...closedHalves,
  {
    at: schema('BaseMessageProperties', 'required'),
    what: 'put',
    value: ['messaging_product'],
    why: 'its own examples leave out recipient_type and type; who has no phone number is named by recipient, not to',
  },
  {
    at: schema('BaseMessageProperties', 'anyOf'),
    what: 'put',
    value: [{ required: ['to'] }, { required: ['recipient'] }],
    why: 'newer than the file: a user without a phone number is addressed by a business-scoped id',
  },
  {
    at: schema('BaseMessageProperties', 'properties', 'recipient'),
    what: 'put',
    value: { type: 'string' },
    why: 'newer than the file: the business-scoped id of a user',
  },
  {
    at: schema('BaseMessageProperties', 'properties', 'biz_opaque_callback_data'),
    what: 'put',
    value: { type: 'string', maxLength: 512 },
    why: 'documented for the endpoint, missing here',
  },
  {
    at: schema('Message', 'discriminator', 'defaultMapping'),
    what: 'put',
    value: '#/components/schemas/TextMessage',
    why: 'a message without a type is a text, as in its example with a preview',
  },
  {
    at: sendExample('Send Reply to List Message', 'type'),
    what: 'put',
    value: 'interactive',
    why: 'the example leaves out the type although it is no text',
  },
  {
    at: sending(...body, 'schema'),
    what: 'put',
    value: {
      anyOf: [
        { allOf: [{ required: ['status'] }, ref('MarkMessageRequestPayload')] },
        { allOf: [{ not: { required: ['status'] } }, ref('Message')] },
      ],
    },
    why: 'the endpoint also takes read marks, of which it has an example',
  },
  {
    at: schema('MarkMessageRequestPayload', 'properties', 'typing_indicator'),
    what: 'put',
    value: { type: 'object', required: ['type'], properties: { type: { const: 'text' } } },
    why: 'in the example, not in the schema',
  },
  {
    at: schema('MarkMessageRequestPayload', 'properties', 'status', 'const'),
    what: 'put',
    value: 'read',
    why: 'the only status that can be set, given as an example only',
  },
  ...['latitude', 'longitude'].map((field): Correction => ({
    at: schema('LocationMessage', 'allOf', '1', 'properties', 'location', 'properties', field, 'type'),
    what: 'put',
    value: ['number', 'string'],
    why: 'a string here, a number in its examples',
  })),
  {
    at: schema('LanguageObject', 'required'),
    what: 'take from the list',
    values: ['policy'],
    why: 'its own examples leave it out; there is only one policy',
  },
  ...[schema('TemplateComponent', 'properties'), schema('ButtonComponent', 'allOf', '1', 'properties')].flatMap(
    (properties): Correction[] => [
      {
        at: [...properties, 'index'],
        what: 'put',
        value: {
          anyOf: [
            { type: 'string', pattern: '^[0-9]$' },
            { type: 'integer', minimum: 0, maximum: 9 },
          ],
        },
        why: 'the pattern is a class of characters meant as numbers and refuses 0 and 1; examples also give a number',
      },
      {
        at: [...properties, 'sub_type', 'enum'],
        what: 'add to the list',
        values: ['flow', 'copy_code', 'FLOW', 'COPY_CODE', 'QUICK_REPLY', 'URL', 'CATALOG'],
        why: 'kinds of button that its examples or the guide use, in either case',
      },
    ],
  ),
  {
    at: schema('ButtonParameterObject', 'discriminator', 'mapping', 'action'),
    what: 'put',
    value: '#/components/schemas/ButtonActionParameter',
    why: 'what a flow, a catalog and a copy-code button take is missing',
  },
  {
    at: schema('ButtonParameterObject', 'discriminator', 'mapping', 'coupon_code'),
    what: 'put',
    value: '#/components/schemas/ButtonCouponParameter',
    why: 'as above',
  },
  {
    at: schema('ButtonActionParameter'),
    what: 'put',
    value: { type: 'object', required: ['action'], properties: { action: { type: 'object' } } },
    why: 'as above',
  },
  {
    at: schema('ButtonCouponParameter'),
    what: 'put',
    value: { type: 'object', required: ['coupon_code'], properties: { coupon_code: { type: 'string' } } },
    why: 'as above',
  },
  ...['1', '2'].map((component): Correction => ({
    at: sendExample(
      ...['Send Sample Issue Resolution Template', 'template', 'components', component, 'parameters', '0', 'text'],
    ),
    what: 'put',
    value: component === '1' ? 'true' : 'false',
    why: 'the example has a truth value where a text belongs',
  })),
  {
    at: schema('InteractiveObject', 'properties', 'type', 'enum'),
    what: 'add to the list',
    values: ['order_details', 'order_status', 'cta_url'],
    why: 'kinds that its examples or the guide use',
  },
  {
    at: schema('ActionObject', 'oneOf'),
    what: 'add to the list',
    values: [
      {
        required: ['name', 'parameters'],
        properties: {
          name: { const: 'cta_url' },
          parameters: {
            type: 'object',
            required: ['display_text', 'url'],
            properties: { display_text: { type: 'string', maxLength: 20 }, url: { type: 'string' } },
          },
        },
      },
      {
        required: ['name', 'parameters'],
        properties: { name: { enum: ['review_and_pay', 'review_order'] }, parameters: { type: 'object' } },
      },
    ],
    why: 'what the kinds above do',
  },
  {
    at: sendExample('Send Multi-Product Message', 'interactive', 'header', 'type'),
    what: 'put',
    value: 'text',
    why: 'the example has a placeholder for one of a few words',
  },
]
