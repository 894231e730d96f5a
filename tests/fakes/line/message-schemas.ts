/**
 * The messages an account may send on LINE, as we call them: those of the Messaging API's message objects that the hub has
 * a use for. Templates and Flex Messages are looked at only as far as their kind.
 */
import { z } from 'zod'

/** LINE counts UTF-16 code units, as JavaScript does; zod's own `max` counts characters outside the BMP as one. */
const text = (max: number) =>
  z
    .string('must be specified')
    .min(1, 'May not be empty')
    .refine(({ length }) => length <= max, `at most ${max} characters`)

/** Percent-encoded, and over TLS: LINE fetches nothing else. */
export const HttpsUrl = z
  .url({ protocol: /^https$/, error: 'invalid uri scheme' })
  .max(2_000, 'at most 2000 characters')
  .regex(/^[\x21-\x7e]+$/, 'must be percent-encoded')

const digits = z.string('must be specified').regex(/^\d+$/, 'must be digits')

const Action = z.looseObject({
  type: z.enum([
    'camera',
    'cameraRoll',
    'clipboard',
    'datetimepicker',
    'location',
    'message',
    'postback',
    'richmenuswitch',
    'uri',
  ]),
  label: z.string().max(20).optional(),
})

const common = {
  quickReply: z
    .strictObject({
      items: z
        .array(z.strictObject({ type: z.literal('action'), imageUrl: HttpsUrl.optional(), action: Action }))
        .min(1)
        .max(13),
    })
    .optional(),
  sender: z.strictObject({ name: z.string().max(20).optional(), iconUrl: HttpsUrl.optional() }).optional(),
}
const quoting = { quoteToken: z.string().min(1).optional() }

const Text = z.strictObject({
  type: z.literal('text'),
  text: text(5_000),
  emojis: z
    .array(z.strictObject({ index: z.int().min(0), productId: z.string().min(1), emojiId: z.string().min(1) }))
    .max(20)
    .optional(),
  ...quoting,
  ...common,
})

const Substitution = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('mention'),
    mentionee: z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('user'), userId: z.string().min(1) }),
      z.strictObject({ type: z.literal('all') }),
    ]),
  }),
  z.strictObject({ type: z.literal('emoji'), productId: z.string().min(1), emojiId: z.string().min(1) }),
])

const TextV2 = z.strictObject({
  type: z.literal('textV2'),
  text: text(5_000),
  substitution: z.record(z.string().regex(/^\w{1,20}$/), Substitution).optional(),
  ...quoting,
  ...common,
})

const Sticker = z.strictObject({
  type: z.literal('sticker'),
  packageId: digits,
  stickerId: digits,
  ...quoting,
  ...common,
})

const Image = z.strictObject({
  type: z.literal('image'),
  originalContentUrl: HttpsUrl,
  previewImageUrl: HttpsUrl,
  ...common,
})

const Video = z.strictObject({
  type: z.literal('video'),
  originalContentUrl: HttpsUrl,
  previewImageUrl: HttpsUrl,
  trackingId: z
    .string()
    .regex(/^[\w\-.=,+*()%$&;:@{}!?<>[\]]{1,100}$/)
    .optional(),
  ...common,
})

const Audio = z.strictObject({
  type: z.literal('audio'),
  originalContentUrl: HttpsUrl,
  /** ms */
  duration: z.int().min(1),
  ...common,
})

const Location = z.strictObject({
  type: z.literal('location'),
  title: text(100),
  address: text(100),
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  ...common,
})

const Template = z.strictObject({
  type: z.literal('template'),
  altText: text(1_500),
  template: z.looseObject({ type: z.enum(['buttons', 'confirm', 'carousel', 'image_carousel']) }),
  ...common,
})

const Flex = z.strictObject({
  type: z.literal('flex'),
  altText: text(1_500),
  contents: z.looseObject({ type: z.enum(['bubble', 'carousel']) }),
  ...common,
})

export const OutgoingMessage = z.discriminatedUnion(
  'type',
  [Text, TextV2, Sticker, Image, Video, Audio, Location, Template, Flex],
  { error: 'must be a known type of message' },
)
export type OutgoingMessage = z.infer<typeof OutgoingMessage>

export const OutgoingMessages = z
  .array(OutgoingMessage, 'must be specified')
  .min(1, 'Size must be between 1 and 5')
  .max(5, 'Size must be between 1 and 5')
