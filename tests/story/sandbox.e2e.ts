/**
 * A member at the workstation and customers on the sandbox's phones, over real processes: what the one side does, the
 * other sees, and every request that the platforms' stand-ins got was one that the platforms would take.
 */
import { AxeBuilder } from '@axe-core/playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromium } from 'playwright'
import type { Browser, BrowserContext, Page } from 'playwright'
import { testChromium } from '../../build/setup/chromium.ts'
import { samplePicture } from '../fakes/sandbox/samples.ts'
import { Phone, startDemo } from '../fakes/sandbox/player.ts'
import type { Demo } from '../fakes/sandbox/player.ts'
import { lineContract } from '../fakes/line/contract.ts'
import { whatsappContract } from '../fakes/whatsapp/contract.ts'
import { Counter } from '../world/counter.ts'
import { demoHubFolder, newFolder, startHub, startWorkstation } from '../world/places.ts'
import { until } from '../world/until.ts'

const contracts = process.env['COUNTERTOP_CONTRACTS'] ?? ''

let browser: Browser
let demo: Demo
let workstation: Awaited<ReturnType<typeof startWorkstation>>
let context: BrowserContext
let counter: Counter
let sandbox: Page
/** What the pages complained of. */
const complaints: string[] = []

beforeAll(async () => {
  const [found, home] = await Promise.all([testChromium(), newFolder('workstation')])
  demo = await startDemo()
  workstation = await startWorkstation(home, demo.hub.url)
  browser = await chromium.launch(found)
  context = await browser.newContext({ locale: 'zh-TW', viewport: { width: 1920, height: 1080 } })
  sandbox = await context.newPage()
  sandbox.on('pageerror', ({ message }) => complaints.push(message))
  await sandbox.goto(demo.url)
  await sandbox.getByText('示範中樞已連線').waitFor()
  counter = new Counter(await context.newPage())
  await counter.page.goto(workstation.url)
  const agent = demo.hub.ready.accounts.find(({ role }) => role === 'cs_agent')
  await counter.signIn(agent?.email ?? '', agent?.password ?? '')
})
afterAll(async () => {
  await browser.close()
  await workstation.stop()
  await demo.stop()
})

const bubble = (text: string) => counter.page.locator('article[data-ordinal]').filter({ hasText: text })

/** Opens the conversation that waits with this text, and takes it. */
async function take(text: string): Promise<void> {
  await counter.page.getByRole('button', { name: '待處理' }).first().click()
  await counter.open(text)
  await counter.page.getByRole('button', { name: '跟進' }).first().click()
  await counter.page.getByText('你跟進').first().waitFor()
}

/** Sends a picture from the composer. */
async function replyWithPicture(n: number): Promise<void> {
  const { name, mime, bytes } = samplePicture(n)
  const picker = counter.page.locator('input[type=file]').first()
  await picker.setInputFiles({ name, mimeType: mime, buffer: bytes })
  await counter.page.getByRole('button', { name: `移除 ${name}` }).waitFor()
  await counter.page.getByRole('button', { name: '送出', exact: true }).click()
}

const hasLoaded = (page: Page, selector: string) => async () => {
  const images = page.locator(selector)
  return (await images.count()) > 0 && images.last().evaluate((one: HTMLImageElement) => one.naturalWidth > 0)
}

describe('customers on the sandbox’s phones', () => {
  it('[CNV-10] a LINE customer converses, unsends, blocks and follows again; what failed says why and is sent again', async () => {
    const phone = new Phone(sandbox, 'LINE')
    await phone.be('林怡君')
    await phone.write('請問今天營業到幾點？')
    await take('請問今天營業到幾點？')
    await counter.reply('您好，營業到晚上九點。')
    await phone.sees('您好，營業到晚上九點。')
    await counter.lastStateIs('已送出')

    // Pictures both ways.
    await phone.sample('照片')
    await until('the picture is on the workstation', hasLoaded(counter.page, 'article.theirs img'))
    await replyWithPicture(3)
    await until('the picture is on the phone', hasLoaded(sandbox, '#phone-line .entry.shop img'))

    await phone.sample('貼圖')
    await bubble('謝謝').first().waitFor()
    await phone.sample('位置')
    await bubble('台北 101').first().waitFor()

    // What is taken back is gone at the counter too.
    await phone.write('打錯字了')
    await bubble('打錯字了').first().waitFor()
    await phone.entry('打錯字了').getByRole('button', { name: '收回' }).click()
    await bubble('客人已收回訊息').first().waitFor()
    await bubble('打錯字了').first().waitFor({ state: 'detached' })

    await phone.failNext('額度用完')
    await counter.reply('這則要傳兩次。')
    await counter.page.getByText('訊息額度或餘額已用完').first().waitFor()
    await counter.lastStateIs('失敗')
    expect(await phone.answers()).not.toContain('這則要傳兩次。')
    await counter.page.getByRole('button', { name: '重新傳送' }).click()
    await phone.sees('這則要傳兩次。')
    await counter.lastStateIs('已送出')

    await phone.does('封鎖')
    await counter.page.getByText('客人已封鎖這個帳號').first().waitFor()
    expect(await counter.composer.count()).toBe(0)
    await phone.does('解除封鎖')
    await counter.composer.waitFor()
    await counter.reply('歡迎回來！')
    await phone.sees('歡迎回來！')
    expect((await phone.answers()).filter((text) => text !== '')).toEqual([
      '您好，營業到晚上九點。',
      '這則要傳兩次。',
      '歡迎回來！',
    ])
  })

  it('a LINE group is one conversation in which everybody has their name', async () => {
    const phone = new Phone(sandbox, 'LINE 群組')
    await phone.actAs('林怡君')
    await phone.write('大家要一起買嗎？')
    await take('大家要一起買嗎？')
    await phone.actAs('王淑芬')
    await phone.write('我要兩個！')
    await bubble('我要兩個！').first().waitFor()
    const names = counter.page.locator('article[data-ordinal] .author')
    await names.filter({ hasText: '林怡君' }).first().waitFor()
    await names.filter({ hasText: '王淑芬' }).first().waitFor()
    await counter.reply('好的，三組有優惠。')
    await phone.sees('好的，三組有優惠。')

    await phone.does('讓官方帳號離開群組')
    await counter.page.getByText('官方帳號已不在這個群組').first().waitFor()
    await phone.does('把官方帳號加入群組')
    await counter.composer.waitFor()
  })

  it('[CNV-9] [CNV-10] a WhatsApp customer converses; after 24 hours only a template goes, until they write again', async () => {
    const phone = new Phone(sandbox, 'WhatsApp')
    await phone.be('張家豪')
    await phone.write('Do you ship overseas?')
    await take('Do you ship overseas?')
    await counter.reply('Yes, we do.')
    await phone.sees('Yes, we do.')
    await counter.lastStateIs('已送達')
    await phone.entry('Yes, we do.').getByRole('button', { name: '設為已讀' }).click()
    await counter.lastStateIs('已讀')

    await phone.does('24 小時過去')
    await phone.sees('24 小時過去了')
    await counter.page.getByText('目前不能回覆').waitFor()
    expect(await counter.composer.count()).toBe(0)
    await counter.page.getByRole('button', { name: '傳送訊息範本' }).first().click()
    await counter.page.getByRole('combobox', { name: '以名稱或內容尋找' }).fill('store_hours')
    await counter.page.getByRole('button', { name: '傳送', exact: true }).click()
    await phone.sees('歡迎隨時來店或在此留言')
    await counter.lastStateIs('已送達')

    // A tap on its button is a message of the customer's: the window is open again.
    await phone.does('我要預約')
    await bubble('我要預約').last().waitFor()
    await counter.composer.waitFor()
    await counter.reply('Which day suits you?')
    await phone.sees('Which day suits you?')
  })

  it('a number that is not shown is no obstacle', async () => {
    const phone = new Phone(sandbox, 'WhatsApp')
    await phone.be('茶茶')
    await phone.write('請問有茶具嗎？')
    await take('請問有茶具嗎？')
    await counter.reply('有的，兩種。')
    await phone.sees('有的，兩種。')
  })

  it('a sandbox that forgot everything goes on where the hub is', async () => {
    const group = new Phone(sandbox, 'LINE 群組')
    await group.does('讓官方帳號離開群組')
    await counter.page.getByRole('button', { name: '處理中' }).first().click()
    await counter.page.getByRole('option').filter({ hasText: '週末揪團買' }).first().click()
    await counter.page.getByText('官方帳號已不在這個群組').first().waitFor()
    await checkRecord(demo)
    await demo.restart()
    await sandbox.goto(demo.url)
    await sandbox.getByText('示範中樞已連線').waitFor()
    await group.does('把官方帳號加入群組')
    await group.write('我們回來了')
    const phone = new Phone(sandbox, 'WhatsApp')
    await phone.be('茶茶')
    await phone.whole.getByText('可自由回覆到').waitFor()
    await counter.open('有的，兩種。')
    await counter.reply('還有其他問題嗎？')
    await phone.sees('還有其他問題嗎？')
  })
})

describe('the sandbox’s page', () => {
  beforeAll(async () => {
    for (const app of ['LINE', 'LINE 群組', 'WhatsApp'] as const) {
      const phone = new Phone(sandbox, app)
      if (app === 'WhatsApp') await phone.be('張家豪')
      await phone.write('還有貨嗎？')
      for (const what of ['照片', '檔案', '語音', '貼圖', '位置'] as const) await phone.sample(what)
      await phone.sees('台北 101')
      // What is done quickly comes in its order.
      const kinds = ['text', 'image', 'file', 'audio', 'sticker', 'location']
      const bubbles = phone.whole.locator('.entry.mine .bubble')
      const classes = await bubbles.evaluateAll((all) => all.map(({ className }) => className))
      expect(classes.slice(-kinds.length)).toEqual(kinds.map((kind) => `bubble holds-${kind}`))
    }
  })

  it.each([
    ['zh-TW', 'light', 1024],
    ['zh-TW', 'dark', 1920],
    ['en-US', 'light', 1920],
    ['en-US', 'dark', 1024],
  ] as const)('has nothing that keeps anybody out: %s, %s, %i wide', async (locale, colorScheme, width) => {
    const own = await browser.newContext({ locale, colorScheme, viewport: { width, height: 760 } })
    const page = await own.newPage()
    await page.goto(demo.url)
    await page.locator('#hub.good').waitFor()
    await page.locator('.phone .entry').first().waitFor({ state: 'attached' })
    const wrong: string[] = []
    const tabs = page.locator('#switcher button:visible')
    for (let at = 0; at < Math.max(1, await tabs.count()); at += 1) {
      if ((await tabs.count()) > 0) await tabs.nth(at).click()
      const { violations } = await new AxeBuilder({ page }).exclude('iframe').setLegacyMode().analyze()
      wrong.push(
        ...violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join('; ')}`),
      )
    }
    expect(wrong).toEqual([])
    // Nothing is cut off sideways.
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    await own.close()
  })

  it('works by keyboard alone, and forgets no language', async () => {
    const own = await browser.newContext({ locale: 'zh-TW', viewport: { width: 1920, height: 1080 } })
    const page = await own.newPage()
    await page.goto(demo.url)
    const phone = page.getByRole('region', { name: 'LINE', exact: true })
    const opener = phone.getByRole('button', { name: '傳送其他內容' })
    await opener.focus()
    await page.keyboard.press('Enter')
    await phone.getByRole('menuitem', { name: '照片' }).and(page.locator(':focus')).waitFor()
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowUp')
    const before = await phone.locator('.entry').count()
    await phone.getByRole('menuitem', { name: '位置' }).and(page.locator(':focus')).waitFor()
    await page.keyboard.press('Enter')
    await until('the location is in the thread', async () => (await phone.locator('.entry').count()) > before)
    await opener.and(page.locator(':focus')).waitFor()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    await opener.and(page.locator(':focus')).waitFor()
    await page.getByRole('button', { name: 'Switch to English' }).click()
    await page.reload()
    await page.getByRole('heading', { name: 'Sandbox' }).waitFor()
    await own.close()
  })
})

it(`every request was valid, and every webhook${contracts === '' ? ' (COUNTERTOP_CONTRACTS names no folder: the published files were left out)' : ', by the published files too'}`, async () => {
  await checkRecord(demo)
  expect(complaints).toEqual([])
})

it('only a demo hub on loopback with a token lets time go by', async () => {
  const folder = await demoHubFolder()
  const env = { COUNTERTOP_DEMO: '1', COUNTERTOP_DEMO_TOKEN: 'token-of-this-test' }
  const withToken = { headers: { authorization: 'Bearer token-of-this-test' } }
  const answers: number[] = []
  for (const one of [
    env,
    { ...env, COUNTERTOP_TRUST_PROXY: '1' },
    { ...env, COUNTERTOP_HOST: '0.0.0.0' },
    { COUNTERTOP_DEMO: '1' },
    { COUNTERTOP_DEMO_TOKEN: 'token-of-this-test' },
  ]) {
    const hub = await startHub(folder, 0, one)
    const url = new URL('/demo/customers', hub.url)
    url.hostname = '127.0.0.1'
    answers.push((await fetch(url, withToken)).status)
    await hub.stop()
  }
  expect(answers).toEqual([200, 404, 404, 404, 404])
})

async function checkRecord({ record }: Demo): Promise<void> {
  const { line, whatsapp, sms } = await record()
  const invalid = [line, whatsapp, sms].flatMap(({ calls }) => calls.filter(({ problems }) => problems.length > 0))
  expect(invalid).toEqual([])
  expect(line.calls.length + whatsapp.calls.length).toBeGreaterThan(0)
  if (contracts === '') return
  const [ofLine, ofWhatsApp] = [lineContract(contracts), whatsappContract(contracts)]
  const wrong = [
    ...line.calls.map((call) => ofLine.request(call.method, call.path, call.body, call.headers)),
    ...line.webhooks.map((body) => ofLine.webhook(body)),
    ...whatsapp.calls.map(({ method, path, body }) => ofWhatsApp.request(method, path, body)),
    ...whatsapp.webhooks.map((body) => ofWhatsApp.webhook(body)),
  ]
  expect(wrong.flat()).toEqual([])
}
