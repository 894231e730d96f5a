/** An account's rich menus, and which of them each user sees. */
import { newRichMenuId } from './ids.ts'
import { ok, refused } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { People } from './people.ts'
import type { RichMenu } from './schemas.ts'

const NO_MENU = 'richmenu not found'

export class RichMenus {
  readonly #people: People
  readonly #menus = new Map<string, RichMenu>()
  readonly #linked = new Map<string, string>()
  #default: string | null = null

  constructor(people: People) {
    this.#people = people
  }

  add(name: string, id = newRichMenuId()): RichMenu {
    const menu: RichMenu = {
      richMenuId: id,
      size: { width: 2_500, height: 1_686 },
      selected: true,
      name,
      chatBarText: 'Menu',
      areas: [
        {
          bounds: { x: 0, y: 0, width: 2_500, height: 1_686 },
          action: { type: 'message', label: 'Hello', text: 'Hello' },
        },
      ],
    }
    this.#menus.set(id, menu)
    return menu
  }

  /** What a user sees: the menu linked to them, or the default. */
  shownTo(userId: string): string | null {
    return this.#linked.get(userId) ?? this.#default
  }

  list(): Outcome {
    return ok({ richmenus: [...this.#menus.values()] })
  }

  ofUser(userId: string): Outcome {
    const richMenuId = this.#linked.get(userId)
    return richMenuId === undefined ? refused(404, 'the user has no richmenu') : ok({ richMenuId })
  }

  link(userId: string, richMenuId: string): Outcome {
    if (!this.#menus.has(richMenuId)) return refused(404, NO_MENU)
    if (!this.#people.findUser(userId)) return refused(400, 'The user ID is invalid')
    this.#linked.set(userId, richMenuId)
    return ok()
  }

  unlink(userId: string): Outcome {
    this.#linked.delete(userId)
    return ok()
  }

  /** LINE answers before it is done, and skips whom it does not know. */
  linkMany(userIds: readonly string[], richMenuId: string): Outcome {
    if (!this.#menus.has(richMenuId)) return refused(400, NO_MENU)
    for (const id of userIds) if (this.#people.findUser(id)) this.#linked.set(id, richMenuId)
    return ok({}, 202)
  }

  unlinkMany(userIds: readonly string[]): Outcome {
    for (const id of userIds) this.#linked.delete(id)
    return ok({}, 202)
  }

  getDefault(): Outcome {
    return this.#default === null ? refused(404, 'no default richmenu') : ok({ richMenuId: this.#default })
  }

  setDefault(richMenuId: string): Outcome {
    if (!this.#menus.has(richMenuId)) return refused(404, NO_MENU)
    this.#default = richMenuId
    return ok()
  }

  cancelDefault(): Outcome {
    this.#default = null
    return ok()
  }
}
