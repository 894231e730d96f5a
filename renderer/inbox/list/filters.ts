/** What narrows the lists and the search; the chips compose, and stay while the member moves between lists. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { ChannelId, StoreId, TagId } from '../../../backend/domain/ids.ts'

const DAY = 86_400_000

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

/** Midnight that begins the day of `at` on this computer's clock, in milliseconds. */
function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0)
}

/** The span of a date filter: milliseconds, both ends included; a day given backwards is taken the other way round. */
export function spanOf(date: DateFilter, now: number): { from?: number; to?: number } {
  switch (date.preset) {
    case 'today':
      return { from: midnight(now) }
    case 'week':
      return { from: midnight(now - 6 * DAY) }
    case 'month':
      return { from: midnight(now - 29 * DAY) }
    case 'range': {
      const days = [date.from, date.to].filter((day) => day !== '').map((day) => new Date(`${day}T00:00:00`).getTime())
      const [first, second] = days
      if (first === undefined || Number.isNaN(first)) return {}
      if (second === undefined) return date.from === '' ? { to: first + DAY - 1 } : { from: first }
      return { from: Math.min(first, second), to: Math.max(first, second) + DAY - 1 }
    }
  }
}

/** The filters as a query of the API. */
export function filterQuery(filters: Filters, now: number): FilterQuery {
  const span = filters.date ? spanOf(filters.date, now) : {}
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
  const any = computed(() => Object.keys(filterQuery(filters.value, Date.now())).length > 0)
  function change(part: Partial<Filters>): void {
    filters.value = { ...filters.value, ...part }
  }
  function clear(): void {
    filters.value = { ...NO_FILTERS }
  }
  return { filters, any, change, clear }
})
