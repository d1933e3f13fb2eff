import { en } from '~/messages/en'

export type MessageKey = keyof typeof en
export type MessageValues = Record<string, string | number>

/**
 * The text of a message. `{name}` is filled from `values`; `one thing | {n} things` picks by `n`.
 * An unknown key does not compile.
 */
export function t(key: MessageKey, values: MessageValues = {}): string {
  const forms = en[key].split(' | ')
  const form = forms.length > 1 && values.n !== 1 ? forms[1]! : forms[0]!
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

/** The message for a word that the API uses (`status.online`), or the word itself when we have none. */
export function tWord(group: string, word: string): string {
  const key = `${group}.${word}`
  return key in en ? t(key as MessageKey) : word
}
