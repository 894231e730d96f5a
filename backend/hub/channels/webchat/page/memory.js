// @ts-check
/**
 * What the page keeps in the browser for one channel. Where a browser forbids storage it lasts as long as the page.
 */

/** @typedef {{ get(name: string): string | null, set(name: string, value: string): void, remove(name: string): void, names(prefix: string): string[] }} Memory */

/**
 * @param {string} channel
 * @returns {Memory}
 */
export function openMemory(channel) {
  const own = `countertop-chat:${channel}:`
  /** @type {Map<string, string>} */
  const kept = new Map()
  const storage = usableStorage()
  return {
    get: (name) => kept.get(name) ?? storage?.getItem(own + name) ?? null,
    set(name, value) {
      kept.set(name, value)
      try {
        storage?.setItem(own + name, value)
      } catch (error) {
        console.warn('countertop: the browser keeps no more', error)
      }
    },
    remove(name) {
      kept.delete(name)
      storage?.removeItem(own + name)
    },
    names(prefix) {
      const found = new Set([...kept.keys()].filter((name) => name.startsWith(prefix)))
      for (let at = 0; storage && at < storage.length; at += 1) {
        const key = storage.key(at)
        if (key?.startsWith(own + prefix)) found.add(key.slice(own.length))
      }
      return [...found]
    },
  }
}

/** @returns {Storage | null} */
function usableStorage() {
  try {
    window.localStorage.setItem('countertop-chat', '1')
    return window.localStorage
  } catch (error) {
    console.warn('countertop: the browser allows no storage', error)
    return null
  }
}
