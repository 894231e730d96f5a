import { describe, expect, it } from 'vitest'
import { SMS_FIELDS_USUAL, missingPlaceholders } from '../../backend/domain/notifications/limits.ts'
import { fieldLines, readFields } from './sms-fields.ts'

describe('the fields of a SMS provider', () => {
  it('are lines that read back as they were', () => {
    const fields = { mobile: '{local}', message: '【好日子】{text} a=b', order: '{reference}' }
    expect(readFields(fieldLines(fields))).toEqual(fields)
    expect(readFields(fieldLines(SMS_FIELDS_USUAL))).toEqual(SMS_FIELDS_USUAL)
  })

  it('may have blanks around them and lines between them', () => {
    expect(readFields(' to = {to} \n\n text={text}')).toEqual({ to: '{to}', text: '{text}' })
  })

  it.each(['to', '={to}', 'to={to}\nto={text}', '{"to": 1}'])('%j is no list of fields', (lines) => {
    expect(readFields(lines)).toBeNull()
  })

  it('need number, text and reference, whichever way the number is written', () => {
    expect(missingPlaceholders({})).toEqual(['{to}', '{text}', '{reference}'])
    expect(missingPlaceholders({ a: '{local} {text}', b: '{reference}' })).toEqual([])
    expect(missingPlaceholders(SMS_FIELDS_USUAL)).toEqual([])
  })
})
