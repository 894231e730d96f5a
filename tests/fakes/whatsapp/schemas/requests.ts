/**
 * What a business may send to the Cloud API, as our own schemas: stricter than the platform where it silently drops what
 * it does not know, so that a misspelt field is found. Lengths are UTF-16 units.
 */
import { z } from 'zod'

const text = (max: number) => z.string().min(1).max(max)
const link = z.url({ protocol: /^https?$/ })
const messageId = z.string().regex(/^wamid\.[A-Za-z0-9_+/=-]+$/)

/** Media is named by its id or by an address the platform fetches, never both. */
function media<S extends z.core.$ZodShape>(more: S) {
  return z.union([z.strictObject({ id: z.string().regex(/^\d+$/), ...more }), z.strictObject({ link, ...more })])
}

const caption = { caption: z.string().max(1024).optional() }
const plainMedia = media({})
const namedMedia = media({ filename: text(240).optional() })

const header = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: text(60) }),
  z.strictObject({ type: z.literal('image'), image: plainMedia }),
  z.strictObject({ type: z.literal('video'), video: plainMedia }),
  z.strictObject({ type: z.literal('document'), document: namedMedia }),
])

const around = {
  body: z.strictObject({ text: text(1024) }),
  footer: z.strictObject({ text: text(60) }).optional(),
}

const areDistinct = (values: readonly string[]) => new Set(values).size === values.length

const replyButtons = z
  .array(
    z.strictObject({
      type: z.literal('reply'),
      reply: z.strictObject({ id: text(256), title: text(20) }),
    }),
  )
  .min(1)
  .max(3)
  .refine((buttons) => areDistinct(buttons.map(({ reply }) => reply.id)), 'two buttons have the same id')
  .refine((buttons) => areDistinct(buttons.map(({ reply }) => reply.title)), 'two buttons have the same title')

const sections = z
  .array(
    z.strictObject({
      title: text(24).optional(),
      rows: z
        .array(z.strictObject({ id: text(200), title: text(24), description: z.string().max(72).optional() }))
        .min(1)
        .max(10),
    }),
  )
  .min(1)
  .max(10)
  .refine((all) => all.flatMap(({ rows }) => rows).length <= 10, 'more than 10 rows in all')
  .refine((all) => areDistinct(all.flatMap(({ rows }) => rows.map(({ id }) => id))), 'two rows have the same id')
  .refine((all) => all.length === 1 || all.every(({ title }) => title !== undefined), 'a section lacks its title')

const interactive = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('button'),
    header: header.optional(),
    ...around,
    action: z.strictObject({ buttons: replyButtons }),
  }),
  z.strictObject({
    type: z.literal('list'),
    header: z.strictObject({ type: z.literal('text'), text: text(60) }).optional(),
    ...around,
    action: z.strictObject({ button: text(20), sections }),
  }),
  z.strictObject({
    type: z.literal('cta_url'),
    header: header.optional(),
    ...around,
    action: z.strictObject({
      name: z.literal('cta_url'),
      parameters: z.strictObject({ display_text: text(20), url: link }),
    }),
  }),
])

const parameterName = {
  parameter_name: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/)
    .optional(),
}

const textParameter = z.strictObject({ type: z.literal('text'), ...parameterName, text: text(32_768) })

const valueParameter = z.discriminatedUnion('type', [
  textParameter,
  z.strictObject({
    type: z.literal('currency'),
    ...parameterName,
    currency: z.strictObject({ fallback_value: text(1024), code: z.string().length(3), amount_1000: z.int() }),
  }),
  z.strictObject({
    type: z.literal('date_time'),
    ...parameterName,
    date_time: z.strictObject({ fallback_value: text(1024) }),
  }),
])

const headerParameter = z.discriminatedUnion('type', [
  textParameter,
  z.strictObject({ type: z.literal('image'), image: plainMedia }),
  z.strictObject({ type: z.literal('video'), video: plainMedia }),
  z.strictObject({ type: z.literal('document'), document: namedMedia }),
])

const index = z.union([z.string().regex(/^\d$/), z.int().min(0).max(9)])

function button<T extends string, P extends z.ZodType>(subType: T, parameter: P) {
  return z.strictObject({
    type: z.literal('button'),
    sub_type: z.literal(subType),
    index,
    parameters: z.array(parameter).length(1),
  })
}

const templateButton = z.discriminatedUnion('sub_type', [
  button('url', z.strictObject({ type: z.literal('text'), text: text(2000) })),
  button('quick_reply', z.strictObject({ type: z.literal('payload'), payload: text(256) })),
  button('copy_code', z.strictObject({ type: z.literal('coupon_code'), coupon_code: text(15) })),
  button(
    'flow',
    z.strictObject({
      type: z.literal('action'),
      action: z.strictObject({
        flow_token: text(2000).optional(),
        flow_action_data: z.record(z.string(), z.unknown()).optional(),
      }),
    }),
  ),
])

export const TemplateSend = z.strictObject({
  name: z.string().regex(/^[a-z0-9_]{1,512}$/),
  language: z.strictObject({
    code: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2,3})?$/),
    policy: z.literal('deterministic').optional(),
  }),
  components: z
    .array(
      z.union([
        z.strictObject({ type: z.literal('header'), parameters: z.array(headerParameter).length(1) }),
        z.strictObject({ type: z.literal('body'), parameters: z.array(valueParameter).min(1) }),
        templateButton,
      ]),
    )
    .optional(),
})
export type TemplateSend = z.infer<typeof TemplateSend>

const nameOf = z.strictObject({
  formatted_name: text(1024),
  first_name: z.string().optional(),
  last_name: z.string().optional(),
  middle_name: z.string().optional(),
  prefix: z.string().optional(),
  suffix: z.string().optional(),
})
const kindOfPlace = z.enum(['HOME', 'WORK']).optional()

const contact = z.strictObject({
  name: nameOf.refine((name) => Object.keys(name).length > 1, 'formatted_name needs another name beside it'),
  phones: z
    .array(z.strictObject({ phone: text(64), type: kindOfPlace, wa_id: z.string().regex(/^\d+$/).optional() }))
    .optional(),
  emails: z.array(z.strictObject({ email: z.email(), type: kindOfPlace })).optional(),
  urls: z.array(z.strictObject({ url: link, type: kindOfPlace })).optional(),
  org: z
    .strictObject({
      company: z.string().optional(),
      department: z.string().optional(),
      title: z.string().optional(),
    })
    .optional(),
  addresses: z
    .array(
      z.strictObject({
        street: z.string().optional(),
        city: z.string().optional(),
        state: z.string().optional(),
        zip: z.string().optional(),
        country: z.string().optional(),
        country_code: z.string().optional(),
        type: kindOfPlace,
      }),
    )
    .optional(),
  birthday: z.iso.date().optional(),
})

const envelope = {
  messaging_product: z.literal('whatsapp'),
  recipient_type: z.literal('individual').optional(),
  to: z
    .string()
    .regex(/^\+?\d{7,15}$/)
    .optional(),
  recipient: z
    .string()
    .regex(/^[A-Z]{2}\.[A-Za-z0-9]{1,128}$/)
    .optional(),
  context: z.strictObject({ message_id: messageId }).optional(),
  biz_opaque_callback_data: z.string().max(512).optional(),
}

function kind<T extends string, S extends z.core.$ZodShape>(type: T, content: S) {
  return z.strictObject({ ...envelope, type: z.literal(type), ...content })
}

/** `POST /{phone-number-id}/messages` when a message is sent. */
export const SendRequest = z
  .discriminatedUnion('type', [
    kind('text', { text: z.strictObject({ body: text(4096), preview_url: z.boolean().optional() }) }),
    kind('image', { image: media(caption) }),
    kind('video', { video: media(caption) }),
    kind('audio', { audio: media({ voice: z.boolean().optional() }) }),
    kind('document', { document: media({ ...caption, filename: text(240).optional() }) }),
    kind('sticker', { sticker: plainMedia }),
    kind('location', {
      location: z.strictObject({
        latitude: z.number().min(-90).max(90),
        longitude: z.number().min(-180).max(180),
        name: text(1000).optional(),
        address: text(1000).optional(),
      }),
    }),
    kind('contacts', { contacts: z.array(contact).min(1).max(5) }),
    kind('reaction', { reaction: z.strictObject({ message_id: messageId, emoji: z.string().max(32) }) }),
    kind('interactive', { interactive }),
    kind('template', { template: TemplateSend }),
  ])
  .refine(({ to, recipient }) => to !== undefined || recipient !== undefined, 'neither to nor recipient')
export type SendRequest = z.infer<typeof SendRequest>

/** `POST /{phone-number-id}/messages` when a customer's message is marked as read. */
export const ReadRequest = z.strictObject({
  messaging_product: z.literal('whatsapp'),
  status: z.literal('read'),
  message_id: messageId,
  typing_indicator: z.strictObject({ type: z.literal('text') }).optional(),
})
export type ReadRequest = z.infer<typeof ReadRequest>

/** The fields of `POST /{phone-number-id}/media`, as they are written down: of the file its type and size. */
export const UploadRequest = z.strictObject({
  messaging_product: z.literal('whatsapp'),
  type: text(255).optional(),
  file: z.object({ name: z.string(), type: z.string(), size: z.number() }),
})

/** `POST` and `DELETE /{phone-number-id}/block_users`: phone numbers, or business-scoped ids. */
export const BlockRequest = z.strictObject({
  messaging_product: z.literal('whatsapp'),
  block_users: z
    .array(
      z.union([
        z.strictObject({ user: z.string().regex(/^\+?\d{7,15}$/) }),
        z.strictObject({ user_id: z.string().regex(/^[A-Z]{2}\.[A-Za-z0-9]{1,128}$/) }),
      ]),
    )
    .min(1)
    .max(1000),
})

/** `POST /{waba-id}/subscribed_apps`. */
export const SubscribeRequest = z.strictObject({
  override_callback_uri: link.optional(),
  verify_token: text(255).optional(),
})
