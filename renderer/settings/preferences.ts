/** How a member likes the window; kept in this device's browser storage, a set for each member. */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { useMediaQuery } from '@vueuse/core'
import { z } from 'zod'
import { useSession } from '../session/session.ts'
import { DEFAULT_LOCALE, LOCALES } from '../i18n/locales.ts'

export const TEXT_SIZES = [90, 100, 110, 120, 130, 140] as const
/** Width of the conversation list, in pixels. */
export const LIST_WIDTH = { min: 300, usual: 340, max: 440 } as const

const Shape = z.object({
  language: z.enum(LOCALES).catch(DEFAULT_LOCALE),
  theme: z.enum(['light', 'dark', 'system']).catch('system'),
  density: z.enum(['comfortable', 'compact']).catch('comfortable'),
  /** Per cent. */
  textSize: z.literal(TEXT_SIZES).catch(100),
  /** Whether Enter sends and Shift-Enter breaks the line; otherwise Ctrl/⌘-Enter sends. */
  enterSends: z.boolean().catch(true),
  sidePanel: z.boolean().catch(true),
  listWidth: z.number().min(LIST_WIDTH.min).max(LIST_WIDTH.max).catch(LIST_WIDTH.usual),
})
export type Preferences = z.infer<typeof Shape>

/** Reads what was kept; whatever is missing, damaged or from elsewhere becomes the usual. */
export function readPreferences(kept: string | null): Preferences {
  const parsed = Shape.safeParse(fromJson(kept ?? '{}'))
  return parsed.success ? parsed.data : Shape.parse({})
}

function fromJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}

/** Under which name the preferences of a member are kept; `null` is the sign-in page's own. */
export function preferencesKey(memberId: string | null): string {
  return `countertop.preferences.${memberId ?? 'signed-out'}`
}

export const usePreferences = defineStore('preferences', () => {
  const session = useSession()
  const owner = computed(() => session.member?.id ?? null)
  const preferences = ref(readPreferences(localStorage.getItem(preferencesKey(null))))
  const systemDark = useMediaQuery('(prefers-color-scheme: dark)')
  const dark = computed(
    () => preferences.value.theme === 'dark' || (preferences.value.theme === 'system' && systemDark.value),
  )

  watch(
    owner,
    (id) => {
      // A member who never chose anything starts with what the sign-in page showed them.
      const kept = id === null ? null : localStorage.getItem(preferencesKey(id))
      preferences.value = readPreferences(kept ?? localStorage.getItem(preferencesKey(null)))
    },
    { flush: 'sync' },
  )

  /** Changes some preferences and keeps them. */
  function change(part: Partial<Preferences>): void {
    preferences.value = { ...preferences.value, ...part }
    const json = JSON.stringify(preferences.value)
    localStorage.setItem(preferencesKey(owner.value), json)
    // The lock and sign-in pages are shown in the language and light that were last used.
    if (part.language !== undefined || part.theme !== undefined) localStorage.setItem(preferencesKey(null), json)
  }

  return { preferences, dark, change }
})
