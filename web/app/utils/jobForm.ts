import type { AskedKind, DeviceSelection, JobClass, JobKindInfo, LibraryParameter, NewJob } from '~/client/types'
import { conditionsPart, nightly, noConditions, noFit, type Conditions, type Fitting, type WindowPick } from '~/utils/conditions'
import { faultOf, kindLabel, parametersFrom, type KindField, type KindValues, type ParameterValue } from '~/utils/kindForm'
import { t } from '~/utils/messages'

/** A script of the library in a form. `parameters` are those of the version, null until they are known. */
export interface LibraryPick { id: string, version: number | null, parameters: LibraryParameter[] | null, values: KindValues }

/** All that the form of a job holds, in the units of its fields. */
export interface JobForm {
  kind: string
  script: string
  unchecked: boolean
  job_class: JobClass
  /** What was typed, by kind: changing the kind and back loses nothing. */
  values: Record<string, KindValues>
  library: LibraryPick
  confirm_s: number
  conditions: Conditions
  windowed: boolean
  window: WindowPick
  description: string
  timeout_s: number
  expires_h: number
}

/** Where a form begins when it is opened from somewhere that knows more. */
export interface JobStart { kind?: string, script?: string, parameters?: Record<string, ParameterValue>, library?: { id: string, version: number | null } }
export interface JobTarget { device_ids?: string[], selection?: DeviceSelection }

export const noLibraryPick = (): LibraryPick => ({ id: '', version: null, parameters: null, values: {} })

export function emptyJobForm(start: JobStart = {}, timezone = 'UTC'): JobForm {
  const given = Object.fromEntries(Object.entries(start.parameters ?? {}).filter(([, value]) => value !== null).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]))
  const kind = start.library ? 'library' : start.kind ?? 'script'
  return {
    kind, script: start.script ?? '', unchecked: false, job_class: 'once', values: start.parameters ? { [kind]: given } : {},
    library: { ...noLibraryPick(), ...start.library }, confirm_s: 0, conditions: noConditions(), windowed: false, window: nightly(timezone), description: '', timeout_s: 60, expires_h: 24,
  }
}

const EXAMPLES: Partial<Record<LibraryParameter['type'], string>> = { address: '192.0.2.1/24', duration: '1h30m', list: '192.0.2.53, 192.0.2.54' }
const TYPES = { string: 'text', address: 'text', duration: 'text', integer: 'integer', boolean: 'boolean', list: 'list' } as const

/** The fields of a script's own parameters. One without a default has to be given. */
export function libraryFields(parameters: readonly LibraryParameter[]): KindField[] {
  return parameters.map(({ name, type, description, default: initial }) => ({
    name, type: TYPES[type ?? 'string'], required: initial === null, unset: false, description: description ?? '', example: EXAMPLES[type ?? 'string'] ?? '', least: null, most: null,
    choices: [], commas: true, initial: Array.isArray(initial) ? initial.join(', ') : initial === null ? '' : String(initial),
  }))
}

export function canBeConfirmed(form: Pick<JobForm, 'kind'>, info: JobKindInfo | undefined): boolean {
  return form.kind === 'script' || form.kind === 'library' || form.kind === 'menu' || (form.kind !== 'reboot' && info !== undefined && info.classes[0] !== 'query')
}

/** The first field that can't be sent as it stands. */
export function fieldHeld(fields: readonly KindField[], values: KindValues): KindField | undefined {
  return fields.find(field => faultOf(field, values[field.name] ?? ''))
}

/** The part of a request that says which version of which script, with which values. */
export function libraryPart(pick: LibraryPick) {
  const values = parametersFrom(libraryFields(pick.parameters ?? []), pick.values) as NonNullable<NewJob['values']>
  return { library_id: pick.id, ...(pick.version ? { version: pick.version } : {}), values }
}

/** The request that the form stands for. */
export function newJobOf(form: JobForm, target: JobTarget, fields: readonly KindField[], confirmable: boolean, fits: Fitting = noFit()): NewJob {
  const confirm = confirmable && form.confirm_s ? { confirm: { within_s: form.confirm_s } } : {}
  const job_class = form.confirm_s ? 'once' as const : form.job_class
  const common = {
    ...target, timeout_s: form.timeout_s, expires_in_s: form.expires_h * 3600, ...confirm, ...conditionsPart(form.conditions, fits),
    ...(form.windowed ? { window: form.window as NewJob['window'] } : {}), ...(form.description ? { description: form.description } : {}),
  }
  if (form.kind === 'script') return { ...common, kind: 'script', script: form.script, job_class, unchecked: form.unchecked }
  if (form.kind === 'library') return { ...common, kind: 'script', ...libraryPart(form.library), job_class }
  const parameters = parametersFrom(fields, form.values[form.kind] ?? {}) as NonNullable<NewJob['parameters']>
  return { ...common, kind: form.kind as AskedKind, ...(fields.length ? { parameters } : {}) }
}

/** Why a script of the library can't be sent yet; empty when it can. */
export function heldPick(pick: LibraryPick): string {
  if (!pick.id) return t('library.needed')
  if (!pick.parameters) return t('state.loading')
  const field = fieldHeld(libraryFields(pick.parameters), pick.values)
  return field ? t('kindField.check', { name: kindLabel(field) }) : ''
}
