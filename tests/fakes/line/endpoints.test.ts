import { HTTPFetchError, messagingApi } from '@line/bot-sdk'
import { afterEach, describe, expect, it } from 'vitest'
import { OUTGOING, PICTURE, playEverything } from './broad-run.ts'
import { ENDPOINTS, endpointOf } from './endpoints.ts'
import type { Endpoint } from './endpoints.ts'
import { ROUTES } from './handlers.ts'
import { startWorld, text, TOKEN } from './test-world.ts'
import type { World } from './test-world.ts'

let world: World
afterEach(() => world.close())

async function start(options: Parameters<typeof startWorld>[0] = {}) {
  world = await startWorld(options)
  return { ...world, ann: world.account.addUser({ name: 'Ann', isFriend: true }) }
}

const push = (to: string, messages: unknown[]) => world.call('POST', '/v2/bot/message/push', { to, messages })

describe('the fake’s endpoints', () => {
  it('are all in its table, and all take a valid request', async () => {
    ;({ world } = await playEverything())
    const { apiUrl } = world.line
    const idToken = world.account.idToken(world.account.addUser())
    const form = new URLSearchParams({ id_token: idToken, client_id: world.account.loginChannelId })
    expect((await fetch(`${apiUrl}/oauth2/v2.1/verify`, { method: 'POST', body: form })).status).toBe(200)
    const { account } = world
    const change = new URLSearchParams({
      grant_type: 'authorization_code',
      code: account.loginCodes.add('token', 'https://hub.example/f/back', account.now()),
      redirect_uri: 'https://hub.example/f/back',
      client_id: account.loginChannelId,
      client_secret: account.loginChannelSecret,
    })
    expect((await fetch(`${apiUrl}/oauth2/v2.1/token`, { method: 'POST', body: change })).status).toBe(200)
    for (const rest of ['content', 'content/preview', 'content/transcoding'])
      await world.data(`/v2/bot/message/1/${rest}`)
    expect(world.line.calls.invalid()).toEqual([])
    const called = world.line.calls
      .all()
      .map(({ method, path }) => endpointOf('api', method, path) ?? endpointOf('data', method, path))
    const table: Endpoint[] = Object.values(ENDPOINTS)
    expect(table.filter((endpoint) => !called.includes(endpoint))).toEqual([])
    expect(ROUTES.map(({ endpoint }) => endpoint)).toEqual(table.filter(({ isLogin }) => !isLogin))
  })

  it('answer LINE’s own client', async () => {
    const { ann, account, line } = await start()
    const config = { channelAccessToken: TOKEN, baseURL: line.apiUrl }
    const client = new messagingApi.MessagingApiClient(config)
    const { sentMessages } = await client.pushMessage(
      { to: ann.id, messages: [{ type: 'text', text: 'by the client' }] },
      '123e4567-e89b-12d3-a456-426614174000',
    )
    expect(account.messagesFor(ann).map(({ id }) => id)).toEqual(sentMessages.map(({ id }) => id))
    await client.linkRichMenuIdToUser(ann.id, account.addRichMenu('Menu'))
    await client.unlinkRichMenuIdFromUser(ann.id)
    expect(await client.getProfile(ann.id)).toEqual({ displayName: 'Ann', userId: ann.id, language: 'zh-Hant' })
    const blobs = new messagingApi.MessagingApiBlobClient({ channelAccessToken: TOKEN, baseURL: line.dataUrl })
    const { message } = account.send(ann, { type: 'image', bytes: Buffer.from('a picture') })
    let content = ''
    for await (const piece of await blobs.getMessageContent(message.id)) content += String(piece)
    expect(content).toBe('a picture')
    const failed: unknown = await client.getProfile(`U${'0'.repeat(32)}`).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(HTTPFetchError)
    expect(line.calls.invalid()).toEqual([])
  })

  it('ask for an account’s token, and belong to the account that has it', async () => {
    const { line, account } = await start()
    const other = line.addAccount({
      channelId: '2',
      channelSecret: 's',
      accessToken: 'other',
      webhookUrl: null,
      name: 'Other',
      basicId: '@other',
    })
    const info = (authorization: string) => world.call('GET', '/v2/bot/info', undefined, { authorization })
    expect((await info('Bearer other')).body).toMatchObject({ userId: other.userId, displayName: 'Other' })
    account.accessToken = null
    for (const header of [`Bearer ${TOKEN}`, 'Bearer x', 'other', '']) {
      const answer = await info(header)
      expect([answer.status, answer.body]).toEqual([401, { message: expect.stringMatching(/^Authentication failed/) }])
    }
    expect((await fetch(`${line.apiUrl}/v2/bot/info`)).status).toBe(401)
    expect(line.calls.invalid().map(({ problems }) => problems)).toEqual([['authorization: is missing']])
    expect(
      (await world.call('GET', '/v2/bot/channel/webhook/endpoint', undefined, { authorization: 'Bearer other' }))
        .status,
    ).toBe(404)
  })

  it('say where a request is wrong, in LINE’s form', async () => {
    const { ann, line } = await start()
    const answer = await push(ann.id, [text('fine'), text(''), { type: 'sticker', packageId: 'x', stickerId: '1' }])
    expect(answer.status).toBe(400)
    expect(answer.body).toEqual({
      message: 'The request body has 2 error(s)',
      details: [
        { message: 'May not be empty', property: 'messages[1].text' },
        { message: 'must be digits', property: 'messages[2].packageId' },
      ],
    })
    expect(line.calls.invalid()[0]?.problems).toEqual([
      'messages[1].text: May not be empty',
      'messages[2].packageId: must be digits',
    ])
  })

  it.each<[string, unknown]>([
    ['a text of 5,001 UTF-16 units', text('好'.repeat(5_001))],
    ['a text of 2,501 emojis', text('😀'.repeat(2_501))],
    ['an unknown field', { ...text('x'), colour: 'red' }],
    ['a picture over http', { ...PICTURE, previewImageUrl: 'http://hub.example/a.jpg' }],
    ['a picture whose address is not encoded', { ...PICTURE, originalContentUrl: 'https://hub.example/圖.jpg' }],
    [
      'a picture whose address is too long',
      { ...PICTURE, originalContentUrl: `https://hub.example/${'a'.repeat(2_000)}` },
    ],
    ['a sound without its length', { type: 'audio', originalContentUrl: 'https://hub.example/a.m4a' }],
    ['a place beyond the pole', { ...OUTGOING[6], latitude: 91 }],
    ['a template of no kind', { ...OUTGOING[7], template: { type: 'bogus' } }],
    [
      '14 quick replies',
      {
        ...text('x'),
        quickReply: { items: Array.from({ length: 14 }, () => ({ type: 'action', action: { type: 'camera' } })) },
      },
    ],
    ['a sender’s name of 21 characters', { ...text('x'), sender: { name: 'x'.repeat(21) } }],
  ])('refuse %s', async (_what, message) => {
    const { ann, account } = await start()
    expect((await push(ann.id, [message])).status).toBe(400)
    expect(account.messagesFor(ann)).toEqual([])
  })

  it('take a text of exactly 5,000 UTF-16 units', async () => {
    const { ann } = await start()
    expect((await push(ann.id, [text('好'.repeat(5_000)), text('😀'.repeat(2_500))])).status).toBe(200)
  })

  it('refuse what is no JSON, is of another kind, is too large, or is nowhere', async () => {
    const { line } = await start()
    const post = async (path: string, body: string, type = 'application/json') => {
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': type }
      const answer = await fetch(line.apiUrl + path, { method: 'POST', headers, body })
      const said: unknown = await answer.json()
      return [answer.status, said]
    }
    const path = '/v2/bot/message/push'
    expect(await post(path, '{"to"')).toEqual([
      400,
      { message: 'The request body could not be parsed as JSON (line: 1, column: 1)' },
    ])
    expect(await post(path, 'a=b', 'text/plain')).toEqual([
      415,
      { message: 'The content type, text/plain, is not supported' },
    ])
    expect(await post(path, `"${'x'.repeat(2 * 1024 * 1024)}"`)).toEqual([413, { message: 'Payload Too Large' }])
    expect(await post('/v2/bot/message/everything', '{}')).toEqual([404, { message: 'Not found' }])
    expect(line.calls.invalid()).toHaveLength(4)
  })

  it('know a profile only of friends, and members only of chats the account is in', async () => {
    const { ann, account, call } = await start()
    const stranger = account.addUser({ name: 'Stranger', pictureUrl: 'https://profile.example/s.png' })
    const group = account.addGroup({ name: 'Family', members: [ann, stranger] })
    const room = account.addRoom({ members: [stranger] })
    const get = async (path: string) => {
      const { status, body } = await call('GET', path)
      return status === 200 ? body : status
    }
    const profile = { displayName: 'Stranger', userId: stranger.id, pictureUrl: 'https://profile.example/s.png' }
    expect(await get(`/v2/bot/profile/${stranger.id}`)).toBe(404)
    account.follow(stranger)
    expect(await get(`/v2/bot/profile/${stranger.id}`)).toEqual({ ...profile, language: 'zh-Hant' })
    account.unfollow(stranger)
    expect(await get(`/v2/bot/profile/${stranger.id}`)).toBe(404)
    expect(await get(`/v2/bot/group/${group.id}/summary`)).toEqual({ groupId: group.id, groupName: 'Family' })
    expect(await get(`/v2/bot/group/${group.id}/member/${stranger.id}`)).toEqual(profile)
    expect(await get(`/v2/bot/room/${room.id}/member/${stranger.id}`)).toEqual(profile)
    expect(await get(`/v2/bot/room/${group.id}/member/${stranger.id}`)).toBe(404)
    account.memberLeft(group, stranger)
    expect(await get(`/v2/bot/group/${group.id}/member/${stranger.id}`)).toBe(404)
    account.leave(group)
    expect(await get(`/v2/bot/group/${group.id}/summary`)).toBe(404)
  })

  it('link rich menus to one user, to many, and to all', async () => {
    const { ann, account, call } = await start()
    const ben = account.addUser()
    const [first, second] = [account.addRichMenu('First'), account.addRichMenu('Second')]
    const shown = () => [account.menus.shownTo(ann.id), account.menus.shownTo(ben.id)]
    await call('POST', `/v2/bot/user/all/richmenu/${first}`)
    expect(shown()).toEqual([first, first])
    await call('POST', `/v2/bot/user/${ann.id}/richmenu/${second}`)
    expect(shown()).toEqual([second, first])
    const userIds = [ann.id, ben.id, `U${'0'.repeat(32)}`]
    expect((await call('POST', '/v2/bot/richmenu/bulk/link', { richMenuId: second, userIds })).status).toBe(202)
    expect(shown()).toEqual([second, second])
    await call('POST', '/v2/bot/richmenu/bulk/unlink', { userIds: [ben.id] })
    await call('DELETE', '/v2/bot/user/all/richmenu')
    expect(shown()).toEqual([second, null])
    await call('DELETE', `/v2/bot/user/${ann.id}/richmenu`)
    expect(shown()).toEqual([null, null])
    expect((await call('GET', `/v2/bot/user/${ann.id}/richmenu`)).status).toBe(404)
    expect((await call('POST', `/v2/bot/user/${ann.id}/richmenu/none`)).status).toBe(404)
    expect((await call('POST', '/v2/bot/richmenu/bulk/link', { richMenuId: 'none', userIds })).status).toBe(400)
  })

  it('mark a message as read by its token', async () => {
    const { ann, account, call } = await start()
    const { message } = account.send(ann, { type: 'text', text: 'hello?' })
    expect((await call('POST', '/v2/bot/chat/markAsRead', { markAsReadToken: 'made-up' })).status).toBe(400)
    expect(account.isRead(message.id)).toBe(false)
    await call('POST', '/v2/bot/chat/markAsRead', { markAsReadToken: message.markAsReadToken })
    expect(account.isRead(message.id)).toBe(true)
  })
})
