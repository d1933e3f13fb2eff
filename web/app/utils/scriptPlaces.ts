import type { ScriptRemark, VersionCheck } from '~/client/types'
import { t } from '~/utils/messages'

/** A remark with the versions that it is about. */
export interface Remark extends ScriptRemark { versions: string[] }

const TAB = 8
const bytesOf = (point: number) => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4)

/**
 * Where a column of RouterOS stands in a line: it counts from 1 in bytes of UTF-8, and a tab moves to the next column that eight
 * divides. A column past the end is the end.
 */
export function indexOfColumn(line: string, column: number): number {
  let at = 1
  let index = 0
  for (const char of line) {
    if (at >= column) return index
    at = char === '\t' ? (Math.floor(at / TAB) + 1) * TAB : at + bytesOf(char.codePointAt(0)!)
    index += char.length
  }
  return index
}

/** The text to underline: the word at the column; at the end of a line, what stands before it. */
export function spanInLine(line: string, column: number): { from: number, to: number } {
  const from = indexOfColumn(line, column)
  const rest = line.slice(from)
  const word = /^[\w./:-]+/.exec(rest)?.[0] ?? [...rest][0] ?? ''
  if (word || !line) return { from, to: from + word.length }
  return { from: from - [...line].at(-1)!.length, to: from }
}

const NAMED = 4

/** The versions of a remark for people, newest first; of many the first few. */
export function versionsText(versions: readonly string[]): string {
  const sorted = [...versions].sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  const named = sorted.length > NAMED + 1 ? sorted.slice(0, NAMED) : sorted
  return t(named.length < sorted.length ? 'script.onManyVersions' : 'script.onVersions', { versions: named.join(', '), n: sorted.length - named.length })
}

/** What was found for all versions, or for one: the same remark comes once, in the order of the script. */
export function remarksOf(checks: readonly VersionCheck[], version: string | null): Remark[] {
  const found = new Map<string, Remark>()
  for (const check of checks.filter(one => version === null || one.version === version)) {
    for (const remark of check.remarks) {
      const key = JSON.stringify([remark.severity, remark.line, remark.column, remark.code, remark.message])
      const known = found.get(key)
      if (!known) found.set(key, { ...remark, versions: [check.version] })
      else if (!known.versions.includes(check.version)) known.versions.push(check.version)
    }
  }
  return [...found.values()].sort((a, b) => a.line - b.line || a.column - b.column || a.severity.localeCompare(b.severity))
}
