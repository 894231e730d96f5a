/** The line that puts a web chat on a page. */

/** @param script the address of the chat's script */
export function chatSnippet(script: string): string {
  const quoted = script.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  return `<script src="${quoted}" async></script>`
}
