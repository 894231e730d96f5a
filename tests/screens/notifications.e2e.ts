/** The page of notification messages, in a browser, against a real hub: who sees what, keys that are shown once, and axe. */
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromium } from 'playwright'
import type { Browser, Page } from 'playwright'
import { z } from 'zod'
import { TeamId } from '../../backend/domain/ids.ts'
import { LINE, lineChannel } from '../../backend/hub/notifications/sample-notifications.ts'
import { openDatabase } from '../../backend/hub/store/database.ts'
import { testChromium } from '../../build/setup/chromium.ts'
import { coreOver } from '../world/hub-parts.ts'
import { demoHubFolder, newFolder, startHub, startWorkstation } from '../world/places.ts'

const WORDS = {
  'zh-Hant-TW': {
    language: '繁體中文',
    other: '換成其他成員',
    open: '開啟通知型訊息',
    title: 'LINE 通知型訊息',
    ended: '自 2026/07/01 起不再提供',
    name: '名稱',
    make: '建立金鑰',
    made: '新的金鑰',
    close: '已複製好，關閉',
    needs: '這個動作需要連線。',
    who: '管理員、主管、行銷人員',
    onlyAdmins: '只有管理員可以變更設定。',
  },
  en: {
    language: 'English',
    other: 'Switch to another member',
    open: 'Open notification messages',
    title: 'LINE notification messages',
    ended: 'No longer available since 2026/07/01',
    name: 'Name',
    make: 'Make a key',
    made: 'New key',
    close: 'I have it, close',
    needs: 'This needs a connection.',
    who: 'Admin, Supervisor, Marketer',
    onlyAdmins: 'Only admins can change these settings.',
  },
} as const
type Language = keyof typeof WORDS

let browser: Browser
let hub: Awaited<ReturnType<typeof startHub>>
let workstation: Awaited<ReturnType<typeof startWorkstation>>
beforeAll(async () => {
  const [found, folder, home] = await Promise.all([testChromium(), demoHubFolder(), newFolder('workstation')])
  await fill(folder)
  hub = await startHub(folder)
  workstation = await startWorkstation(home, hub.url)
  browser = await chromium.launch(found)
})
afterAll(async () => {
  await browser.close()
  await workstation.stop()
  await hub.stop()
})

/** Gives the demo team a LINE channel, and two weeks of notifications. */
async function fill(folder: string): Promise<void> {
  const database = await openDatabase({ folder: join(folder, 'database') })
  const { rows } = await database.executeSql(`select team_id from team limit 1`)
  const teamId = TeamId.parse(z.object({ team_id: z.string() }).parse(rows[0]).team_id)
  const core = coreOver(database.db)
  await core.importRows(teamId, [['channel', lineChannel(LINE, 'LINE 官方帳號')]])
  for (let day = 0; day < 14; day += 1) {
    const at = Date.now() - day * 24 * 60 * 60 * 1000
    for (const [means, n] of [
      ['push', 40 + day * 7],
      ['pnp', 1_200 - day * 30],
      ['sms', day * 3],
    ] as const) {
      await database.executeSql(
        `insert into notification_try
          (team_id, notification_id, means, channel_id, state, attempts, maybe, begun_at, accepted_at, delivered_at)
        select $1, $2 || n, $3, $4, 'accepted', 1, false, $5, $5, case when $3 = 'pnp' and n % 5 > 0 then $5::bigint end
        from generate_series(1, $6::int) as n`,
        [teamId, `${day}-`, means, LINE, at, n],
      )
    }
  }
  await database.close()
}

async function signIn(language: Language, role: string): Promise<Page> {
  const words = WORDS[language]
  const context = await browser.newContext({ viewport: { width: 1024, height: 700 }, reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.goto(workstation.url)
  await page.locator('input[type=password]').waitFor()
  if ((await page.locator('html').getAttribute('lang')) !== language)
    await page.getByRole('button', { name: words.language }).click()
  const other = page.getByRole('button', { name: words.other })
  if (await other.isVisible()) await other.click()
  const member = hub.ready.accounts.find((one) => one.role === role)
  await page.locator('input[type=email]').fill(member?.email ?? '')
  await page.locator('input[type=password]').fill(member?.password ?? '')
  await page.locator('button[type=submit]').click()
  await page.locator('a[href="/settings"]').click()
  await page.locator('#settings-notifications').waitFor()
  return page
}

/** What is seriously wrong with what the page shows now, in the light and in the dark. */
async function wrongOn(page: Page, screen: string): Promise<string[]> {
  const wrong: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.locator(`html[data-theme=${colorScheme}]`).waitFor()
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
    for (const { id, impact, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue
      wrong.push(`${screen}, ${colorScheme}: ${id}: ${nodes.map(({ target }) => target.join(' ')).join('; ')}`)
    }
  }
  return wrong
}

describe.each(Object.keys(WORDS) as Language[])('notification messages in %s', (language) => {
  const words = WORDS[language]

  it('[NTF-3] where the number of friends stood, says since when there is none, and keeps nobody out', async () => {
    const page = await signIn(language, 'admin')
    await page.getByRole('button', { name: words.open }).click()
    await page.getByRole('heading', { name: words.title, level: 1 }).waitFor()
    await page.locator('table tbody tr').first().waitFor()
    expect(await page.locator('dl .ended dd').textContent()).toContain(words.ended)
    expect(await page.locator('dl .ended dd').textContent()).not.toMatch(/^\s*0/)
    const wrong = await wrongOn(page, 'statistics and settings')

    await page.getByLabel(words.name, { exact: true }).fill('POS')
    await page.getByRole('button', { name: words.make }).click()
    const shown = page.getByRole('dialog').getByLabel(words.made)
    await shown.waitFor()
    expect(await page.getByRole('dialog').locator('input').inputValue()).toMatch(/^ct_[\w-]{43}$/)
    wrong.push(...(await wrongOn(page, 'a new key')))
    await page.getByRole('button', { name: words.close }).click()
    expect(await page.content()).not.toMatch(/ct_[\w-]{43}/)
    await page.getByText('POS').first().waitFor()
    expect(wrong).toEqual([])
    await page.context().close()
  })

  it('[ROL-4] who may not see it reads who may; who may only see it has no settings', async () => {
    const agent = await signIn(language, 'cs_agent')
    const entry = agent.locator('section', { has: agent.locator('#settings-notifications') })
    expect(await entry.textContent()).toContain(words.who)
    expect(await agent.getByRole('button', { name: words.open }).getAttribute('aria-disabled')).toBe('true')
    await agent.context().close()
    const marketer = await signIn(language, 'marketer')
    await marketer.getByRole('button', { name: words.open }).click()
    await marketer.locator('table tbody tr').first().waitFor()
    expect(await marketer.getByText(words.onlyAdmins).isVisible()).toBe(true)
    expect(await marketer.getByRole('button', { name: words.make }).count()).toBe(0)
    await marketer.context().close()
  })
})
