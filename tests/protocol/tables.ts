/** What the tables of docs/protocol.md have to say, taken from the schemas, codes and commands themselves. */
import { z } from 'zod'
import { commands } from '../../backend/domain/commands.ts'
import { Content } from '../../backend/domain/messages/content.ts'
import { Refusal } from '../../backend/domain/refusal.ts'
import {
  Author,
  Body,
  Delivery,
  Event,
  LastMessage,
  ReplyMessage,
  Visibility,
  tables,
} from '../../backend/domain/rows.ts'
import { TemplateComponents } from '../../backend/domain/templates/components.ts'
import * as protocol from '../../backend/sync/protocol.ts'

/** One field as a table shows it: `kind` is how its type begins, `values` are all it may be. */
export type Field = { kind: string; isNullable: boolean; isOptional: boolean; values: string[] }
export type Fields = Record<string, Field>

const Json = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).default([]),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  enum: z.array(z.string()).optional(),
  const: z.unknown().optional(),
})
type Json = z.infer<typeof Json>

function jsonOf(schema: z.ZodType): Json {
  return Json.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'throw' }))
}

function fieldOf(described: unknown, isOptional: boolean): Field {
  const json = Json.parse(described)
  const either = json.anyOf?.map((one) => Json.parse(one)) ?? [json]
  const types = either.flatMap((one) => (one.oneOf ? ['object'] : [one.type ?? 'any'].flat()))
  const solid = [...new Set(types.filter((type) => type !== 'null'))]
  const values = either.flatMap((one) => one.enum ?? [])
  return { kind: solid.join(' or '), isNullable: types.includes('null'), isOptional, values }
}

function fieldsOf({ properties = {}, required }: Json, without?: string): Fields {
  const fields = Object.entries(properties).filter(([name]) => name !== without)
  return Object.fromEntries(fields.map(([name, one]) => [name, fieldOf(one, !required.includes(name))]))
}

/** The variants of a union by the value of `tag`, each with its other fields. */
function variantsOf(schema: z.ZodType, tag: string): Record<string, Fields> {
  const variants = (jsonOf(schema).oneOf ?? []).map((one) => Json.parse(one))
  return Object.fromEntries(
    variants.flatMap((one) => {
      const { const: value, enum: values = [] } = Json.parse(one.properties?.[tag])
      return (value === undefined ? values : [String(value)]).map((name) => [name, fieldsOf(one, tag)])
    }),
  )
}

/** Every table of fields there has to be, by what the comment before it names. */
export function fieldTables(): Record<string, Fields> {
  const expected: Record<string, Fields> = {}
  for (const [name, schema] of Object.entries(tables)) expected[`row ${name}`] = fieldsOf(jsonOf(schema))
  const plain = { ...protocol, Refusal, LastMessage, TemplateComponents }
  for (const [name, schema] of Object.entries(plain)) {
    if (!(schema instanceof z.ZodType)) continue
    const json = jsonOf(schema)
    if (json.properties) expected[name] = fieldsOf(json)
    else if (json.oneOf) {
      for (const [type, fields] of Object.entries(variantsOf(schema, 'type'))) expected[`${name}.${type}`] = fields
    }
  }
  return expected
}

/** Every table of variants, by union and tag. */
export function variantTables(): Record<string, Record<string, string[]>> {
  const { header, buttons } = TemplateComponents.shape
  const unions = [
    ['Author', Author, 'type'],
    ['Event', Event, 'type'],
    ['Body', Body, 'kind'],
    ['Content', Content, 'kind'],
    ['Delivery', Delivery, 'state'],
    ['Header', header.unwrap(), 'kind'],
    ['Button', buttons.element, 'kind'],
    ['ReplyMessage', ReplyMessage, 'kind'],
    ['Visibility', Visibility, 'to'],
  ] as const
  return Object.fromEntries(
    unions.map(([name, schema, tag]) => {
      const variants = Object.entries(variantsOf(schema, tag))
      return [`${name} ${tag}`, Object.fromEntries(variants.map(([value, fields]) => [value, Object.keys(fields)]))]
    }),
  )
}

/** Every command that a member may give, with its arguments. */
export function memberCommands(): Record<string, { offline: string; args: Fields }> {
  const own = Object.values(commands).filter(({ by }) => by === 'member')
  return Object.fromEntries(
    own.map(({ name, offline, args }) => [
      name,
      { offline: offline === 'queue' ? 'yes' : 'no', args: fieldsOf(jsonOf(args)) },
    ]),
  )
}
