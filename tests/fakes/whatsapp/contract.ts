/**
 * Meta's published contract of the WhatsApp Cloud API as a judge of requests, answers and webhooks: read from a folder
 * outside the project, corrected in memory (`corrections/`), its unions spelled out. The fake does not need it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'
import type { Correction } from './corrections/correction.ts'
import { corrections } from './corrections/corrections.ts'

type Part = Record<string, unknown>

export type WhatsAppContract = {
  /** What is wrong with a request; empty when nothing is. A form's files are not looked into. */
  request(method: string, path: string, body: unknown): string[]
  /** What is wrong with an answer to a request. */
  answer(method: string, path: string, status: number, body: unknown): string[]
  /** What is wrong with a webhook's body. */
  webhook(body: unknown): string[]
  /** Whether the endpoint is in the file. */
  has(method: string, path: string): boolean
  /** The file's own examples of messages to send and of webhooks, as corrected. */
  examples: { sends: Record<string, unknown>; webhooks: Record<string, unknown> }
}

const FILE = 'whatsapp/business-messaging-api_v23.0.yaml'
const WEBHOOKS = '/whatsapp/webhooks'
const SENDING = '/{Version}/{Phone-Number-ID}/messages'

/**
 * @param folder the folder of published contracts
 * @param fixes what is put right before it is used
 * @throws when the file is not there, or no longer has a place that a correction is for
 */
export function whatsappContract(folder: string, fixes: readonly Correction[] = corrections): WhatsAppContract {
  const document = asPart(parse(readFileSync(join(folder, FILE), 'utf8')))
  for (const fix of fixes) correct(document, fix)
  spellOutUnions(document)
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  // No format of JSON Schema, and the file's examples have placeholders in its place.
  ajv.addFormat('url', true)
  ajv.addSchema(document, 'file')
  const compiled = new Map<string, ValidateFunction>()

  /** Undefined when the file has no schema there. */
  function judge(place: readonly string[], value: unknown): string[] | undefined {
    if (find(document, place) === undefined) return undefined
    const pointer = place.map((key) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `file#/${pointer}` })
    compiled.set(pointer, validate)
    if (validate(value)) return []
    const errors = validate.errors ?? []
    // That no case of a union was met says less than what was wrong with the one that was meant.
    const telling = errors.filter(({ keyword }) => keyword !== 'anyOf' && keyword !== 'not')
    return (telling.length > 0 ? telling : errors).map(
      ({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
    )
  }

  /** Follows a reference at the place itself, which `answers` have. */
  function resolve(place: readonly string[]): readonly string[] {
    const found = find(document, place)
    const target = isPart(found) ? found['$ref'] : undefined
    return typeof target === 'string' ? target.replace('#/', '').split('/') : place
  }

  const operation = (method: string, path: string, answer?: unknown) => [
    ...['paths', template(method, path, answer), method.toLowerCase()],
  ]

  function examplesOf(path: string): Record<string, unknown> {
    const place = ['paths', path, 'post', 'requestBody', 'content', 'application/json', 'examples']
    return Object.fromEntries(
      Object.entries(asPart(find(document, place))).map(([name, example]) => [name, asPart(example)['value']]),
    )
  }

  return {
    request(method, path, body) {
      const place = operation(method, path)
      if (find(document, place) === undefined) return [`${method} ${path} is not in the contract`]
      if (find(document, [...place, 'requestBody']) === undefined) {
        return body === undefined ? [] : [`${method} ${path} takes no body`]
      }
      if (path.endsWith('/media')) {
        return judge([...place, 'requestBody', 'content', 'multipart/form-data', 'schema'], withoutFile(body)) ?? []
      }
      // Optional where the file does not say that it is required and no schema could refuse its absence.
      if (body === undefined && path.endsWith('/subscribed_apps')) return []
      return judge([...place, 'requestBody', 'content', 'application/json', 'schema'], body) ?? ['it takes no JSON']
    },
    answer(method, path, status, body) {
      const place = [...operation(method, path, body), 'responses']
      const stated = [String(status), 'default'].find((key) => find(document, [...place, key]) !== undefined)
      if (stated === undefined) return [`${method} ${path} never answers ${status}`]
      return judge([...resolve([...place, stated]), 'content', 'application/json', 'schema'], body) ?? []
    },
    webhook(body) {
      return judge(['components', 'schemas', 'WebhookPayload'], body) ?? ['the file has no webhook']
    },
    has(method, path) {
      return find(document, operation(method, path)) !== undefined
    },
    examples: { sends: examplesOf(SENDING), webhooks: examplesOf(WEBHOOKS) },
  }
}

/** The file's path for one that was called; where only a bare id follows the version, the answer tells of what. */
function template(method: string, path: string, answer: unknown): string {
  if (path.startsWith('/whatsapp_business/attachments')) return '/{Version}/{Media-URL}'
  const edge = /^\/v\d+\.0\/[^/]+\/([^/]+)$/.exec(path)?.[1]
  if (edge === 'message_templates' || edge === 'subscribed_apps') return `/{Version}/{WABA-ID}/${edge}`
  if (edge !== undefined) return `/{Version}/{Phone-Number-ID}/${edge}`
  const isPhoneNumber = method.toUpperCase() === 'GET' && isPart(answer) && !('url' in answer) && !('error' in answer)
  return isPhoneNumber ? '/{Version}/{Phone-Number-ID}' : '/{Version}/{Media-ID}'
}

function withoutFile(form: unknown): unknown {
  return isPart(form) ? { ...form, ...('file' in form && { file: '' }) } : form
}

/** @throws when the file has nothing at the place, or not what is to be put right */
function correct(document: Part, fix: Correction): void {
  const key = fix.at.at(-1) ?? ''
  const parent = find(document, fix.at.slice(0, -1))
  const gone = new Error(`the contract has changed: ${fix.at.join(' / ')}`)
  if (fix.what === 'put' || fix.what === 'remove') {
    if (Array.isArray(parent) && fix.what === 'put') parent[Number(key)] = fix.value
    else if (!isPart(parent)) throw gone
    else if (fix.what === 'put') parent[key] = fix.value
    else if (!(key in parent)) throw gone
    else delete parent[key]
    return
  }
  const list: unknown = find(document, fix.at)
  if (!Array.isArray(list) || !isPart(parent)) throw gone
  if (fix.what === 'add to the list') {
    parent[key] = [...list, ...fix.values]
    return
  }
  if (!fix.values.every((value) => list.includes(value))) throw gone
  parent[key] = list.filter((value) => !fix.values.includes(value))
}

/** JSON Schema knows no discriminators: without this every kind of a union takes whatever any of them takes. */
function spellOutUnions(document: Part): void {
  const schemas = asPart(find(document, ['components', 'schemas']))
  for (const [name, value] of Object.entries(schemas)) {
    if (isPart(value) && isPart(value['discriminator'])) {
      const { discriminator, oneOf, ...base } = value
      const union = cases(discriminator)
      if (oneOf !== undefined) {
        schemas[name] = { ...base, ...union }
        continue
      }
      // The kinds build on the base itself; everybody else means one of the kinds.
      const kinds = Object.values(asPart(asPart(discriminator)['mapping'])).map((at) => String(at).split('/').at(-1))
      const own = `#/components/schemas/${name}`
      for (const [other, schema] of Object.entries(schemas)) {
        if (!kinds.includes(other)) repoint(schema, own, `${own}.any`)
      }
      schemas[name] = base
      schemas[`${name}.any`] = { ...base, ...union }
    } else {
      spellOutInside(value)
    }
  }
}

function spellOutInside(value: unknown): void {
  if (!isPart(value) && !Array.isArray(value)) return
  for (const inner of Object.values(value)) spellOutInside(inner)
  if (isPart(value) && isPart(value['discriminator'])) Object.assign(value, cases(value['discriminator']))
}

function cases(discriminator: unknown): Part {
  const { propertyName, mapping, defaultMapping } = asPart(discriminator)
  const name = String(propertyName)
  const kinds = asPart(mapping)
  return {
    properties: { [name]: { enum: Object.keys(kinds) } },
    ...(defaultMapping === undefined && { required: [name] }),
    allOf: [
      ...Object.entries(kinds).map(([kind, $ref]) =>
        when({ properties: { [name]: { const: kind } }, required: [name] }, { $ref }),
      ),
      ...(defaultMapping === undefined ? [] : [when({ not: { required: [name] } }, { $ref: defaultMapping })]),
    ],
  }
}

/** The consequence holds, or the condition does not. */
function when(condition: Part, consequence: Part): Part {
  return { anyOf: [{ not: condition }, consequence] }
}

function repoint(value: unknown, from: string, to: string): void {
  if (!isPart(value) && !Array.isArray(value)) return
  if (isPart(value) && value['$ref'] === from) value['$ref'] = to
  for (const inner of Object.values(value)) repoint(inner, from, to)
}

function find(from: unknown, place: readonly string[]): unknown {
  let found = from
  for (const key of place) {
    if (Array.isArray(found)) found = found[Number(key)]
    else if (isPart(found)) found = found[key]
    else return undefined
  }
  return found
}

function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function asPart(value: unknown): Part {
  if (!isPart(value)) throw new Error('the contract has changed: not an object')
  return value
}
