import { expect, test } from 'vitest'
import { ChannelId } from '../../../domain/ids.ts'
import { VISITOR_LIFE, createVisitorSigner, visitorName } from './visitor.ts'

const channel = ChannelId.parse('shop')
const other = ChannelId.parse('other')
const signer = createVisitorSigner('a secret of at least 16 bytes')
const now = 1_700_000_000_000

test('a signed visitor is known again for a year, on their channel and by this secret alone', () => {
  const visitor = signer.create(now)
  const cookie = signer.sign(channel, visitor.id, now)
  expect(signer.verify(channel, cookie, now)).toEqual(visitor)
  expect(signer.verify(channel, cookie, now + VISITOR_LIFE)).toEqual(visitor)
  expect(signer.verify(channel, cookie, now + VISITOR_LIFE + 1)).toBeNull()
  expect(signer.verify(channel, cookie, now - 60 * 60 * 1000)).toBeNull()
  expect(signer.verify(other, cookie, now)).toBeNull()
  expect(createVisitorSigner('another secret, as long').verify(channel, cookie, now)).toBeNull()
})

test('no changed or made-up cookie is taken', () => {
  const cookie = signer.sign(channel, signer.create(now).id, now)
  const stolen = signer.create(now).id
  const [, signed, mac] = cookie.split('.')
  for (const forged of [
    '',
    'x',
    cookie.slice(1),
    `${cookie}a`,
    `${stolen}.${signed}.${mac}`,
    `${stolen}.${signed}.`,
    undefined,
  ]) {
    expect(signer.verify(channel, forged, now)).toBeNull()
  }
  expect(() => createVisitorSigner('short')).toThrow('16 bytes')
})

test('it is signed anew after a month, and called by the same name', () => {
  const visitor = signer.create(now)
  expect([signer.isOld(visitor, now), signer.isOld(visitor, now + 31 * 24 * 60 * 60 * 1000)]).toEqual([false, true])
  expect(visitorName(visitor)).toBe(visitorName({ id: visitor.id }))
  expect(visitorName({ id: 'a' })).toMatch(/^訪客 \d{4}$/)
})
