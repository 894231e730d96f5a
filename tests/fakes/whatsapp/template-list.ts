/** `GET /{waba-id}/message_templates`: the templates of an account, a page at a time. */
import type { Refusal } from './errors.ts'
import type { Template } from './templates.ts'

const PAGE = 25

/**
 * @param query `limit`, `after`, `fields`, `status`, `name` and `language`, as the call gave them
 * @param address of the endpoint, from which the next page's is made
 */
export function templatesPage(all: readonly Template[], query: Record<string, string>, address: string) {
  const { limit = String(PAGE), after, fields, status, name, language } = query
  const start = after === undefined ? 0 : positionIn(after)
  if (!/^\d{1,4}$/.test(limit) || Number(limit) === 0 || start === null) {
    return { code: 100, details: 'limit or after is not what was given out' } satisfies Refusal
  }
  const matching = all.filter(
    (one) =>
      (status === undefined || one.status === status) &&
      (name === undefined || one.name.includes(name)) &&
      (language === undefined || one.language === language),
  )
  const end = Math.min(start + Number(limit), matching.length)
  const data = matching.slice(start, end).map((template) => fieldsOf(template, fields))
  if (data.length === 0) return { data }
  const next = new URL(address)
  next.search = new URLSearchParams({ ...query, limit, after: cursor(end) }).toString()
  return {
    data,
    paging: {
      cursors: { before: cursor(start), after: cursor(end) },
      ...(end < matching.length && { next: next.toString() }),
    },
  }
}

function fieldsOf(template: Template, fields: string | undefined) {
  const wanted = fields?.split(',')
  return Object.fromEntries(
    Object.entries(template).filter(([name]) => name === 'id' || wanted === undefined || wanted.includes(name)),
  )
}

function cursor(position: number): string {
  return Buffer.from(`at:${position}`).toString('base64url')
}

/** Null when it is no cursor of ours. */
function positionIn(given: string): number | null {
  const found = /^at:(\d+)$/.exec(Buffer.from(given, 'base64url').toString())?.[1]
  return found === undefined ? null : Number(found)
}
