/** A member at the workstation's page, and a customer at the web chat's: what they see and do, in words of the screen. */
import type { Page } from 'playwright'

/** What a thread shows of one message. */
export type ShownMessage = { text: string; state: string | null }

/** The workstation's page, in Chinese. */
export class Counter {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.page.getByLabel('電子郵件').fill(email)
    await this.page.getByLabel('密碼', { exact: true }).fill(password)
    await this.page.getByRole('button', { name: '登入', exact: true }).click()
    await this.page.getByRole('listbox', { name: '對話' }).waitFor()
  }

  /** Opens the conversation whose row has this text, from the list that is shown. */
  async open(text: string): Promise<void> {
    await this.page.getByRole('option').filter({ hasText: text }).first().click()
    await this.composer.waitFor()
  }

  get composer() {
    return this.page.getByRole('textbox', { name: '回覆', exact: true })
  }

  async reply(text: string): Promise<void> {
    await this.composer.fill(text)
    await this.composer.press('Enter')
    await this.shows(text)
  }

  /** Waits until the open thread has a message with exactly this text. */
  async shows(text: string): Promise<void> {
    await this.page.locator('article[data-ordinal]').filter({ hasText: text }).first().waitFor()
  }

  /** Waits until the last message of ours is in this state. */
  async lastStateIs(state: string): Promise<void> {
    await this.page.locator('article.ours .state').last().filter({ hasText: state }).waitFor()
  }
}

/** The customer's page, in Chinese. */
export class Customer {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  async write(text: string): Promise<void> {
    const field = this.page.getByRole('textbox', { name: '訊息內容' })
    await field.fill(text)
    await field.press('Enter')
    await this.sees(text)
  }

  async sees(text: string): Promise<void> {
    await this.page.locator('.message').filter({ hasText: text }).first().waitFor()
  }

  /** The texts the team wrote, from the first to the last. */
  answers(): Promise<string[]> {
    return this.page.locator('.message.theirs .text').allInnerTexts()
  }

  /** Everything in the thread, from the first to the last. */
  texts(): Promise<string[]> {
    return this.page.locator('.message .text').allInnerTexts()
  }
}
