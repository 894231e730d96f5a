/** What a channel of each kind needs from its platform, in the order in which one comes by it. */
import type { CheckStep } from '../../../backend/workstation/views.ts'
import type { ChannelKind } from '../../../backend/domain/rows.ts'

/** `where` is what its text says of where to find it; `usual` what most will have. */
export type AccountField = { name: FieldName; isSecret: boolean; isOptional: boolean; usual: string }
export type FieldName = LineField | WhatsAppField
type LineField = 'channelId' | 'channelSecret' | 'accessToken' | 'loginChannelId' | 'loginChannelSecret'
type WhatsAppField = 'phoneNumberId' | 'businessAccountId' | 'appSecret' | 'accessToken' | 'graphVersion'

/** The kinds that have an account with a platform, and are built. */
export type AccountKind = Extract<ChannelKind, 'line' | 'whatsapp'>

const field = (name: FieldName, more: Partial<AccountField> = {}): AccountField => ({
  name,
  isSecret: false,
  isOptional: false,
  usual: '',
  ...more,
})
const secret = { isSecret: true }

export const ACCOUNT_FIELDS: Readonly<Record<AccountKind, readonly AccountField[]>> = {
  line: [
    field('channelId'),
    field('channelSecret', secret),
    field('accessToken', secret),
    field('loginChannelId', { isOptional: true }),
    field('loginChannelSecret', { ...secret, isOptional: true }),
  ],
  whatsapp: [
    field('phoneNumberId'),
    field('businessAccountId'),
    field('appSecret', secret),
    field('accessToken', secret),
    field('graphVersion', { usual: 'v23.0' }),
  ],
}

/** The steps of a check in their order, as far as each is always made. */
export const CHECK_STEPS: Readonly<Record<AccountKind, readonly CheckStep['step'][]>> = {
  line: ['token', 'webhook', 'subscription', 'quota'],
  whatsapp: ['token', 'subscription'],
}

/** Whether a channel of this kind is connected to a platform, rather than being a page of our own. */
export function isAccountKind(kind: ChannelKind): kind is AccountKind {
  return Object.hasOwn(ACCOUNT_FIELDS, kind)
}
