import type { JobKind } from '~/client/types'

/** What a router printed, as rows under columns, facts with names, or both. Texts are as the router wrote them. */
export interface JobResult {
  columns: string[]
  rows: Record<string, string>[]
  facts: { name: string, value: string }[]
}

interface Span { text: string, from: number, to: number }

/** The columns that a table of the kind has at least: a line of capitals that lacks them is no header of it. */
const TABLES: Partial<Record<JobKind, string[]>> = {
  ping: ['SEQ', 'HOST'], traceroute: ['ADDRESS', 'LOSS'], torch: ['TX', 'RX'], 'wifi-scan': ['SSID'],
}
const FACTS: JobKind[] = ['firmware-check', 'bandwidth-test']
const HEADER_WORD = /^(#|[A-Z][A-Z0-9-]*(\.\.)?)$/
const FACT = /^\s*([a-z][a-z0-9-]*):\s?(.*)$/
const MOST_ROWS = 1_000

const spansOf = (line: string): Span[] => [...line.matchAll(/\S+/g)].map(found => ({ text: found[0], from: found.index, to: found.index + found[0].length }))

function headerOf(line: string, wanted: readonly string[]): Span[] | null {
  const words = spansOf(line)
  const names = words.map(word => word.text)
  return words.length > 1 && names.every(name => HEADER_WORD.test(name)) && wanted.every(name => names.includes(name)) ? words : null
}

/** Under which header a word stands: the one that it touches most, else the nearest. RouterOS sets numbers to the right. */
function columnOf(word: Span, header: readonly Span[]): Span {
  const apart = (column: Span) => Math.max(column.from - word.to, word.from - column.to, -(Math.min(column.to, word.to) - Math.max(column.from, word.from)))
  return header.reduce((best, column) => (apart(column) < apart(best) ? column : best))
}

function rowOf(line: string, header: readonly Span[]): Record<string, string> {
  const row: Record<string, string> = {}
  for (const word of spansOf(line)) {
    const { text } = columnOf(word, header)
    row[text] = row[text] === undefined ? word.text : `${row[text]} ${word.text}`
  }
  return row
}

/** `sent=4 received=4 packet-loss=0%`, which a narrow console breaks into several lines. */
function totalsOf(line: string): { name: string, value: string }[] | null {
  const words = line.trim().split(/\s+/)
  return words.every(word => /^[a-z-]+=\S+$/.test(word)) ? words.map(word => ({ name: word.slice(0, word.indexOf('=')), value: word.slice(word.indexOf('=') + 1) })) : null
}

function tableOf(lines: readonly string[], wanted: readonly string[]): JobResult | null {
  let header: Span[] | null = null
  let result: JobResult | null = null
  for (const line of lines) {
    const found = headerOf(line, wanted)
    if (found) {
      // A console paints the whole again every round: the last one stands. A long ping has its header again, and goes on.
      const goesOn = wanted.includes('SEQ') && result
      header = found
      if (!goesOn) result = { columns: found.map(word => word.text).filter(name => name !== '#'), rows: [], facts: [] }
      continue
    }
    // What follows an empty line is the console's again: that the script has ended, say.
    if (!line.trim() && result?.rows.length) header = null
    if (!header || !result || !line.trim() || line.trimStart().startsWith(';;;')) continue
    const totals = totalsOf(line)
    if (totals) result.facts = [...result.facts.filter(fact => !totals.some(one => one.name === fact.name)), ...totals]
    else if (result.rows.length < MOST_ROWS) result.rows.push(rowOf(line, header))
  }
  if (!result) return null
  const { rows } = result
  return { ...result, columns: result.columns.filter(name => rows.some(row => row[name] !== undefined)) }
}

/** Records of `name: value` with an empty line between them, as wide rows are printed. */
function recordsOf(lines: readonly string[]): JobResult | null {
  const rows: Record<string, string>[] = []
  let row: Record<string, string> = {}
  for (const line of [...lines, '']) {
    const found = FACT.exec(line)
    if (found) row[found[1]!.toUpperCase()] = found[2]!.trim()
    else if (!line.trim() && Object.keys(row).length) {
      if (rows.length < MOST_ROWS) rows.push(row)
      row = {}
    }
  }
  return rows.length ? { columns: [...new Set(rows.flatMap(one => Object.keys(one)))], rows, facts: [] } : null
}

function factsOf(lines: readonly string[]): JobResult | null {
  const facts = new Map<string, string>()
  for (const line of lines) {
    const found = FACT.exec(line)
    if (found) facts.set(found[1]!, found[2]!.trim())
  }
  return facts.size ? { columns: [], rows: [], facts: [...facts].map(([name, value]) => ({ name, value })) } : null
}

/** What a typed job brought, where its form is known; null where the text itself says it best. */
export function resultOf(kind: JobKind, output: string | null): JobResult | null {
  if (!output) return null
  const lines = output.split(/\r?\n/)
  const wanted = TABLES[kind]
  if (wanted) return tableOf(lines, wanted) ?? recordsOf(lines)
  return FACTS.includes(kind) ? factsOf(lines) : null
}

/** How a value reads at a glance: what was lost or did not answer is bad. */
export function resultTone(column: string, value: string | undefined): 'error' | 'warning' | '' {
  if (column === 'STATUS' || column === 'LAST') return value && /timeout|unreachable|error|fail/i.test(value) ? 'error' : ''
  const percent = column === 'LOSS' || column === 'packet-loss' ? Number.parseFloat(value ?? '') : 0
  return percent >= 100 ? 'error' : percent > 0 ? 'warning' : ''
}

/** Columns of figures, which stand under one another. */
export const FIGURES = new Set(['SEQ', 'SIZE', 'TTL', 'TIME', 'LOSS', 'SENT', 'LAST', 'AVG', 'BEST', 'WORST', 'STD-DEV', 'TX', 'RX', 'TX-PACKETS', 'RX-PACKETS', 'SIG', 'SIGNAL'])
