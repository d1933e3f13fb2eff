// Written by code point, so that this file itself holds no invisible character.
const UNSEEN = new RegExp('[\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]', 'g')

/** Text from a router, harmless to read: control, invisible and bidi characters become their code point in brackets. */
export function visible(text: string | null | undefined): string {
  return (text ?? '').replace(UNSEEN, char => `⟦U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟧`)
}

/** As `visible`, for text that has lines, such as the output of a command: tabs and line ends stay. */
export function visibleLines(text: string | null | undefined): string {
  return (text ?? '').split(/\r?\n/).map(line => line.split('\t').map(visible).join('\t')).join('\n')
}

/** `a, b` or `a  b` typed by a person, as a list without blanks or doubles. */
export function words(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))]
}

/** A sentence of the API's, which begins small because a program may go on with it, as one that stands alone. */
export function sentence(text: string): string {
  return /^[a-z]+[ ,]/.test(text) ? text[0]!.toUpperCase() + text.slice(1) : text
}
