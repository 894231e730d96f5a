import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linkPieces } from './links.ts'

const links = (text: string): [string, string][] =>
  linkPieces(text).flatMap((piece) => (piece.href === null ? [] : [[piece.text, piece.href] as [string, string]]))

describe('links in a text', () => {
  it('finds web, mail and telephone, and what is shown is where it leads', () => {
    expect(
      links(
        '看 https://shop.example.com/a?b=1 或 www.example.org，寫信 mei@example.com，電話 0912-345-678 / (02) 2345-6789 / +886 912 345 678',
      ),
    ).toEqual([
      ['https://shop.example.com/a?b=1', 'https://shop.example.com/a?b=1'],
      ['www.example.org', 'http://www.example.org'],
      ['mei@example.com', 'mailto:mei@example.com'],
      ['0912-345-678', 'tel:0912345678'],
      ['(02) 2345-6789', 'tel:0223456789'],
      ['+886 912 345 678', 'tel:+886912345678'],
    ])
  })

  it('ends an address where Chinese goes on', () => {
    expect(links('請看https://example.com/order/12謝謝您')).toEqual([
      ['https://example.com/order/12', 'https://example.com/order/12'],
    ])
    expect(links('https://example.com。')).toEqual([['https://example.com', 'https://example.com']])
    expect(links('https://中文.tw/').length).toBe(1)
  })

  it('makes no link of scripts, data, files, other protocols, versions or order numbers', () => {
    const inert = [
      'javascript:alert(1)',
      'JaVaScRiPt://example.com/%0aalert(1)',
      'data:text/html,<script>alert(1)</script>',
      'vbscript:x',
      'file:///etc/passwd',
      'ftp://example.com/x',
      '//example.com/x',
      'blob:https://x',
      'v1.2.3 hi.ok 訂單 202611220001234 金額 12,000,000',
    ]
    expect(inert.flatMap(links).filter(([, href]) => !href.startsWith('https://'))).toEqual([])
    expect(inert.slice(0, 7).flatMap(links)).toEqual([])
    expect(links(inert[8]!)).toEqual([])
  })

  it('loses no character of any text and gives no other protocol', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string({ unit: 'binary-ascii', maxLength: 12 }),
            fc.constantFrom(
              'https://a.example/x?y=1',
              'http://中文.tw',
              'www.b.example',
              'mei@c.example',
              'javascript:',
              '//',
              '，',
              '0912345678',
              '👩‍👧',
              '\ud83d',
              'مرحبا',
            ),
          ),
          { maxLength: 8 },
        ),
        (parts) => {
          const text = parts.join('')
          const pieces = linkPieces(text)
          expect(pieces.map((piece) => piece.text).join('')).toBe(text)
          for (const { href } of pieces) if (href !== null) expect(href).toMatch(/^(https?:\/\/|mailto:|tel:)/i)
        },
      ),
      { numRuns: 60 },
    )
  })
})
