/**
 * LINE's published contract (OpenAPI, `messaging-api.yml` and `webhook.yml` of line-openapi) as a judge of requests, answers
 * and webhook bodies. Its discriminated unions are expanded first: as they stand, any `type` at all is valid.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import type { ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'
import { z } from 'zod'

export type LineContract = {
  /** Every endpoint, as `METHOD /path/{parameter}`. */
  endpoints: string[]
  /** What is wrong with a request; header names in small letters. */
  request(method: string, path: string, body: unknown, headers?: Record<string, string>): string[]
  /** What is wrong with the body of an answer. */
  answer(method: string, path: string, status: number, body: unknown): string[]
  /** What is wrong with a webhook's body; also any event of a type that is not in the contract yet. */
  webhook(body: unknown): string[]
}

const Schema = z.record(z.string(), z.unknown())
type Schema = z.infer<typeof Schema>
const Content = z.record(z.string(), z.looseObject({ schema: Schema }))
const Operation = z.looseObject({
  parameters: z.array(z.looseObject({ name: z.string(), in: z.string(), schema: Schema })).optional(),
  requestBody: z.looseObject({ required: z.boolean().optional(), content: Content }).optional(),
  responses: z.record(z.string(), z.looseObject({ content: Content.optional() })),
})
type Operation = z.infer<typeof Operation>
const Document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.looseObject({ schemas: z.record(z.string(), Schema) }),
})
const Discriminator = z.looseObject({ propertyName: z.string(), mapping: z.record(z.string(), z.string()) })

const METHODS = ['get', 'post', 'put', 'delete']
const SCHEMAS = '#/components/schemas/'
/** The name of a union's common part, once it stands apart from the union. */
const commonOf = (name: string) => `${name}~common`

/**
 * @param folder the one that has `line/`
 * @throws when the files are not there or are no such contract
 */
export function lineContract(folder: string): LineContract {
  const api = load(join(folder, 'line', 'messaging-api.yml'))
  const hook = load(join(folder, 'line', 'webhook.yml'))
  const webhookBody = hook.compile({ $ref: `${SCHEMAS}CallbackRequest` })

  return {
    endpoints: api.operations.map(({ method, path }) => `${method} ${path}`),
    request(method, path, body, headers = {}) {
      const operation = api.find(method, path)
      if (!operation) return [`there is no ${method} ${path}`]
      const problems = (operation.parameters ?? []).flatMap(({ name, in: where, schema }) => {
        const value = where === 'header' ? headers[name.toLowerCase()] : undefined
        return value === undefined ? [] : problemsOf(api.compile(schema), value, name)
      })
      const { requestBody } = operation
      if (body === undefined) return requestBody?.required ? [...problems, 'body: is missing'] : problems
      const schema = requestBody?.content['application/json']?.schema
      return [...problems, ...(schema ? problemsOf(api.compile(schema), body, 'body') : ['body: must not be there'])]
    },
    answer(method, path, status, body) {
      const operation = api.find(method, path)
      if (!operation) return [`there is no ${method} ${path}`]
      const answered = operation.responses[String(status)]
      // Of what goes wrong the contract names only some: all of it has one form.
      if (!answered && status < 400) return [`status: ${status} is not in the contract`]
      if (!answered) return problemsOf(api.compile({ $ref: `${SCHEMAS}ErrorResponse` }), body, 'answer')
      const schema = answered.content?.['application/json']?.schema
      return schema ? problemsOf(api.compile(schema), body, 'answer') : []
    },
    webhook: (body) => problemsOf(webhookBody, body, 'body'),
  }
}

function load(file: string) {
  const document = Document.parse(parse(readFileSync(file, 'utf8')))
  const ajv = addFormats.default(new Ajv({ strict: false, allErrors: true }))
  // Number formats are about a program's types; the contract's `uri` and others are about the text.
  ajv.addSchema({ $id: file, components: { schemas: expandUnions(document.components.schemas) } })
  const compiled = new Map<string, ValidateFunction>()
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => ({
      method: method.toUpperCase(),
      path,
      pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      operation: Operation.parse(item[method]),
    })),
  )
  // The more literal a path, the earlier: `/user/all/…` is meant before `/user/{userId}/…`.
  operations.sort((a, b) => a.path.split('{').length - b.path.split('{').length)
  return {
    operations,
    find(method: string, path: string): Operation | undefined {
      return operations.find((one) => one.method === method && one.pattern.test(path))?.operation
    },
    compile(schema: Schema): ValidateFunction {
      const key = JSON.stringify(schema)
      const known = compiled.get(key)
      if (known) return known
      const validate = ajv.compile(absolute(schema, file))
      compiled.set(key, validate)
      return validate
    },
  }
}

/** A schema that stands outside the document, with its references into it. */
function absolute(schema: Schema, id: string): Schema {
  return Schema.parse(
    JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
      key === '$ref' && typeof value === 'string' ? `${id}${value}` : value,
    ),
  )
}

/**
 * Makes `type` decide: a union becomes its common part and, for each type, the schema the mapping names; another type is
 * wrong. What a variant inherits is then only the common part, or it would ask for itself without end.
 */
function expandUnions(schemas: Record<string, Schema>): Record<string, Schema> {
  const expanded: Record<string, Schema> = { ...schemas }
  for (const [name, schema] of Object.entries(schemas)) {
    const found = Discriminator.safeParse(schema['discriminator'])
    if (!found.success) continue
    const { propertyName, mapping } = found.data
    expanded[commonOf(name)] = schema
    expanded[name] = {
      allOf: [
        { $ref: `${SCHEMAS}${commonOf(name)}` },
        {
          type: 'object',
          required: [propertyName],
          properties: { [propertyName]: { enum: Object.keys(mapping) } },
        },
        ...Object.entries(mapping).map(([type, $ref]) => onlyIf(propertyName, type, { $ref })),
      ],
    }
    for (const $ref of Object.values(mapping)) {
      const variant = $ref.slice(SCHEMAS.length)
      expanded[variant] = inheritCommon(expanded[variant] ?? {}, name)
    }
  }
  return expanded
}

/** Whose `property` is `value` must be of the schema: turned round, for an object with `then` looks like a promise. */
const onlyIf = (property: string, value: string, schema: Schema): Schema => ({
  if: { not: { required: [property], properties: { [property]: { const: value } } } },
  else: schema,
})

function inheritCommon(variant: Schema, union: string): Schema {
  const parts = z.array(Schema).safeParse(variant['allOf'])
  if (!parts.success) return variant
  const allOf = parts.data.map((part) =>
    part['$ref'] === `${SCHEMAS}${union}` ? { $ref: `${SCHEMAS}${commonOf(union)}` } : part,
  )
  return { ...variant, allOf }
}

function problemsOf(validate: ValidateFunction, value: unknown, what: string): string[] {
  if (validate(value)) return []
  return (validate.errors ?? [])
    .filter(({ keyword }) => keyword !== 'if')
    .map(({ instancePath, message, params }) => `${what}${instancePath}: ${message} ${JSON.stringify(params)}`)
}
