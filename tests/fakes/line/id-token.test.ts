import { afterEach, expect, it } from 'vitest'
import { startWorld } from './test-world.ts'
import type { World } from './test-world.ts'

let world: World
afterEach(() => world.close())

async function start() {
  world = await startWorld({ loginChannelId: '2000000001' })
  const { account, line } = world
  const ann = account.addUser({ name: 'Ann', pictureUrl: 'https://profile.example/ann.png' })
  const verify = async (id_token: string, more: Record<string, string> = {}) => {
    const body = new URLSearchParams({ id_token, client_id: '2000000001', ...more })
    const answer = await fetch(`${line.apiUrl}/oauth2/v2.1/verify`, { method: 'POST', body })
    const said: unknown = await answer.json()
    return [answer.status, said]
  }
  return { ...world, ann, verify }
}

const refused = (error_description: string) => [400, { error: 'invalid_request', error_description }]

it('LINE Login says whose an ID token is', async () => {
  const { account, ann, verify, clock } = await start()
  const iat = Math.floor(clock.now / 1_000)
  expect(await verify(account.idToken(ann, { nonce: 'n1' }), { nonce: 'n1', user_id: ann.id })).toEqual([
    200,
    {
      iss: 'https://access.line.me',
      sub: ann.id,
      aud: '2000000001',
      exp: iat + 3_600,
      iat,
      nonce: 'n1',
      amr: ['linesso'],
      name: 'Ann',
      picture: 'https://profile.example/ann.png',
    },
  ])
})

it('LINE Login refuses an ID token that is not good for who asks', async () => {
  const { account, ann, line, verify, clock } = await start()
  const token = account.idToken(ann, { nonce: 'n1' })
  expect(await verify(account.idToken(ann, { expired: true }))).toEqual(refused('IdToken expired.'))
  expect(await verify(token, { client_id: '2' })).toEqual(refused('Invalid IdToken Audience.'))
  expect(await verify(token, { nonce: 'n2' })).toEqual(refused('Invalid IdToken Nonce.'))
  expect(await verify(token, { user_id: account.userId })).toEqual(refused('Invalid IdToken Subject Identifier.'))
  const [header = '', , signature = ''] = token.split('.')
  const forged = { ...JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()), name: 'Eve' }
  const payload = Buffer.from(JSON.stringify(forged)).toString('base64url')
  for (const bad of ['x', 'a.b.c', `${token}.x`, `${header}.${payload}.${signature}`]) {
    expect(await verify(bad)).toEqual(refused('Invalid IdToken.'))
  }
  clock.now += 3_600_000
  expect(await verify(token)).toEqual(refused('IdToken expired.'))
  expect(line.calls.invalid()).toEqual([])
  expect(await verify('')).toEqual(refused('invalid request'))
  expect(line.calls.invalid()).toHaveLength(1)
})
