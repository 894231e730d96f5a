/** Every text of the interface, typed by the Chinese ones. */
import { createI18n } from 'vue-i18n'
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { DEFAULT_LOCALE } from './locales.ts'
import type { Locale } from './locales.ts'
import { channels as channelsZh } from './zh-Hant-TW/channels.ts'
import { collaboration as collaborationZh } from './zh-Hant-TW/collaboration.ts'
import { common as commonZh } from './zh-Hant-TW/common.ts'
import { inbox as inboxZh } from './zh-Hant-TW/inbox.ts'
import { keys as keysZh } from './zh-Hant-TW/keys.ts'
import { notifications as notificationsZh } from './zh-Hant-TW/notifications.ts'
import { queue as queueZh } from './zh-Hant-TW/queue.ts'
import { refusals as refusalsZh } from './zh-Hant-TW/refusals.ts'
import { replies as repliesZh } from './zh-Hant-TW/replies.ts'
import { session as sessionZh } from './zh-Hant-TW/session.ts'
import { settings as settingsZh } from './zh-Hant-TW/settings.ts'
import { batch as batchZh } from './zh-Hant-TW/batch.ts'
import { team as teamZh } from './zh-Hant-TW/team.ts'
import { channels as channelsEn } from './en/channels.ts'
import { collaboration as collaborationEn } from './en/collaboration.ts'
import { common as commonEn } from './en/common.ts'
import { inbox as inboxEn } from './en/inbox.ts'
import { keys as keysEn } from './en/keys.ts'
import { notifications as notificationsEn } from './en/notifications.ts'
import { queue as queueEn } from './en/queue.ts'
import { refusals as refusalsEn } from './en/refusals.ts'
import { replies as repliesEn } from './en/replies.ts'
import { session as sessionEn } from './en/session.ts'
import { settings as settingsEn } from './en/settings.ts'
import { batch as batchEn } from './en/batch.ts'
import { team as teamEn } from './en/team.ts'

const zhHantTW = {
  channels: channelsZh,
  collaboration: collaborationZh,
  common: commonZh,
  inbox: inboxZh,
  keys: keysZh,
  notifications: notificationsZh,
  queue: queueZh,
  refusals: refusalsZh,
  replies: repliesZh,
  session: sessionZh,
  settings: settingsZh,
  batch: batchZh,
  team: teamZh,
}
export type Texts = typeof zhHantTW

const en: Texts = {
  channels: channelsEn,
  collaboration: collaborationEn,
  common: commonEn,
  inbox: inboxEn,
  keys: keysEn,
  notifications: notificationsEn,
  queue: queueEn,
  refusals: refusalsEn,
  replies: repliesEn,
  session: sessionEn,
  settings: settingsEn,
  batch: batchEn,
  team: teamEn,
}
export const texts: Record<Locale, Texts> = { 'zh-Hant-TW': zhHantTW, en }

type Paths<T, P extends string = ''> = {
  [K in keyof T & string]: T[K] extends string ? `${P}${K}` : Paths<T[K], `${P}${K}.`>
}[keyof T & string]
/** `common.cancel` and so on: every text there is. */
export type TextKey = Paths<Texts>
export type TextParams = Record<string, string | number>

export const i18n = createI18n<[Texts], Locale, false>({
  legacy: false,
  locale: DEFAULT_LOCALE,
  fallbackLocale: DEFAULT_LOCALE,
  messages: texts,
})

/**
 * A text in the language of the moment.
 *
 * @param count chooses between the forms of a text written as `one | many` (English); it is also the parameter `n`.
 */
export function t(key: TextKey, params: TextParams = {}, count?: number): string {
  return count === undefined ? i18n.global.t(key, params) : i18n.global.t(key, { n: count, ...params }, count)
}

/** {@link t} and the language, for components; texts follow a change of language at once. */
export function useText(): { t: typeof t; locale: ComputedRef<Locale> } {
  return { t, locale: computed(() => i18n.global.locale.value) }
}

/** Changes the language of the whole window. */
export function setLocale(locale: Locale): void {
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
}
