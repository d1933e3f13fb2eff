import type { DeviceSelection, JobClass, NewRun, Run, RunKind, RunLimits, RunParameter } from '~/client/types'
import { conditionsPart, nightly, noConditions, noFit, type Conditions, type Fitting, type WindowPick } from '~/utils/conditions'
import { fieldHeld, heldPick, libraryPart, noLibraryPick, type LibraryPick } from '~/utils/jobForm'
import { parametersFrom, type KindField, type KindValues } from '~/utils/kindForm'
import { parameterNames } from '~/utils/runTemplate'
import { specOf } from '~/utils/runs'

export type ParameterType = RunParameter['type']
export const PARAMETER_TYPES: ParameterType[] = ['string', 'integer', 'boolean', 'address', 'duration', 'list']

export interface TypedValue { type: ParameterType, text: string }
export interface Pair { name: string, value: string }
export interface WaveRow { amount: number, unit: 'count' | 'percent', pause_min: number, gate: boolean }

/** All that the form holds, in the units of its fields. */
export interface RunForm {
  name: string
  description: string
  everyone: boolean
  device_ids: string[]
  /** A kind of the API, or `library` for a script that is kept there. */
  kind: string
  script: string
  unchecked: boolean
  values: Record<string, TypedValue>
  /** What was typed for typed kinds, by kind. */
  typed: Record<string, KindValues>
  library: LibraryPick
  confirm_s: number
  menu: string
  match: Pair[]
  desired: Pair[]
  job_class: JobClass
  waves: WaveRow[]
  limits: RunLimits
  silence_min: number
  timeout_s: number
  expires_h: number
  starts_at: string
  joins_until: string
  windowed: boolean
  window: WindowPick
  conditions: Conditions
  needs_approval: boolean
}

const row = (amount: number, unit: WaveRow['unit'], pause_min = 0): WaveRow => ({ amount, unit, pause_min, gate: false })

/** How a change may go out; the first is what the server does when nothing is said. */
export const WAVE_PRESETS: Record<'careful' | 'canary' | 'once', () => WaveRow[]> = {
  careful: () => [row(1, 'count', 5), row(5, 'percent', 10), row(25, 'percent', 10), row(100, 'percent')],
  canary: () => [row(1, 'count', 10), row(100, 'percent')],
  once: () => [row(100, 'percent')],
}

export function emptyRunForm(timezone: string): RunForm {
  return {
    name: '', description: '', everyone: true, device_ids: [], kind: 'script', script: '', unchecked: false, values: {}, typed: {}, library: noLibraryPick(), confirm_s: 0, menu: '',
    match: [], desired: [{ name: '', value: '' }], job_class: 'once', waves: WAVE_PRESETS.careful(),
    limits: { failures: null, percent: 10, wave_failures: null, wave_percent: 20 }, silence_min: 60, timeout_s: 60, expires_h: 168,
    starts_at: '', joins_until: '', windowed: false, window: nightly(timezone), conditions: noConditions(), needs_approval: false,
  }
}

/** What was typed, as the type has it. What does not fit stays text, for the server to say so. */
export function typedValue({ type, text }: TypedValue): RunParameter['value'] {
  if (type === 'integer' && /^-?\d+$/.test(text.trim())) return Number(text)
  if (type === 'boolean') return text === 'true'
  if (type === 'list') return text.split(/[,\n]/).map(one => one.trim()).filter(Boolean)
  return type === 'string' ? text : text.trim()
}

/** The values by name of the parameters that the script has now; those that it no longer names are kept aside by the form. */
export function parametersOf(form: RunForm): RunParameter[] {
  return parameterNames(form.script).map((name) => {
    const value = form.values[name] ?? { type: 'string', text: '' }
    return { name, type: value.type, value: typedValue(value) }
  })
}

const pairs = (list: readonly Pair[]) => Object.fromEntries(list.filter(one => one.name.trim()).map(one => [one.name.trim(), one.value]))
const moment = (local: string) => new Date(local).toISOString().replace(/\.\d+/, '')

const NO_TYPE = 'string' as const

/** What is asked of each device. Of a typed kind the type says nothing: the kind's own description does. */
function changeOf(form: RunForm, fields: readonly KindField[]): Partial<NewRun> {
  const job_class = form.confirm_s ? 'once' as const : form.job_class
  if (form.kind === 'script') return { script: form.script, parameters: parametersOf(form), unchecked: form.unchecked, job_class }
  if (form.kind === 'library') return { ...libraryPart(form.library), job_class }
  if (form.kind === 'menu') return { desired: { menu: form.menu.trim(), match: pairs(form.match), values: pairs(form.desired) } }
  const given = Object.entries(parametersFrom(fields, form.typed[form.kind] ?? {}))
  return { parameters: given.filter(([, value]) => value !== null).map(([name, value]) => ({ name, type: NO_TYPE, value: value! })) }
}

/** Who is told as of the run before, unless another address was typed. */
const toldPart = ({ told_like, notify_url }: Conditions) => (told_like && !notify_url.trim() ? { notify_like: told_like.id } : {})

/** The request that the form stands for; `fields` are those of its typed kind. */
export function newRunOf(
  form: RunForm, selection: DeviceSelection, fields: readonly KindField[] = [], confirmable = true, fits: Fitting = noFit(),
): NewRun {
  return {
    name: form.name.trim(), description: form.description, kind: form.kind === 'library' ? 'script' : form.kind as RunKind, ...changeOf(form, fields),
    ...(confirmable && form.confirm_s ? { confirm: { within_s: form.confirm_s } } : {}),
    ...(form.everyone ? { selection } : { device_ids: form.device_ids }),
    waves: form.waves.map(wave => ({ [wave.unit]: wave.amount, pause_s: wave.pause_min * 60, gate: wave.gate })),
    limits: form.limits, silence_s: form.silence_min * 60, timeout_s: form.timeout_s, expires_in_s: form.expires_h * 3600,
    ...(form.starts_at ? { starts_at: moment(form.starts_at) } : {}),
    ...(form.everyone && form.joins_until ? { joins_until: moment(form.joins_until) } : {}),
    ...(form.windowed ? { window: form.window as NewRun['window'] } : {}),
    ...conditionsPart(form.conditions, fits), ...toldPart(form.conditions), needs_approval: form.needs_approval,
  }
}

const local = (at: string | null) => {
  if (!at) return ''
  const date = new Date(at)
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
const shown = (value: RunParameter['value']) => (Array.isArray(value) ? value.join(', ') : String(value))
const listed = (object: Record<string, string>) => Object.entries(object).map(([name, value]) => ({ name, value }))

const HIDDEN = '********'
/** A secret comes back as asterisks, and has to be written again. */
const typedAgain = (parameters: readonly RunParameter[]) => Object.fromEntries(parameters.map(one => [one.name, one.value === HIDDEN ? '' : shown(one.value)]))

/** The form of a run that was made before, to change it or to do the same again. */
export function formOfRun(run: Run, timezone: string): RunForm {
  const spec = specOf(run)
  const { change } = spec
  const empty = emptyRunForm(timezone)
  return {
    ...empty, name: run.name, description: spec.description, everyone: !spec.device_ids, device_ids: spec.device_ids ?? [], kind: change.kind,
    script: change.script ?? '', unchecked: change.unchecked, job_class: change.job_class ?? empty.job_class,
    values: Object.fromEntries(change.parameters.map(one => [one.name, { type: one.type, text: shown(one.value) }])),
    typed: change.kind === 'script' ? {} : { [change.kind]: typedAgain(change.parameters) }, confirm_s: change.confirm_s ?? 0,
    conditions: {
      ...empty.conditions, backup_first: change.backup_first ?? false, retried: Boolean(change.retry_attempts),
      ...(change.retry_attempts ? { attempts: change.retry_attempts, pause_s: change.retry_pause_s ?? 60 } : {}),
      told_like: run.notifies ? { id: run.id, host: run.notifies } : null,
    },
    menu: change.desired?.menu ?? '', match: listed(change.desired?.match ?? {}), desired: change.desired ? listed(change.desired.values) : empty.desired,
    waves: spec.waves.length
      ? spec.waves.map(wave => ({ amount: wave.count ?? wave.percent ?? 100, unit: wave.count === null ? 'percent' : 'count', pause_min: Math.round(wave.pause_s / 60), gate: wave.gate }))
      : empty.waves,
    limits: spec.limits, silence_min: Math.round(spec.silence_s / 60), timeout_s: change.timeout_s, expires_h: Math.round(change.expires_in_s / 3600),
    starts_at: spec.starts_at && Date.parse(spec.starts_at) > Date.now() ? local(spec.starts_at) : '', joins_until: local(spec.joins_until),
    windowed: spec.window !== null, window: spec.window ? { ...empty.window, ...spec.window } : empty.window, needs_approval: spec.needs_approval,
  }
}

export type RunStep = 'devices' | 'change' | 'waves'
export const RUN_STEPS: RunStep[] = ['devices', 'change', 'waves']

/** What is still missing in a step, as a message's key; nothing when it is complete. */
export function missingIn(step: RunStep, form: RunForm, matching: number | null, fields: readonly KindField[] | null = []) {
  if (step === 'devices') {
    if (!form.everyone && !form.device_ids.length) return 'run.missing.picked' as const
    return form.everyone && matching === 0 ? 'run.missing.matching' as const : null
  }
  if (step === 'change') {
    if (form.kind === 'script' && !form.script.trim()) return 'script.needed' as const
    if (form.kind === 'script' && parametersOf(form).some(one => one.value === '' || (Array.isArray(one.value) && !one.value.length))) return 'run.missing.value' as const
    if (form.kind === 'menu' && (!form.menu.trim() || !form.desired.some(one => one.name.trim()))) return 'run.missing.desired' as const
    if (form.kind === 'script' || form.kind === 'menu') return null
    if (form.kind === 'library') return form.library.id ? (heldPick(form.library) ? 'run.missing.fields' as const : null) : 'library.needed' as const
    return !fields || fieldHeld(fields, form.typed[form.kind] ?? {}) ? 'run.missing.fields' as const : null
  }
  return form.name.trim() ? null : 'run.missing.name' as const
}
