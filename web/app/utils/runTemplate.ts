import type { RunParameter } from '~/client/types'
import { indexOfColumn } from '~/utils/scriptPlaces'

/** The places of values in a run's script, `${name}`; `\${` is no place. Rules and quoting are the server's. */
const PLACE = /(\\)?\$\{([a-z][a-z0-9_.]{0,63})\}/g
const DEVICE: Record<string, string> = {
  'device.id': 'dev_0', 'device.name': 'router', 'device.identity': 'router', 'device.serial': 'ABC123', 'device.model': 'hEX', 'device.architecture': 'arm',
  'device.version': '7.20', 'device.site': 'site', 'device.tags': 'tag',
}
const UNKNOWN = '[:tostr 1]'
export const DEVICE_VALUES = Object.keys(DEVICE)

/** The parameters that a script names, in the order of their first place; what the device itself fills in is left out. */
export function parameterNames(source: string): string[] {
  const names = [...source.matchAll(PLACE)].filter(found => !found[1]).map(found => found[2]!)
  return [...new Set(names)].filter(name => !name.startsWith('device.'))
}

export interface Filled { text: string, pieces: { from: number, to: number, source: number }[] }

function literal(value: RunParameter['value']): string {
  const one = (text: string) => `"${text.replace(/["\\$]/g, found => `\\${found}`).replace(/[\r\n]+/g, ' ')}"`
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return String(value)
  return one(Array.isArray(value) ? value.join(',') : value)
}

/** A value, or where none is known yet an expression of which no check can know the value. */
function known(name: string, values: Readonly<Record<string, RunParameter['value']>>): string {
  const value = values[name] ?? DEVICE[name] ?? ''
  return value === '' ? UNKNOWN : literal(value)
}

/** The script with values in place, to be checked while it is typed, and which stretch of it came from where. */
export function fillTemplate(source: string, values: Readonly<Record<string, RunParameter['value']>>): Filled {
  const filled: Filled = { text: '', pieces: [] }
  let at = 0
  const add = (text: string, from: number) => {
    filled.pieces.push({ from: filled.text.length, to: filled.text.length + text.length, source: from })
    filled.text += text
  }
  for (const found of source.matchAll(PLACE)) {
    add(source.slice(at, found.index), at)
    add(found[1] ? found[0] : known(found[2]!, values), found.index)
    at = found.index + found[0].length
  }
  add(source.slice(at), at)
  return filled
}

const TAB = 8

/** The column of RouterOS at an index of a line, the other way round than `indexOfColumn`. */
export function columnOfIndex(line: string, index: number): number {
  let at = 1
  for (const char of line.slice(0, index)) at = char === '\t' ? (Math.floor(at / TAB) + 1) * TAB : at + new TextEncoder().encode(char).length
  return at
}

/** Where in the source stands what was found at a line and column of the filled text. */
export function sourcePlace(source: string, filled: Filled, line: number, column: number): { line: number, column: number } {
  const lines = filled.text.split('\n')
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0)
  const index = start + indexOfColumn(lines[line - 1] ?? '', column)
  const piece = filled.pieces.find(one => index >= one.from && index < one.to) ?? filled.pieces.at(-1)!
  const next = filled.pieces[filled.pieces.indexOf(piece) + 1]
  const place = Math.min(piece.source + index - piece.from, (next?.source ?? source.length + 1) - 1, source.length)
  const before = source.slice(0, place).split('\n')
  return { line: before.length, column: columnOfIndex(before.at(-1)!, before.at(-1)!.length) }
}
