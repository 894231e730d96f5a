/** How the platform's own block stands, in words (DEL-8). */
import { t } from '../../i18n/index.ts'
import type { TextKey } from '../../i18n/index.ts'
import type { Blocked } from '../../../backend/domain/rows.ts'
import type { Failure } from '../../../backend/domain/channels/failures.ts'

const WORDED: Partial<Record<Failure, TextKey>> = {
  'channel.failed': 'team.blacklist.failure.failed',
  'channel.unconnected': 'team.blacklist.failure.unconnected',
  'channel.token': 'team.blacklist.failure.token',
  'channel.restricted': 'team.blacklist.failure.restricted',
  'channel.rateLimited': 'team.blacklist.failure.rateLimited',
  'channel.notReachable': 'team.blacklist.failure.notReachable',
}

/** The words, and whether they tell of something that went wrong. */
export function platformWords({ platform, lifting }: Blocked): { text: string; isBad: boolean } {
  if (platform.state !== 'failed') {
    const isLifting = lifting && platform.state === 'asked'
    const key: TextKey = isLifting ? 'team.blacklist.lifting' : `team.blacklist.platform.${platform.state}`
    return { text: t(key), isBad: false }
  }
  const why = t(WORDED[platform.code] ?? 'team.blacklist.failure.other')
  const reason =
    platform.platformCode === null ? why : `${why}${t('inbox.thread.failureCode', { code: platform.platformCode })}`
  return { text: t(`team.blacklist.platform.${lifting ? 'liftFailed' : 'failed'}`, { reason }), isBad: true }
}
