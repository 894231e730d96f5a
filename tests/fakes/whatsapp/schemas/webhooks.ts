/** What the Cloud API tells a business, as our own schemas: the fake checks each body with them before it leaves. */
import { z } from 'zod'

const seconds = z.string().regex(/^\d{10}$/)
const phone = z.string().regex(/^\d{7,15}$/)
const userId = z.string().regex(/^[A-Z]{2}\.[A-Za-z0-9]{1,128}$/)
const wamid = z.string().startsWith('wamid.')

const fault = z.strictObject({
  code: z.int(),
  title: z.string(),
  message: z.string(),
  error_data: z.strictObject({ details: z.string() }),
  href: z.url().optional(),
})
export type WebhookFault = z.infer<typeof fault>

const context = z.strictObject({
  from: phone.optional(),
  id: wamid.optional(),
  forwarded: z.boolean().optional(),
  frequently_forwarded: z.boolean().optional(),
})
const answered = z.strictObject({ from: phone, id: wamid })

const file = { id: z.string().regex(/^\d+$/), mime_type: z.string(), sha256: z.string() }
const caption = { caption: z.string().optional() }

/** Who it is from: a phone number, a business-scoped id, or both. */
const envelope = {
  from: phone.optional(),
  from_user_id: userId.optional(),
  id: wamid,
  timestamp: seconds,
}

function kind<T extends string, S extends z.core.$ZodShape>(type: T, content: S) {
  return z.strictObject({ ...envelope, context: context.optional(), type: z.literal(type), ...content })
}

/** What only exists as the answer to a message of the business. */
function answerKind<T extends string, S extends z.core.$ZodShape>(type: T, content: S) {
  return z.strictObject({ ...envelope, context: answered, type: z.literal(type), ...content })
}

const sharedContact = z.object({ name: z.object({ formatted_name: z.string() }).loose() }).loose()

const reply = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('button_reply'),
    button_reply: z.strictObject({ id: z.string(), title: z.string() }),
  }),
  z.strictObject({
    type: z.literal('list_reply'),
    list_reply: z.strictObject({ id: z.string(), title: z.string(), description: z.string().optional() }),
  }),
  z.strictObject({
    type: z.literal('nfm_reply'),
    nfm_reply: z.strictObject({ name: z.string(), body: z.string(), response_json: z.string() }),
  }),
])

const InboundMessage = z
  .discriminatedUnion('type', [
    kind('text', { text: z.strictObject({ body: z.string() }) }),
    kind('image', { image: z.strictObject({ ...file, ...caption }) }),
    kind('video', { video: z.strictObject({ ...file, ...caption }) }),
    kind('audio', { audio: z.strictObject({ ...file, voice: z.boolean() }) }),
    kind('document', { document: z.strictObject({ ...file, ...caption, filename: z.string() }) }),
    kind('sticker', { sticker: z.strictObject({ ...file, animated: z.boolean() }) }),
    kind('location', {
      location: z.strictObject({
        latitude: z.number(),
        longitude: z.number(),
        name: z.string().optional(),
        address: z.string().optional(),
        url: z.string().optional(),
      }),
    }),
    kind('contacts', { contacts: z.array(sharedContact).min(1) }),
    // Taking a reaction back is a reaction with an empty emoji.
    kind('reaction', { reaction: z.strictObject({ message_id: wamid, emoji: z.string() }) }),
    answerKind('interactive', { interactive: reply }),
    answerKind('button', { button: z.strictObject({ payload: z.string(), text: z.string() }) }),
    kind('order', {
      order: z.strictObject({
        catalog_id: z.string(),
        text: z.string(),
        product_items: z
          .array(
            z.strictObject({
              product_retailer_id: z.string(),
              quantity: z.int(),
              item_price: z.number(),
              currency: z.string(),
            }),
          )
          .min(1),
      }),
    }),
    kind('unsupported', { errors: z.array(fault).min(1) }),
  ])
  .refine(({ from, from_user_id }) => from !== undefined || from_user_id !== undefined, 'from nobody')
export type InboundMessage = z.infer<typeof InboundMessage>

const Status = z
  .strictObject({
    id: wamid,
    status: z.enum(['sent', 'delivered', 'read', 'failed']),
    timestamp: seconds,
    recipient_id: phone.optional(),
    recipient_user_id: userId.optional(),
    biz_opaque_callback_data: z.string().max(512).optional(),
    conversation: z
      .strictObject({
        id: z.string(),
        expiration_timestamp: seconds.optional(),
        origin: z.strictObject({ type: z.string() }),
      })
      .optional(),
    pricing: z
      .strictObject({
        billable: z.boolean(),
        pricing_model: z.literal('PMP'),
        type: z.enum(['regular', 'free_customer_service']),
        category: z.string(),
      })
      .optional(),
    errors: z.array(fault).length(1).optional(),
  })
  .refine((status) => (status.status === 'failed') === (status.errors !== undefined), 'errors belong to a failure')
  .refine((status) => status.recipient_id !== undefined || status.recipient_user_id !== undefined, 'to nobody')
export type Status = z.infer<typeof Status>

const about = {
  messaging_product: z.literal('whatsapp'),
  metadata: z.strictObject({ display_phone_number: phone, phone_number_id: z.string().regex(/^\d+$/) }),
}

const contact = z
  .strictObject({
    profile: z.strictObject({ name: z.string(), username: z.string().optional() }),
    wa_id: phone.optional(),
    user_id: userId.optional(),
  })
  .refine(({ wa_id, user_id }) => wa_id !== undefined || user_id !== undefined, 'a contact without any id')

const Change = z.strictObject({
  field: z.literal('messages'),
  value: z.union([
    z.strictObject({ ...about, contacts: z.array(contact).min(1), messages: z.array(InboundMessage).min(1) }),
    z.strictObject({ ...about, contacts: z.array(contact).optional(), statuses: z.array(Status).min(1) }),
    z.strictObject({ ...about, errors: z.array(fault).min(1) }),
  ]),
})
export type Change = z.infer<typeof Change>

/** A whole webhook body. */
export const Webhook = z.strictObject({
  object: z.literal('whatsapp_business_account'),
  entry: z.array(z.strictObject({ id: z.string().regex(/^\d+$/), changes: z.array(Change).min(1) })).min(1),
})
export type Webhook = z.infer<typeof Webhook>
