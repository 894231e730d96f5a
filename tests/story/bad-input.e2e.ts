/** What must not go in, and what must do no harm: told by a code in both languages, shown inert, and nothing typed is lost. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromium } from 'playwright'
import type { Browser, Page } from 'playwright'
import { testChromium } from '../../build/setup/chromium.ts'
import { Counter, Customer } from '../world/counter.ts'
import { demoHubFolder, newFolder, startHub, startWorkstation } from '../world/places.ts'
import type { HubReady } from '../world/places.ts'
import type { Process } from '../world/process.ts'

let browser: Browser
let hub: Process<HubReady>
let workstation: Process<{ ready: true; url: string }>
beforeAll(async () => {
  browser = await chromium.launch(await testChromium())
  hub = await startHub(await demoHubFolder())
  workstation = await startWorkstation(await newFolder('workstation'), hub.url)
})
afterAll(async () => {
  await browser.close()
  await workstation.stop()
  await hub.stop()
})

const MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script><b>粗體</b>'
const MIXED = 'مرحبا بكم 👩‍👩‍👧 \u202Eabc\u202C 결제'

function member(role = 'cs_agent') {
  const account = hub.ready.accounts.find((one) => one.role === role)
  if (!account) throw new Error(`no ${role} in the demo team`)
  return account
}

async function page(locale: string, address: string): Promise<Page> {
  const context = await browser.newContext({ locale, viewport: { width: 1280, height: 800 } })
  const opened = await context.newPage()
  // A dialog would mean that something of a message ran.
  opened.on('dialog', (dialog) => {
    throw new Error(`a dialog appeared: ${dialog.message()}`)
  })
  await opened.goto(address)
  return opened
}

describe.each([
  ['zh-TW', '電子郵件', '密碼', '登入', '電子郵件或密碼不正確'],
  ['en-US', 'Email', 'Password', 'Sign in', 'The email or the password is not right'],
] as const)('signing in, %s', (locale, email, password, button, told) => {
  it('a wrong password is told, and what was typed stays', async () => {
    const at = await page(locale, workstation.url)
    if (locale === 'en-US') await at.getByRole('button', { name: 'English' }).click()
    await at.getByLabel(email).fill(member().email)
    await at.getByLabel(password, { exact: true }).fill('not the password')
    await at.getByRole('button', { name: button, exact: true }).click()
    await at.getByText(told).first().waitFor()
    expect(await at.getByLabel(email).inputValue()).toBe(member().email)
    await at.context().close()
  })
})

it('what a customer writes is shown as it was written and does nothing', async () => {
  const customer = new Customer(await page('zh-TW', hub.ready.webchat))
  await customer.write(MARKUP)
  await customer.write(MIXED)
  const counter = new Counter(await page('zh-TW', workstation.url))
  await counter.signIn(member().email, member().password)
  await counter.open(MIXED.slice(0, 5))
  await counter.shows(MARKUP)
  const shown = await counter.page.locator('article.theirs').allInnerTexts()
  expect(shown.some((text) => text.includes(MARKUP))).toBe(true)
  expect(shown.some((text) => text.includes('مرحبا بكم 👩‍👩‍👧') && text.includes('결제'))).toBe(true)
  expect(await counter.page.locator('article img, article script, article b').count()).toBe(0)
  expect(await counter.page.title()).toMatch(/Countertop 櫃檯$/)

  // A text of 100,000 characters is refused in place, with the figures, and kept through a reload.
  const long = '長'.repeat(100_000)
  await counter.composer.fill(long)
  await counter.page.getByText('最多 5,000 字，還要刪去 95,000 字').first().waitFor()
  await counter.composer.press('Enter')
  expect((await counter.composer.inputValue()).length).toBe(100_000)
  await expect.poll(() => draftSaved(counter.page), { timeout: 10_000 }).toBe(true)
  await counter.page.reload()
  await counter.composer.waitFor()
  expect(await counter.composer.inputValue()).toBe(long)
  await counter.composer.fill('')

  // Files: empty, too large, of a wrong kind; each is told beside its name, and the good one stays.
  const picker = counter.page.locator('input[type=file]')
  await picker.setInputFiles([
    { name: '空的.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) },
    { name: '程式.png', mimeType: 'image/png', buffer: Buffer.from('#!/bin/sh\nexit\n\u0000\u0001') },
    { name: '說明.txt', mimeType: 'text/plain', buffer: Buffer.from('營業時間：11:00–21:00') },
  ])
  const large = join(await newFolder('files'), 'large.pdf')
  await writeFile(large, Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(50 * 1024 * 1024)]))
  await picker.setInputFiles([large])
  for (const text of ['空的.txt', '程式.png', '說明.txt', 'large.pdf'])
    await counter.page.getByText(text).first().waitFor()
  await expect
    .poll(() => counter.page.getByLabel('要送出的檔案').locator('.failed').count(), { timeout: 20_000 })
    .toBe(3)
  await customer.page.context().close()
  await counter.page.context().close()
})

/** Whether the backend has taken the draft: the list shows it. */
async function draftSaved(at: Page): Promise<boolean> {
  return at.evaluate(async () => {
    const id = location.pathname.split('/').at(-1) ?? ''
    const answer = await fetch(`/api/conversations/${id}`)
    const view: { draftWhole?: { reply: string } } = await answer.json()
    return view.draftWhole?.reply.length === 100_000
  })
}
