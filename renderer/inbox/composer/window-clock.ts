/** How much of a channel's reply window is left (CNV-9), in words. */
import { t } from '../../i18n/index.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Milliseconds under which the time that is left is a warning. */
export const WARN_UNDER = 2 * HOUR

/** 「3 小時 12 分」「6 天 4 小時」, rounded down: never more than there is. */
export function leftWords(ms: number): string {
  const days = Math.floor(ms / DAY)
  const hours = Math.floor((ms % DAY) / HOUR)
  const minutes = Math.floor((ms % HOUR) / MINUTE)
  if (ms >= DAY + HOUR) return t('inbox.composer.window.days', { days, hours })
  if (ms >= HOUR) return t('inbox.composer.window.hours', { hours: days * 24 + hours, minutes })
  return minutes > 0 ? t('inbox.composer.window.minutes', { minutes }) : t('inbox.composer.window.lessThanMinute')
}
