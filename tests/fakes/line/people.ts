/** Who there is on LINE, as one account knows them: users, group chats and multi-person chats. */
import { createHash } from 'node:crypto'
import { newGroupId, newRoomId, newUserId } from './ids.ts'

export type User = {
  readonly id: string
  name: string
  /** In E.164; null when LINE has no confirmed one. */
  phone: string | null
  pictureUrl: string | null
  /** `none` has never added the account as a friend. */
  friendship: 'none' | 'friend' | 'blocked'
  /** Whether they have agreed to LINE notification messages. */
  takesNotifications: boolean
}

export type Chat = {
  readonly kind: 'group' | 'room'
  readonly id: string
  /** A multi-person chat has none. */
  name: string
  readonly members: Set<User>
  /** Whether the account is in it. */
  hasAccount: boolean
}

export type NewUser = Partial<Omit<User, 'friendship'>> & {
  /** Whether they are a friend already, without an event about it. */
  isFriend?: boolean
}

export class People {
  readonly #users = new Map<string, User>()
  readonly #chats = new Map<string, Chat>()

  addUser({ id = newUserId(), name = 'User', isFriend = false, ...rest }: NewUser = {}): User {
    if (!/^U[0-9a-f]{32}$/.test(id) || this.#users.has(id)) throw new Error(`no id for a new user: ${id}`)
    const user: User = {
      id,
      name,
      phone: rest.phone ?? null,
      pictureUrl: rest.pictureUrl ?? null,
      friendship: isFriend ? 'friend' : 'none',
      takesNotifications: rest.takesNotifications ?? true,
    }
    this.#users.set(id, user)
    return user
  }

  addChat(
    kind: Chat['kind'],
    { id, name = '', members }: { id?: string; name?: string; members: Iterable<User> },
  ): Chat {
    const newId = id ?? (kind === 'group' ? newGroupId() : newRoomId())
    if (!/^[CR][0-9a-f]{32}$/.test(newId) || this.#chats.has(newId)) throw new Error(`no id for a new chat: ${newId}`)
    const chat: Chat = { kind, id: newId, name, members: new Set(members), hasAccount: true }
    this.#chats.set(newId, chat)
    return chat
  }

  users(): User[] {
    return [...this.#users.values()]
  }

  chats(): Chat[] {
    return [...this.#chats.values()]
  }

  findUser(id: string): User | undefined {
    return this.#users.get(id)
  }

  findChat(id: string): Chat | undefined {
    return this.#chats.get(id)
  }

  /** @throws when there is nobody of that id */
  user(user: User | string): User {
    const found = this.#users.get(typeof user === 'string' ? user : user.id)
    if (!found) throw new Error(`no such user: ${typeof user === 'string' ? user : user.id}`)
    return found
  }

  /** @throws when there is no chat of that id */
  chat(chat: Chat | string): Chat {
    const found = this.#chats.get(typeof chat === 'string' ? chat : chat.id)
    if (!found) throw new Error(`no such chat: ${typeof chat === 'string' ? chat : chat.id}`)
    return found
  }

  /** Who has the phone number of that hash: SHA-256 of E.164, in hexadecimal. */
  byPhoneHash(hash: string): User[] {
    return this.users().filter(({ phone }) => phone !== null && phoneHash(phone) === hash)
  }
}

/** How a notification message names its receiver. */
export function phoneHash(phone: string): string {
  return createHash('sha256').update(phone).digest('hex')
}
