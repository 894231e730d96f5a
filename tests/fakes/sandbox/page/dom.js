// @ts-check
/** Making elements. All that people wrote goes in as text, never as markup. */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} [className]
 * @param {string} [text]
 */
export function make(tag, className, text) {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  return element
}

/**
 * @param {string} text
 * @param {() => void} act
 * @param {string} [className]
 */
export function button(text, act, className = 'plain') {
  const element = make('button', className, text)
  element.type = 'button'
  element.addEventListener('click', act)
  return element
}

/**
 * A labelled choice.
 * @param {string} label
 * @param {[value: string, text: string][]} options
 * @param {string} chosen
 * @param {(value: string) => void} act
 */
export function choice(label, options, chosen, act) {
  const whole = make('label', 'choice')
  const select = make('select')
  for (const [value, text] of options) {
    const option = make('option', '', text)
    option.value = value
    select.append(option)
  }
  select.value = chosen
  select.addEventListener('change', () => act(select.value))
  whole.append(make('span', '', label), select)
  return { whole, select }
}

/**
 * The element of that id, which the page's HTML has.
 * @param {string} id
 */
export function byId(id) {
  const element = document.getElementById(id)
  if (!element) throw new Error(`no #${id}`)
  return element
}
