/** LINE as a platform of the hub. */
import { createHash } from 'node:crypto'
import type { Platform } from '../platform.ts'
import { LINE_SECRETS, LineAccount } from './account.ts'
import { check } from './check.ts'
import { LIMITS, lineClient } from './client.ts'
import type { Limits } from './client.ts'
import { lineLogin } from './login.ts'
import { media } from './media.ts'
import { pushNotification, pushText } from './notify.ts'
import { profile } from './profile.ts'
import { retryKeyOf } from './push.ts'
import { setRichMenu } from './rich-menus.ts'
import { send } from './sending.ts'
import { lineWebhook } from './webhook.ts'

/** `outside.addresses` may name `line`, `lineData` and `lineAccess`, in place of LINE's servers. */
export function createLinePlatform(limits: Limits = LIMITS): Platform {
  return {
    kind: 'line',
    account: LineAccount,
    secrets: LINE_SECRETS,
    connect({ teamId }, given, outside) {
      const account = LineAccount.parse(given)
      const line = lineClient(account, outside, limits)
      return {
        webhook: lineWebhook(account),
        send: (outgoing) => send(line, outgoing, outside),
        media: (ref) => media(line, ref),
        profile: (contact, of) => profile(line, contact, of),
        check: (webhookUrl) => check(line, webhookUrl),
        setRichMenu: (userIds, richMenuId) => setRichMenu(line, userIds, richMenuId),
        notices: {
          toUser: (userId, text, key) => pushText(line, userId, text, retryKeyOf(teamId, key)),
          toPhone: (phone, text, tag) => pushNotification(line, sha256(phone), [{ type: 'text', text }], tag),
          login: lineLogin(account, outside, limits),
        },
      }
    },
  }
}

/** How LINE wants phone numbers: of E.164, in hexadecimal. */
function sha256(phone: string): string {
  return createHash('sha256').update(phone).digest('hex')
}

export const linePlatform: Platform = createLinePlatform()
