import { describe, expect, it } from 'vitest'
import { conversationOf, deepLinkAmong, isOwnPage, outsideAddress } from './links.ts'

describe('links', () => {
  it('knows its own page by the whole origin', () => {
    const origin = 'http://127.0.0.1:4871'
    const asked = [
      'http://127.0.0.1:4871/inbox',
      'http://127.0.0.1:48710/',
      'http://127.0.0.1:4871.evil.example/',
      'http://evil.example/?http://127.0.0.1:4871',
      'http://127.0.0.1:4871@evil.example/',
      'file:///etc/passwd',
      'not a url',
    ]
    expect(asked.map((url) => isOwnPage(url, origin))).toEqual([true, false, false, false, false, false, false])
    expect(isOwnPage('http://127.0.0.1:4871/', null)).toBe(false)
  })

  it('lets only web and mail addresses out', () => {
    const asked = [
      'https://example.com/a?b=c',
      'http://example.com',
      'mailto:a@example.com',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'smb://share/x',
      'ms-msdt:/id',
      'https://bank.example@evil.example/',
      `https://example.com/${'a'.repeat(2048)}`,
      '',
    ]
    expect(asked.map(outsideAddress)).toEqual([
      'https://example.com/a?b=c',
      'http://example.com/',
      'mailto:a@example.com',
      ...Array.from({ length: 7 }, () => null),
    ])
  })

  it('takes a conversation only from a well-formed deep link', () => {
    const asked = [
      'countertop://conversation/0197-ab_C',
      'countertop://conversation/',
      'countertop://conversation/a/b',
      'countertop://conversation/a?x=1',
      'countertop://conversation/a%2Fb',
      'countertop://settings/a',
      'https://conversation/a',
    ]
    expect(asked.map(conversationOf)).toEqual(['0197-ab_C', null, null, null, null, null, null])
    expect(deepLinkAmong(['/opt/countertop', '--flag', 'countertop://conversation/a1'])).toBe('a1')
    expect(deepLinkAmong(['/opt/countertop'])).toBe(null)
  })
})
