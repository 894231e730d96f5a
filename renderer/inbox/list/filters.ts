/** What narrows the lists and the search; the chips compose, and stay while the member moves between lists. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { dayAfter, dayKey, dayStart } from '../../i18n/time.ts'
import { useReference } from '../../session/reference.ts'
import type { ChannelId, StoreId, TagId } from '../../../backend/domain/ids.ts'

export type DateFilter = { preset: 'today' | 'week' | 'month' } | { preset: 'range'; from: string; to: string }
export type Filters = {
  channelId: ChannelId | null
  storeId: StoreId | null
  tagId: TagId | null
  unread: boolean
  date: DateFilter | null
}

/** As the API takes them: texts of a query. */
export type FilterQuery = {
  channelId?: string
  storeId?: string
  tagId?: string
  unread?: 'true'
  from?: string
  to?: string
}

export const NO_FILTERS: Filters = { channelId: null, storeId: null, tagId: null, unread: false, date: null }

const IS_DAY = /^\d{4}-\d{2}-\d{2}$/

/**
 * The span of a date filter in the team's time zone: milliseconds, both ends included; a range given backwards is taken
 * the other way round.
 */
export function spanOf(date: DateFilter, now: number, timeZone: string): { from?: number; to?: number } {
  const since = (days: number) => ({ from: dayStart(dayAfter(dayKey(now, timeZone), -days), timeZone) })
  const endOf = (day: string): number => dayStart(dayAfter(day, 1), timeZone) - 1
  switch (date.preset) {
    case 'today':
      return since(0)
    case 'week':
      return since(6)
    case 'month':
      return since(29)
    case 'range': {
      const [first, second] = [date.from, date.to].filter((day) => IS_DAY.test(day)).toSorted()
      if (first === undefined) return {}
      if (second === undefined) return date.from === '' ? { to: endOf(first) } : { from: dayStart(first, timeZone) }
      return { from: dayStart(first, timeZone), to: endOf(second) }
    }
  }
}

/** The filters as a query of the API. */
export function filterQuery(filters: Filters, now: number, timeZone: string): FilterQuery {
  const span = filters.date ? spanOf(filters.date, now, timeZone) : {}
  return {
    ...(filters.channelId && { channelId: filters.channelId }),
    ...(filters.storeId && { storeId: filters.storeId }),
    ...(filters.tagId && { tagId: filters.tagId }),
    ...(filters.unread && { unread: 'true' as const }),
    ...(span.from !== undefined && { from: String(span.from) }),
    ...(span.to !== undefined && { to: String(span.to) }),
  }
}

export const useFilters = defineStore('inbox-filters', () => {
  const filters = ref<Filters>({ ...NO_FILTERS })
  const reference = useReference()
  /** As a query of this moment. */
  const query = (): FilterQuery => filterQuery(filters.value, Date.now(), reference.timeZone)
  const any = computed(() => Object.keys(query()).length > 0)
  function change(part: Partial<Filters>): void {
    filters.value = { ...filters.value, ...part }
  }
  function clear(): void {
    filters.value = { ...NO_FILTERS }
  }
  return { filters, query, any, change, clear }
})
