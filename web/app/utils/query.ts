import type { QueryRow, QueryUnanswered } from '~/client/types'
import { menuColumns } from '~/utils/routerMenus'

/** The menu that a query asks about, for the order of its columns. */
export function menuOf(query: string): string {
  return `/${query.replace(/\bwhere\b.*$/s, '').trim().split(/[\s/]+/).filter(Boolean).join('/')}`
}

/** The columns of an answer: those that were asked for in that order, else the telling ones first. */
export function queryColumns(query: string, fields: readonly string[], rows: readonly QueryRow[]): string[] {
  return fields.length ? [...fields] : menuColumns(menuOf(query), rows.map(row => row.values), true)
}

/** A cell of a CSV file. What a spreadsheet would run as a formula becomes plain text. */
function csvCell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

/** All rows as a CSV file, a device's name and id first. */
export function csvOf(columns: readonly string[], rows: readonly QueryRow[]): string {
  const lines = [['device', 'device_id', ...columns], ...rows.map(row => [row.device_name, row.device_id, ...columns.map(name => row.values[name] ?? '')])]
  return lines.map(line => line.map(csvCell).join(',')).join('\r\n') + '\r\n'
}

/** Who did not answer, by why, the commonest reason first. */
export function byReason(unanswered: readonly QueryUnanswered[]): { reason: string, devices: QueryUnanswered[] }[] {
  const found = new Map<string, QueryUnanswered[]>()
  for (const one of unanswered) found.set(one.reason, [...found.get(one.reason) ?? [], one])
  return [...found].map(([reason, devices]) => ({ reason, devices })).sort((a, b) => b.devices.length - a.devices.length)
}
