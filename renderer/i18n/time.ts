/**
 * Times as people read them, in the team's time zone whatever this computer's is. All times in are milliseconds
 * since 1970.
 */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { t, useText } from './index.ts'
import type { Locale } from './locales.ts'
import { windowClock } from '../session/clock.ts'
import { useReference } from '../session/reference.ts'

/** Where and when the reader is. */
export type Here = { locale: Locale; timeZone: string; now: number }

const formatters = new Map<string, Intl.DateTimeFormat>()

/** Making a formatter costs far more than using one, and a list has hundreds of times. */
function formatter(
  locale: string,
  timeZone: string,
  name: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const key = `${locale}|${timeZone}|${name}`
  let found = formatters.get(key)
  if (found === undefined) {
    found = new Intl.DateTimeFormat(locale, { ...options, timeZone })
    formatters.set(key, found)
  }
  return found
}

/** `2026-11-20` of the day in the zone. */
export function dayKey(at: number, timeZone: string): string {
  return formatter('en-CA', timeZone, 'key', { year: 'numeric', month: '2-digit', day: '2-digit' }).format(at)
}

/** How far the zone's clocks are ahead of UTC at a moment, in ms. */
function zoneOffset(at: number, timeZone: string): number {
  const parts = formatter('en-CA', timeZone, 'offset', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at)
  const of = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find((part) => part.type === type)?.value)
  const wall = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
  return wall - Math.floor(at / 1000) * 1000
}

/** The first moment of a day (`2026-11-20`) in the zone; NaN for what is no day. */
export function dayStart(day: string, timeZone: string): number {
  const wall = Date.parse(`${day}T00:00:00Z`)
  if (Number.isNaN(wall)) return wall
  // The offset that holds at midnight is not known before midnight is: near a change of clocks the second guess differs.
  const guess = wall - zoneOffset(wall, timeZone)
  return wall - zoneOffset(guess, timeZone)
}

/** The day so many days after `day`, both as `2026-11-20`. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

function daysBetween(earlier: number, later: number, timeZone: string): number {
  return Math.round((Date.parse(dayKey(later, timeZone)) - Date.parse(dayKey(earlier, timeZone))) / 86_400_000)
}

/** 「14:05」 */
export function clock(at: number, { locale, timeZone }: Here): string {
  return formatter(locale, timeZone, 'clock', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)
}

/** For lists: 「14:05」 today, 「昨天」, 「11/20」 this year, 「2025/11/20」 before. */
export function listTime(at: number, here: Here): string {
  const days = daysBetween(at, here.now, here.timeZone)
  if (days <= 0) return clock(at, here)
  if (days === 1) return t('common.time.yesterday')
  const sameYear = dayKey(at, here.timeZone).slice(0, 4) === dayKey(here.now, here.timeZone).slice(0, 4)
  const day = { month: 'numeric', day: 'numeric' } as const
  if (here.locale === 'en') {
    const words = { month: 'short', day: 'numeric' } as const
    return sameYear
      ? formatter('en', here.timeZone, 'list', words).format(at)
      : formatter('en', here.timeZone, 'listYear', { ...words, year: 'numeric' }).format(at)
  }
  return sameYear
    ? formatter(here.locale, here.timeZone, 'list', day).format(at)
    : formatter(here.locale, here.timeZone, 'listYear', { ...day, year: 'numeric' }).format(at)
}

/** A day (`2026-11-20`) in short: 「11/20」 this year, 「2025/11/20」 before. */
export function dayShort(day: string, { now, timeZone }: Here): string {
  const sameYear = day.slice(0, 4) === dayKey(now, timeZone).slice(0, 4)
  return (sameYear ? day.slice(5) : day).replaceAll('-', '/')
}

/** For the thread's separators: 「今天」「昨天」「11月20日 星期五」, with the year when it is not this one. */
export function dayLabel(at: number, here: Here): string {
  const days = daysBetween(at, here.now, here.timeZone)
  if (days === 0) return t('common.time.today')
  if (days === 1) return t('common.time.yesterday')
  const sameYear = dayKey(at, here.timeZone).slice(0, 4) === dayKey(here.now, here.timeZone).slice(0, 4)
  const year = sameYear ? {} : ({ year: 'numeric' } as const)
  const name = sameYear ? 'day' : 'dayYear'
  if (here.locale === 'en') {
    return formatter('en', here.timeZone, name, { ...year, weekday: 'long', month: 'long', day: 'numeric' }).format(at)
  }
  const date = formatter(here.locale, here.timeZone, name, { ...year, month: 'long', day: 'numeric' }).format(at)
  const weekday = formatter(here.locale, here.timeZone, 'weekday', { weekday: 'long' }).format(at)
  return `${date} ${weekday}`
}

/** Day and time in full, for tooltips: 「2026/11/20 14:05:09」. */
export function fullTime(at: number, { locale, timeZone }: Here): string {
  const text = formatter(locale, timeZone, 'full', {
    year: 'numeric',
    month: locale === 'en' ? 'short' : 'numeric',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(at)
  // Some versions of the locale data put narrow spaces here, which cannot be searched for.
  return text.replaceAll(/\s/g, ' ')
}

/** A length of time in its largest whole unit: 「40 秒」「12 分鐘」「3 小時」「2 天」. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return t('common.time.seconds', { n: seconds })
  if (seconds < 3600) return t('common.time.minutes', { n: Math.floor(seconds / 60) })
  if (seconds < 86_400) return t('common.time.hours', { n: Math.floor(seconds / 3600) })
  return t('common.time.days', { n: Math.floor(seconds / 86_400) })
}

/** 「剛剛」 or 「12 分鐘前」. */
export function ago(at: number, now: number): string {
  return now - at < 60_000 ? t('common.time.now') : t('common.time.ago', { time: duration(now - at) })
}

export type TimeWords = {
  here: ComputedRef<Here>
  clock: (at: number) => string
  listTime: (at: number) => string
  dayLabel: (at: number) => string
  dayShort: (day: string) => string
  dayKey: (at: number) => string
  fullTime: (at: number) => string
  /** 「等候 12 分鐘」 since a time. */
  waited: (since: number) => string
  ago: (at: number) => string
}

/** The functions above for components: they follow language, zone and the clock (every 15 s). */
export function useTime(): TimeWords {
  const now = windowClock()
  const reference = useReference()
  const { locale } = useText()
  const here = computed<Here>(() => ({ locale: locale.value, timeZone: reference.timeZone, now: now.value }))
  return {
    here,
    clock: (at) => clock(at, here.value),
    listTime: (at) => listTime(at, here.value),
    dayLabel: (at) => dayLabel(at, here.value),
    dayShort: (day) => dayShort(day, here.value),
    dayKey: (at) => dayKey(at, here.value.timeZone),
    fullTime: (at) => fullTime(at, here.value),
    waited: (since) => t('common.time.waited', { time: duration(here.value.now - since) }),
    ago: (at) => ago(at, here.value.now),
  }
}
