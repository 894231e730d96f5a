/** Keeps docs/protocol.md true: nothing on the wire is without a line there, and nothing there is not on the wire. */
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { ATTACHMENT_MAX, FILE_TYPES, isImageType } from '../../backend/domain/attachments.ts'
import { CAPABILITIES } from '../../backend/domain/channels/capabilities.ts'
import { FAILURES } from '../../backend/domain/channels/failures.ts'
import { KEYWORDS_MAX, KEYWORD_MAX, WELCOME_MAX } from '../../backend/domain/channels/settings.ts'
import { INSTEAD, REFUSALS, refuse } from '../../backend/domain/refusal.ts'
import { REPLY_FILE_MAX } from '../../backend/domain/replies/files.ts'
import { REPLY_TEXT_MAX } from '../../backend/domain/replies/save.ts'
import { ChannelKind, ROLES } from '../../backend/domain/rows.ts'
import { VALUE_MAX } from '../../backend/domain/templates/template.ts'
import { MESSAGE_TEXT_MAX } from '../../backend/domain/text.ts'
import { ATTEMPTS, WINDOW } from '../../backend/hub/accounts/limits.ts'
import { GRACE } from '../../backend/hub/accounts/session.ts'
import { SESSION_LIFE } from '../../backend/hub/accounts/sign-in.ts'
import { ACCESS_LIFE } from '../../backend/hub/accounts/token.ts'
import { statusOf } from '../../backend/hub/answer.ts'
import { CLOSE } from '../../backend/hub/sync/link.ts'
import { fingerprint } from '../../backend/sync/fingerprint.ts'
import { CLOSED_HELD_DAYS, FRAME_MAX, MESSAGES_HELD, PING_EVERY, PROTOCOL } from '../../backend/sync/protocol.ts'
import { PROTOCOL_MD, blocksOf, namesIn, tablesOf } from './document.ts'
import { fieldTables, memberCommands, variantTables } from './tables.ts'
import type { Field } from './tables.ts'

const all = tablesOf(PROTOCOL_MD)

/** The rows of the one table that is marked so. */
function rows(kind: string, of: string): string[][] {
  const found = all.filter((table) => table.kind === kind && table.of === of)
  if (found.length !== 1) throw new Error(`there are ${found.length} tables <!-- ${kind}: ${of} -->`)
  return found[0]!.rows
}

/** The first names of a table, each with the rest of its row. */
function byName(kind: string, of: string): Record<string, string[]> {
  return Object.fromEntries(rows(kind, of).map(([name, ...rest]) => [namesIn(name)[0], rest]))
}

/** What of a field is not in its row. */
function wrongs(name: string, field: Field, [type = '', meaning = '']: string[]): string[] {
  const wanted = [
    ...(type.startsWith(field.kind) ? [] : [`is of type ${field.kind}`]),
    ...(type.includes('or null') === field.isNullable ? [] : [field.isNullable ? 'may be null' : 'is never null']),
    ...(type.includes('optional') === field.isOptional ? [] : [field.isOptional ? 'is optional' : 'is always there']),
  ]
  // Long lists of values have a table of their own.
  const values = /see (below|the table)/.test(meaning) ? [] : field.values
  const missing = values.filter((value) => !namesIn(meaning).includes(value)).map((value) => `may be ${value}`)
  return [...wanted, ...missing].map((what) => `${name} ${what}`)
}

it('every request, frame, line and row has a table of exactly its fields, with their types', () => {
  const expected = fieldTables()
  const documented = all.filter(({ kind }) => kind === 'fields').map(({ of }) => of)
  expect(documented.toSorted()).toEqual(Object.keys(expected).toSorted())
  for (const [of, fields] of Object.entries(expected)) {
    const table = byName('fields', of)
    const names = Object.keys(table).toSorted()
    const wrong = Object.entries(fields).flatMap(([name, field]) => wrongs(name, field, table[name] ?? []))
    expect({ of, names, wrong }).toEqual({ of, names: Object.keys(fields).toSorted(), wrong: [] })
  }
})

it('every variant of a message, its author, its delivery and its content is there, with its fields', () => {
  for (const [of, variants] of Object.entries(variantTables())) {
    const table = byName('variants', of)
    const documented = Object.entries(table).map(([value, [fields]]) => [value, namesIn(fields).toSorted()])
    const sorted = Object.entries(variants).map(([value, fields]) => [value, fields.toSorted()])
    expect({ of, ...Object.fromEntries(documented) }).toEqual({ of, ...Object.fromEntries(sorted) })
  }
})

it('every command of members is there, with its arguments, and refusals that exist', () => {
  const expected = memberCommands()
  const table = byName('commands', 'all')
  const documented = Object.entries(table).map(([name, [args, offline]]) => [name, namesIn(args).toSorted(), offline])
  const wanted = Object.entries(expected).map(([name, { args, offline }]) => [
    name,
    Object.keys(args).toSorted(),
    offline,
  ])
  expect(documented.toSorted()).toEqual(wanted.toSorted())

  const args = byName('args', 'all')
  const used = Object.entries(expected).flatMap(([command, one]) =>
    Object.entries(one.args).map(([name, field]) => ({ command, name, field })),
  )
  expect(Object.keys(args).toSorted()).toEqual([...new Set(used.map(({ name }) => name))].toSorted())
  expect(
    used.flatMap(({ command, name, field }) => wrongs(`${command} ${name}`, { ...field, values: [] }, args[name]!)),
  ).toEqual([])

  const refused = byName('refused', 'all')
  expect(Object.keys(refused).toSorted()).toEqual(Object.keys(expected).toSorted())
  for (const code of Object.values(refused).flatMap(([codes]) => namesIn(codes)))
    expect(REFUSALS).toHaveProperty([code])
})

it('every code is there, with its parameters and its HTTP status', () => {
  const ofHub = byName('refusals', 'hub')
  const ofClients = byName('refusals', 'client')
  const documented = { ...ofHub, ...ofClients }
  expect(Object.keys(documented).toSorted()).toEqual(Object.keys(REFUSALS).toSorted())
  const params = Object.entries(documented).map(([code, [names]]) => [code, namesIn(names)])
  expect(Object.fromEntries(params)).toEqual(REFUSALS)
  for (const [code, names] of Object.entries(REFUSALS)) {
    const status = ofHub[code]?.[1]
    if (status === undefined) continue
    const refusal = {
      ...refuse('internal.error', {}),
      code,
      params: Object.fromEntries(names.map((name) => [name, ''])),
    }
    expect([code, Number(status)]).toEqual([code, statusOf(refusal as Parameters<typeof statusOf>[0])])
  }
})

it('every role, way out, file type, reason of a failure and close code is there', () => {
  expect(Object.keys(byName('values', 'Role'))).toEqual([...ROLES])
  expect(Object.keys(byName('values', 'Refusal.instead'))).toEqual([...INSTEAD])
  const types = Object.entries(byName('values', 'file types')).map(([type, [picture]]) => [type, picture === 'yes'])
  expect(types).toEqual(FILE_TYPES.map((type) => [type, isImageType(type)]))
  expect(Object.keys(byName('values', 'Failure'))).toEqual([...FAILURES])
  expect(Object.keys(byName('codes', 'close')).map(Number).toSorted()).toEqual(Object.values(CLOSE).toSorted())
})

it('what each kind of channel takes is what the rules ask', () => {
  const greets = { onFollow: 'when they add the account', onFirstMessage: 'with their first message', never: '' }
  const wanted = ChannelKind.options.map((kind) => {
    const { built, textMax, window, welcome } = CAPABILITIES[kind]
    const open = window ? [`${window.length / 3_600_000} hours`, window.after] : ['always', '']
    return [kind, [built ? 'yes' : '', textMax.toLocaleString('en'), ...open, greets[welcome]]]
  })
  expect(Object.entries(byName('values', 'ChannelKind'))).toEqual(wanted)

  const kinds = ['webchat', 'line', 'whatsapp'] as const
  expect([...kinds].toSorted()).toEqual(ChannelKind.options.filter((kind) => CAPABILITIES[kind].built).toSorted())
  const files = Object.entries(byName('values', 'file types')).map(([type, [, ...cells]]) => [type, cells])
  const mebibytes = (bytes = 0) => (bytes === 0 ? '' : `${bytes / 1024 / 1024} MiB`)
  expect(files).toEqual(
    FILE_TYPES.map((type) => [type, kinds.map((kind) => mebibytes(CAPABILITIES[kind].files[type]))]),
  )
})

it('the limits are what they are', () => {
  const minutes = (ms: number) => `${ms / 60_000} minutes`
  const units = (max: number) => `${max.toLocaleString('en')} UTF-16 units`
  const limits = Object.fromEntries(rows('limits', 'all').map(([limit, value]) => [limit, value]))
  expect(limits).toMatchObject({
    'a frame, either way': `${FRAME_MAX / 1024} KiB`,
    'a ping of the hub': `${PING_EVERY / 1000} s`,
    'messages of a conversation on a device': `${MESSAGES_HELD}`,
    'closed conversations on a device': `${CLOSED_HELD_DAYS} days`,
    'an attachment': `${ATTACHMENT_MAX / 1024 / 1024} MiB`,
    'a text': units(MESSAGE_TEXT_MAX),
    'a file of a saved reply': `${REPLY_FILE_MAX / 1024 / 1024} MiB`,
    'a text of a saved reply': `${REPLY_TEXT_MAX.toLocaleString('en')} characters`,
    'a value in a template': units(VALUE_MAX),
    'keywords of a bot': `${KEYWORDS_MAX}`,
    'a keyword': units(KEYWORD_MAX),
    'a greeting': units(WELCOME_MAX),
    [`wrong passwords for an address, in ${WINDOW / 60} minutes`]: `${ATTEMPTS.email}`,
    [`wrong passwords from an IP address, in ${WINDOW / 60} minutes`]: `${ATTEMPTS.ip}`,
    'an access token': minutes(ACCESS_LIFE),
    'the refresh token before the current one': `${GRACE / 1000} s`,
    'a session without a refresh': `${SESSION_LIFE / 86_400_000} days`,
  })
  expect(PROTOCOL_MD).toContain(`\nVersion ${PROTOCOL}. `)
})

it('every example says who sends it where its fence is not to be seen', () => {
  const lines = PROTOCOL_MD.split('\n')
  for (const { line, info } of blocksOf(PROTOCOL_MD)) {
    const [, way = ''] = info.split(' ')
    expect([line, lines[line - 3]]).toEqual([line, `_${way.replace('→', ' → ')}_`])
  }
})

it('the fingerprints are those of the text beside them, and of our own function', () => {
  for (const [name, args, text, hash] of rows('fingerprints', 'all').map((cells) => cells.flatMap(namesIn))) {
    expect(createHash('sha256').update(text!).digest('base64')).toBe(hash)
    expect(fingerprint(name!, JSON.parse(args!))).toBe(hash)
  }
})
