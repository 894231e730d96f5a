/** The interface's languages; the first is the one it is written in. */
export const LOCALES = ['zh-Hant-TW', 'en'] as const
export type Locale = (typeof LOCALES)[number]
export const DEFAULT_LOCALE: Locale = 'zh-Hant-TW'

/** Each language in its own words. */
export const LOCALE_NAMES: Record<Locale, string> = { 'zh-Hant-TW': '繁體中文', en: 'English' }
