/** What our own schemas have against a request, whatever its endpoint; it is written down with the call. */
import type { z } from 'zod'
import type { Received } from '../platform/server.ts'
import { BlockRequest, ReadRequest, SendRequest, SubscribeRequest, UploadRequest } from './schemas/requests.ts'

export const VERSION = /^v\d{1,2}\.0$/

/** As the platform reads a message: one without a type is a text. */
export function readSend(body: unknown): unknown {
  return isRecord(body) && !('type' in body) && !isReadMark(body) ? { ...body, type: 'text' } : body
}

export function isReadMark(body: unknown): boolean {
  return isRecord(body) && 'status' in body
}

/** Empty when nothing is wrong. */
export function inspect({ method, path, body }: Pick<Received, 'method' | 'path' | 'body'>): string[] {
  if (path === '/whatsapp_business/attachments') return method === 'GET' ? [] : [`no endpoint ${method} ${path}`]
  const [, version = '', id = '', edge, ...rest] = path.split('/')
  if (!VERSION.test(version)) return [`the path has no version: ${path}`]
  if (!/^\d+$/.test(id) || rest.length > 0) return [`no endpoint ${method} ${path}`]
  const schema = schemaOf(method, edge, body)
  if (schema === undefined) return [`no endpoint ${method} ${path}`]
  if (schema === null) return body === undefined ? [] : ['it takes no body']
  const { error } = schema.safeParse(edge === 'messages' ? readSend(body) : body)
  return (error?.issues ?? []).map(({ path: at, message }) => `${at.join('.') || 'body'}: ${message}`)
}

/** Undefined when there is no such endpoint, null when it takes no body. */
function schemaOf(method: string, edge: string | undefined, body: unknown): z.ZodType | null | undefined {
  switch (`${method} ${edge ?? ''}`.trim()) {
    case 'POST messages':
      return isReadMark(body) ? ReadRequest : SendRequest
    case 'POST media':
      return UploadRequest
    case 'POST block_users':
    case 'DELETE block_users':
      return BlockRequest
    case 'POST subscribed_apps':
      return body === undefined ? null : SubscribeRequest
    case 'GET':
    case 'DELETE':
    case 'GET block_users':
    case 'GET subscribed_apps':
    case 'GET message_templates':
      return null
    default:
      return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
