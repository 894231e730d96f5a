/**
 * What each kind of channel can do: asked by the rules, by the composer, and by the hub before it sends. Limits are the
 * platforms' published ones.
 *
 * LINE: https://developers.line.biz/en/reference/messaging-api/ (message objects).
 * WhatsApp: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media (supported media).
 */
import type { ChannelKind } from '../rows.ts'
import { ATTACHMENT_MAX, FILE_TYPES, IMAGE_TYPES } from '../attachments.ts'

export type Capabilities = {
  /** Longest text of one message to the customer, in UTF-16 units. */
  textMax: number
  /** Largest file by its type, in bytes; a type that is not here cannot be sent. */
  files: Readonly<Partial<Record<(typeof FILE_TYPES)[number], number>>>
  /**
   * How long after the customer's last message one may write, in ms; null for always. `after` says what is still taken
   * then.
   */
  window: { length: number; after: 'templates' | 'nothing' } | null
  templates: boolean
  /** How long after the customer's last message the platform can be told to block them, in ms; null where it cannot. */
  blockWithin: number | null
  richMenu: boolean
  /** When a new customer is greeted: on adding the account, or with their first message. */
  welcome: 'onFollow' | 'onFirstMessage' | 'never'
  /** Whether Countertop speaks to this platform. */
  built: boolean
}

const HOUR = 60 * 60 * 1000
const MB = 1024 * 1024
/** A file larger than what any channel may hand to the hub is never sent. */
const upTo = (bytes: number) => Math.min(bytes, ATTACHMENT_MAX)

function each<T extends string>(types: readonly T[], bytes: number): Record<T, number> {
  // Every type of the list is given its value here.
  return Object.fromEntries(types.map((type) => [type, upTo(bytes)])) as Record<T, number>
}

const none = {
  window: null,
  templates: false,
  blockWithin: null,
  richMenu: false,
  welcome: 'never',
  built: false,
} as const
const OFFICE = [
  'application/pdf',
  'application/msword',
  'application/vnd.ms-excel',
  'application/vnd.ms-powerpoint',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'text/plain',
] as const

export const CAPABILITIES: Readonly<Record<ChannelKind, Capabilities>> = {
  webchat: {
    ...none,
    textMax: 5_000,
    files: each(FILE_TYPES, ATTACHMENT_MAX),
    welcome: 'onFirstMessage',
    built: true,
  },
  line: {
    ...none,
    textMax: 5_000,
    // There is no message with a document; a video would need a still picture, a sound its length.
    files: each(['image/jpeg', 'image/png'], 10 * MB),
    richMenu: true,
    welcome: 'onFollow',
    built: true,
  },
  whatsapp: {
    ...none,
    textMax: 4_096,
    files: {
      ...each(['image/jpeg', 'image/png'], 5 * MB),
      ...each(['video/mp4', 'audio/mp4', 'audio/mpeg'], 16 * MB),
      ...each(OFFICE, 100 * MB),
    },
    window: { length: 24 * HOUR, after: 'templates' },
    templates: true,
    blockWithin: 24 * HOUR,
    welcome: 'onFirstMessage',
    built: true,
  },
  facebook: {
    ...none,
    textMax: 2_000,
    files: each([...IMAGE_TYPES, ...OFFICE, 'video/mp4', 'audio/mpeg'], 25 * MB),
    window: { length: 7 * 24 * HOUR, after: 'nothing' },
  },
  instagram: {
    ...none,
    textMax: 1_000,
    files: { ...each(['image/jpeg', 'image/png'], 8 * MB), ...each(['video/mp4'], 25 * MB) },
    window: { length: 7 * 24 * HOUR, after: 'nothing' },
  },
  wechat: {
    ...none,
    textMax: 600,
    files: {
      ...each(['image/jpeg', 'image/png'], 10 * MB),
      ...each(['audio/mpeg'], 2 * MB),
      ...each(['video/mp4'], 10 * MB),
    },
    window: { length: 48 * HOUR, after: 'nothing' },
  },
}
