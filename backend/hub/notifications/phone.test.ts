import { describe, expect, it } from 'vitest'
import { localDigits, maskedPhone, normalisePhone } from './phone.ts'

describe('phone numbers', () => {
  it.each([
    ['0912345678', '+886912345678'],
    [' 0912-345-678 ', '+886912345678'],
    ['+886 912 345 678', '+886912345678'],
    ['+886-0912345678', '+886912345678'],
    ['(02) 2345-6789', '+886223456789'],
    ['+81 90-1234-5678', '+819012345678'],
    ['+1 415 555 2671', '+14155552671'],
    ['０９１２３４５６７８', '+886912345678'],
  ])('[NTF-1] %s is %s', (given, phone) => {
    expect(normalisePhone(given)).toBe(phone)
  })

  it.each([
    '',
    '0',
    '12345',
    '091234567',
    '09123456789',
    '+886',
    '+999123456789',
    'call 0912345678',
    '0912345678 ext. 5',
    '0912345678;1',
    'U0123456789abcdef',
    '\u0000',
    '9'.repeat(99),
  ])('[NTF-1] %j is none', (given) => {
    expect(normalisePhone(given)).toBeNull()
  })

  it('are dialled without the country’s code at home', () => {
    expect(localDigits('+886912345678')).toBe('0912345678')
    expect(localDigits('+819012345678')).toBe('09012345678')
  })

  it('are known by their owner by three digits', () => {
    expect(maskedPhone('+886912345678')).toBe('••••••678')
  })
})
