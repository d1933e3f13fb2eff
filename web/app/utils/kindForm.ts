import type { JobKindInfo } from '~/client/types'
import { tWord } from '~/utils/messages'
import { words } from '~/utils/text'

/** A parameter of a typed kind, as a form shows it. `unset` says that leaving it empty is a choice of its own. */
export interface KindField {
  name: string
  type: 'text' | 'secret' | 'integer' | 'boolean' | 'choice' | 'list'
  required: boolean
  unset: boolean
  description: string
  example: string
  least: number | null
  most: number | null
  choices: string[]
  /** Of a list: only commas and line ends part its items, which may hold blanks. */
  commas?: boolean
  initial: string
}

interface Schema {
  type?: string
  description?: string
  examples?: unknown[]
  default?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  writeOnly?: boolean
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  properties?: Record<string, Schema>
  required?: string[]
}

/** What was typed into the fields, by name. Numbers and choices too are text until they are sent. */
export type KindValues = Record<string, string>
export type ParameterValue = string | number | boolean | string[] | null

const typeOf = (schema: Schema): KindField['type'] => {
  if (schema.enum) return 'choice'
  if (schema.writeOnly) return 'secret'
  return ({ integer: 'integer', boolean: 'boolean', array: 'list' } as const)[schema.type ?? ''] ?? 'text'
}
const listed = (field: KindField, text: string) => (field.commas ? text.split(/[,\n]/).map(one => one.trim()).filter(Boolean) : words(text))
const textOf = (value: unknown) => (Array.isArray(value) ? value.join(', ') : value === null || value === undefined ? '' : String(value))

/** The fields of a kind by its JSON Schema, those that are required first. */
export function fieldsOf(kind: Pick<JobKindInfo, 'parameters'>): KindField[] {
  const schema = kind.parameters as Schema
  const fields = Object.entries(schema.properties ?? {}).map(([name, whole]): KindField => {
    const inner = whole.anyOf?.find(one => one.type !== 'null') ?? whole
    return {
      name, type: typeOf(inner), required: (schema.required ?? []).includes(name), unset: Boolean(whole.anyOf),
      description: whole.description ?? inner.description ?? '', example: textOf((whole.examples ?? inner.examples)?.[0]),
      least: inner.minimum ?? inner.minLength ?? inner.minItems ?? null, most: inner.maximum ?? inner.maxLength ?? inner.maxItems ?? null,
      choices: (inner.enum ?? []).map(String), initial: textOf(whole.default),
    }
  })
  return [...fields.filter(field => field.required), ...fields.filter(field => !field.required)]
}

export function initialValues(fields: readonly KindField[]): KindValues {
  return Object.fromEntries(fields.map(field => [field.name, field.initial]))
}

/** What is sent: typed values, without those that were left empty and need not be there. */
export function parametersFrom(fields: readonly KindField[], values: KindValues): Record<string, ParameterValue> {
  const given = fields.flatMap((field): [string, ParameterValue][] => {
    const text = values[field.name] ?? ''
    if (field.type === 'list') return text.trim() || field.required ? [[field.name, listed(field, text)]] : []
    if (text === '' && !field.required) return []
    if (field.type === 'integer') return [[field.name, /^-?\d+$/.test(text.trim()) ? Number(text) : text]]
    if (field.type === 'boolean') return [[field.name, text === 'true']]
    return [[field.name, field.type === 'secret' ? text : text.trim()]]
  })
  return Object.fromEntries(given)
}

/** Why a field can't be sent as it is: a message's key with its values, or null. The server has the last word. */
export function faultOf(field: KindField, text: string): { key: 'kindField.needed' | 'kindField.between' | 'kindField.short' | 'kindField.long', least: number, most: number } | null {
  const fault = (key: 'kindField.needed' | 'kindField.between' | 'kindField.short' | 'kindField.long') => ({ key, least: field.least ?? 0, most: field.most ?? 0 })
  if (text.trim() === '') return field.required && (field.least !== 0 || field.type !== 'secret') ? fault('kindField.needed') : null
  if (field.type === 'integer') {
    const number = Number(text)
    return Number.isInteger(number) && number >= (field.least ?? -Infinity) && number <= (field.most ?? Infinity) ? null : fault('kindField.between')
  }
  if (field.type === 'list') return field.most !== null && listed(field, text).length > field.most ? fault('kindField.long') : null
  if (field.type !== 'text' && field.type !== 'secret') return null
  if (field.least !== null && text.length < field.least) return fault('kindField.short')
  return field.most !== null && text.length > field.most ? fault('kindField.long') : null
}

/** The kinds in the groups in which they are offered; one that is not known here comes last, so that none is missing. */
export const KIND_GROUPS = {
  script: ['script', 'library', 'menu'],
  look: ['ping', 'traceroute', 'firmware-check', 'export', 'torch', 'wifi-scan', 'bandwidth-test', 'packet-capture'],
  set: ['identity', 'dns', 'ntp', 'address-list', 'user-password', 'wireless-key', 'logging', 'traffic-flow'],
  power: ['reboot'],
} as const

export interface KindGroup { group: string, kinds: string[] }

export function kindGroups(kinds: readonly string[]): KindGroup[] {
  const known = new Set<string>(Object.values(KIND_GROUPS).flat())
  const groups = Object.entries(KIND_GROUPS).map(([group, all]) => ({ group, kinds: (all as readonly string[]).filter(kind => kinds.includes(kind)) }))
  const others = kinds.filter(kind => !known.has(kind))
  return [...groups, { group: 'other', kinds: others }].filter(group => group.kinds.length)
}

/** `max_hops` as people write it, where it has no words of its own. */
export function kindLabel({ name }: Pick<KindField, 'name'>): string {
  const text = name.replaceAll('_', ' ')
  const found = tWord('kindParameter', name)
  return found === name ? text.charAt(0).toUpperCase() + text.slice(1) : found
}
