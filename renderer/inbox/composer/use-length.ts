/** How much of what a message may hold is used: counted as the rule counts it, and told once it matters. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { cleanText } from '../../../backend/domain/text.ts'
import { useText } from '../../i18n/index.ts'

/** From this part of the most on the field counts. */
const COUNT_FROM = 0.9

export type TextLength = {
  /** Why the text cannot be sent; null when it is not too long. */
  tooLong: ComputedRef<string | null>
  /** Null while there is plenty of room. */
  counter: ComputedRef<{ words: string; over: boolean } | null>
}

/** @param max in UTF-16 units */
export function useLength(text: () => string, max: () => number): TextLength {
  const { t, locale } = useText()
  const length = computed(() => cleanText(text()).length)
  const figure = (count: number): string => new Intl.NumberFormat(locale.value).format(count)
  return {
    tooLong: computed(() => {
      const over = length.value - max()
      return over > 0 ? t('inbox.composer.tooLong', { max: figure(max()), over: figure(over) }) : null
    }),
    counter: computed(() => {
      if (length.value < max() * COUNT_FROM) return null
      const words = t('inbox.composer.counter', { length: figure(length.value), max: figure(max()) })
      return { words, over: length.value > max() }
    }),
  }
}
