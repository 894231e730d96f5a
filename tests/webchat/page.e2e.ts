/** The customer's page in a real browser, against a real hub: the network goes, the hub goes, nothing is lost or doubled. */
import { chromium } from 'playwright'
import type { Browser, BrowserContext, Page } from 'playwright'
import { AxeBuilder } from '@axe-core/playwright'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { ConversationId, MessageId } from '../../backend/domain/ids.ts'
import { channelId, startTestHub, teamId } from '../../backend/hub/channels/webchat/test-hub.ts'
import type { TestHub } from '../../backend/hub/channels/webchat/test-hub.ts'

let hub: TestHub
let browser: Browser
let context: BrowserContext
let page: Page
let scriptErrors: string[]

beforeAll(async () => {
  hub = await startTestHub()
  browser = await chromium.launch({
    executablePath: process.env['COUNTERTOP_CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
})
afterAll(async () => {
  await browser?.close()
  await hub?.stop()
})
beforeEach(async () => {
  context = await browser.newContext({ locale: 'zh-TW', viewport: { width: 375, height: 740 } })
  page = await open()
})
afterEach(async () => {
  await context.close()
  expect(scriptErrors).toEqual([])
})

async function open() {
  const opened = await context.newPage()
  scriptErrors = []
  opened.on('pageerror', (error) => scriptErrors.push(error.message))
  await opened.goto(`${hub.address}/chat/${channelId}`)
  return opened
}

async function write(text: string) {
  await page.fill('#text', text)
  await page.press('#text', 'Enter')
}

async function conversationId() {
  const [cookie] = await context.cookies(`${hub.address}/chat/`)
  return ConversationId.parse(`webchat-${cookie?.value.split('.')[0] ?? ''}`)
}

let answers = 0
async function answer(text: string) {
  const messageId = MessageId.parse(`answer-${(answers += 1)}`)
  await hub.member('message.send', {
    conversationId: await conversationId(),
    messageId,
    content: { kind: 'text', text },
  })
  return messageId
}

/** What the thread shows, in its order; `waiting` of them are not at the hub yet. */
const texts = () => page.locator('#log .text').allTextContents()
async function settled(expected: string[]): Promise<void> {
  const shown = async () => [await texts(), await page.locator('#waiting > li').count()]
  await expect.poll(shown, { timeout: 30_000 }).toEqual([expected, 0])
}

test('[CNV-10] a conversation across a cut network, a hub that goes and a page that is closed: each message once, in order', async () => {
  expect(await context.cookies()).toEqual([])
  await write('第一句')
  await settled(['第一句'])
  const read = await answer('第一個回覆')
  await settled(['第一句', '第一個回覆'])
  await expect.poll(async () => (await hub.core.row(teamId, 'message', read))?.delivery?.state).toBe('read')

  await context.setOffline(true)
  await page.locator('#banner', { hasText: '連線中斷，訊息會在恢復後送出' }).waitFor()
  await write('斷線時寫的')
  await write('還有這句')
  await answer('斷線時的回覆')
  await context.setOffline(false)
  await settled(['第一句', '第一個回覆', '斷線時的回覆', '斷線時寫的', '還有這句'])

  await hub.cut()
  await page.locator('#banner:not([hidden])').waitFor()
  await write('伺服器不在時寫的')
  await page.close()
  await hub.restart()
  page = await open()
  const all = ['第一句', '第一個回覆', '斷線時的回覆', '斷線時寫的', '還有這句', '伺服器不在時寫的']
  await settled(all)
  await page.reload()
  await settled(all)
  expect(await page.locator('#banner').isVisible()).toBe(false)
})

test('Enter does not send while an input method composes', async () => {
  await page.fill('#text', 'ㄋㄧˇ')
  await page.dispatchEvent('#text', 'keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true })
  expect(await page.inputValue('#text')).toBe('ㄋㄧˇ')
  await page.press('#text', 'Enter')
  await settled(['ㄋㄧˇ'])
})

test('what is too long stays in the box, and markup is shown as it was typed', async () => {
  await page.fill('#text', 'x'.repeat(100_000))
  await page.press('#text', 'Enter')
  await page.locator('#notice', { hasText: '100000' }).waitFor()
  expect((await page.inputValue('#text')).length).toBe(100_000)
  await page.reload()
  expect((await page.inputValue('#text')).length).toBe(100_000)
  const markup = '<img src=x onerror="document.title=1"> https://example.com/a?b=1。'
  await write(markup)
  await settled([markup])
  expect(await page.locator('#log img').count()).toBe(0)
  expect(await page.locator('#log a').getAttribute('href')).toBe('https://example.com/a?b=1')
})

test('files: a picture is shown, an empty one and a wrong type say why in both languages', async () => {
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg==',
    'base64',
  )
  await page.setInputFiles('#file', { name: '照片.png', mimeType: 'image/png', buffer: png })
  await page.locator('#thread .picture').waitFor()
  await page.setInputFiles('#file', { name: '空.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(0) })
  await page.locator('.why', { hasText: '「空.pdf」是空的檔案' }).waitFor()
  await page.setInputFiles('#file', {
    name: 'a.exe',
    mimeType: 'application/x-msdownload',
    buffer: Buffer.from([0x4d, 0x5a, 0, 0]),
  })
  await page.locator('.why', { hasText: '類型不能傳送' }).waitFor()
  await page.click('#language')
  await page.locator('.why', { hasText: 'cannot be sent' }).waitFor()
  await page.locator('.why', { hasText: 'is empty' }).waitFor()
})

test('the launcher on a shop’s own page opens the chat, shows what is unread, and closes by the keyboard', async () => {
  await write('您好')
  await settled(['您好'])
  const shop = await context.newPage()
  await shop.setViewportSize({ width: 1280, height: 800 })
  await shop.goto(`${hub.address}/shop?hub=${encodeURIComponent(hub.address)}`)
  await shop.getByRole('button', { name: '開啟線上客服' }).press('Enter')
  const frame = shop.frameLocator('iframe')
  await frame.locator('.text', { hasText: '您好' }).waitFor()
  await shop.bringToFront()
  await frame.locator('#text').press('Escape')
  await shop.getByRole('button', { name: '開啟線上客服' }).waitFor()
  await page.close()
  await answer('在的！')
  await shop.getByRole('button', { name: '開啟線上客服，1 則未讀' }).press('Enter')
  await frame.locator('.text', { hasText: '在的！' }).waitFor()
  await shop.getByRole('button', { name: '關閉線上客服' }).press('Enter')
  await shop.getByRole('button', { name: '開啟線上客服', exact: true }).waitFor()
})

test('axe finds nothing wrong, empty, full and failing', async () => {
  const problems = async () =>
    (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => [id, nodes[0]?.html])
  expect(await problems()).toEqual([])
  await write('您好')
  await settled(['您好'])
  await answer('您好！')
  await page.setInputFiles('#file', { name: '空.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(0) })
  await page.locator('.why').waitFor()
  expect(await problems()).toEqual([])
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(await problems()).toEqual([])
})
