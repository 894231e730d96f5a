/** For tests: the sandbox as a process beside a demo hub, and somebody who plays its phones, in words of the screen. */
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright'
import { z } from 'zod'
import { choosePort } from '../../../build/run/port.ts'
import { Process } from '../../world/process.ts'
import { demoHubFolder, startHub } from '../../world/places.ts'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))
const TOKEN = 'token-of-the-sandbox-tests'

const Ready = z.object({
  ready: z.literal(true),
  url: z.string(),
  addresses: z.object({ line: z.string(), lineData: z.string(), graph: z.string(), publicUrl: z.string() }),
})
const calls = z.array(
  z.object({
    method: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.unknown().optional(),
    status: z.number().nullable(),
    problems: z.array(z.string()),
  }),
)
const Recorded = z.object({
  line: z.object({ calls, webhooks: z.array(z.unknown()) }),
  whatsapp: z.object({ calls, webhooks: z.array(z.unknown()) }),
  sms: z.object({ calls }),
})
export type Recorded = z.infer<typeof Recorded>

export type Demo = {
  hub: Awaited<ReturnType<typeof startHub>>
  /** The page's address. */
  url: string
  /** Everything the platforms were asked and told. */
  record(): Promise<Recorded>
  /** Ends the hub and starts it again with what it has kept. */
  restartHub(): Promise<void>
  /** Ends the sandbox, which forgets everything, and starts both again. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** A demo hub, and the sandbox it takes for LINE and WhatsApp. */
export async function startDemo(): Promise<Demo> {
  const folder = await demoHubFolder()
  const port = await choosePort(undefined, [])
  const openSandbox = () =>
    Process.start(MAIN, ['--hub', `http://127.0.0.1:${port}`], { COUNTERTOP_DEMO_TOKEN: TOKEN }, Ready)
  const openHub = ({ ready: { addresses } }: Awaited<ReturnType<typeof openSandbox>>) =>
    startHub(folder, port, {
      COUNTERTOP_DEMO: '1',
      COUNTERTOP_DEMO_TOKEN: TOKEN,
      COUNTERTOP_LINE_API: addresses.line,
      COUNTERTOP_LINE_DATA_API: addresses.lineData,
      COUNTERTOP_GRAPH_API: addresses.graph,
      COUNTERTOP_PUBLIC_URL: addresses.publicUrl,
    })
  let sandbox = await openSandbox()
  let hub = await openHub(sandbox)
  return {
    get hub() {
      return hub
    },
    get url() {
      return sandbox.url
    },
    record: async () => Recorded.parse(await (await fetch(`${sandbox.url}/record`)).json()),
    async restartHub() {
      await hub.stop()
      hub = await openHub(sandbox)
    },
    async restart() {
      await hub.stop()
      await sandbox.stop()
      sandbox = await openSandbox()
      hub = await openHub(sandbox)
    },
    async stop() {
      await hub.stop()
      await sandbox.stop()
    },
  }
}

/** One drawn phone on the page, in Chinese. */
export class Phone {
  readonly page: Page
  readonly whole: Locator

  constructor(page: Page, app: 'LINE' | 'LINE 群組' | 'WhatsApp') {
    this.page = page
    this.whole = page.getByRole('region', { name: app, exact: true })
  }

  /** Takes the phone of whoever has this name. */
  async be(name: string): Promise<void> {
    const who = this.whole.getByRole('combobox', { name: '誰的手機' })
    const option = who.getByRole('option', { name })
    await who.selectOption({ value: (await option.getAttribute('value')) ?? '' })
  }

  /** Acts as this member of the group from now on. */
  async actAs(name: string): Promise<void> {
    await this.whole.getByRole('combobox', { name: '身分' }).selectOption({ label: name })
  }

  async write(text: string): Promise<void> {
    const field = this.whole.getByRole('textbox')
    await field.fill(text)
    await field.press('Enter')
    await this.sees(text)
  }

  /** Sends one of the samples of the + menu. */
  async sample(what: '照片' | '檔案' | '語音' | '貼圖' | '位置'): Promise<void> {
    await this.whole.getByRole('button', { name: '傳送其他內容' }).click()
    await this.whole.getByRole('menuitem', { name: what, exact: true }).click()
  }

  entry(text: string): Locator {
    return this.whole.getByRole('listitem').filter({ hasText: text })
  }

  async sees(text: string): Promise<void> {
    await this.entry(text).first().waitFor()
  }

  /** The bubbles of the shop, from the first to the last. */
  answers(): Promise<string[]> {
    return this.whole.locator('.entry.shop .bubble').allInnerTexts()
  }

  async does(action: string): Promise<void> {
    await this.whole.getByRole('button', { name: action, exact: true }).click()
  }

  /** The next message of the shop goes wrong so. */
  async failNext(failure: string): Promise<void> {
    await this.whole.getByRole('combobox', { name: '下一則' }).selectOption({ label: failure })
    await this.whole.locator('.choice.set').waitFor()
  }
}
