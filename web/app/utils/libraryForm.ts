import type { LibraryParameter, LibraryScript, LibraryVersion, NewLibraryScript, NewLibraryVersion } from '~/client/types'
import { libraryFields } from '~/utils/jobForm'
import { initialValues, parametersFrom, type KindValues, type ParameterValue } from '~/utils/kindForm'
import { typedValue, type ParameterType } from '~/utils/runForm'
import { parameterNames } from '~/utils/runTemplate'
import { words } from '~/utils/text'

/** A parameter as it is written: its default is text, and there may be none. */
export interface ParameterRow { type: ParameterType, description: string, initial: string }
export interface SampleRow { name: string, values: KindValues }

/** All that the form of a library's script holds. Parameters are kept by name: one that is written again has its row again. */
export interface LibraryForm {
  name: string
  description: string
  tags: string
  shared: boolean
  source: string
  parameters: Record<string, ParameterRow>
  samples: SampleRow[]
  releases: string
  note: string
}

export const emptyLibraryForm = (): LibraryForm => (
  { name: '', description: '', tags: '', shared: false, source: '', parameters: {}, samples: [], releases: '7.20', note: '' })

const text = (value: unknown) => (Array.isArray(value) ? value.join(', ') : value === null || value === undefined ? '' : String(value))

const texts = (values: object): KindValues => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, text(value)]))

/** The form for the next version, which begins as the one before it. */
export function formOfVersion(script: LibraryScript, version: LibraryVersion): LibraryForm {
  return {
    name: script.name, description: script.description, tags: script.tags.join(', '), shared: script.visibility === 'shared', source: version.source,
    parameters: Object.fromEntries(version.parameters.map(one => (
      [one.name, { type: one.type ?? 'string', description: one.description ?? '', initial: text(one.default) }]))),
    samples: version.samples.map(sample => ({ name: sample.name, values: texts(sample.values) })),
    releases: version.checks.map(check => check.release).join(', '), note: '',
  }
}

/** The parameters that the script names now. */
export function parametersIn(form: LibraryForm): LibraryParameter[] {
  return parameterNames(form.source).map((name) => {
    const row = form.parameters[name] ?? { type: 'string', description: '', initial: '' }
    return { name, type: row.type, description: row.description, default: row.initial === '' ? null : typedValue({ type: row.type, text: row.initial }) }
  })
}

export const releasesIn = (form: Pick<LibraryForm, 'releases'>) => words(form.releases)

/** What a check is to fill in: the values of the first sample over the defaults. */
export function exampleValues(form: LibraryForm): Record<string, Exclude<ParameterValue, null>> {
  const fields = libraryFields(parametersIn(form))
  const given = parametersFrom(fields, { ...initialValues(fields), ...form.samples[0]?.values })
  return Object.fromEntries(Object.entries(given).filter((pair): pair is [string, Exclude<ParameterValue, null>] => pair[1] !== null && pair[1] !== ''))
}

export function newVersionOf(form: LibraryForm): NewLibraryVersion {
  const parameters = parametersIn(form)
  const fields = libraryFields(parameters)
  return {
    source: form.source, parameters: parameters as NewLibraryVersion['parameters'], releases: releasesIn(form), note: form.note,
    samples: form.samples.map(sample => ({ name: sample.name.trim(), values: parametersFrom(fields, sample.values) as Record<string, string> })),
  }
}

export function newScriptOf(form: LibraryForm): NewLibraryScript {
  const { name, description, shared } = form
  return { ...newVersionOf(form), name: name.trim(), description, visibility: shared ? 'shared' : 'private', tags: words(form.tags) }
}

/** Why it can't be kept yet, as a message's key. */
export function libraryHeld(form: LibraryForm, withName: boolean) {
  if (withName && !form.name.trim()) return 'library.missing.name' as const
  if (!form.source.trim()) return 'script.needed' as const
  if (!releasesIn(form).length || releasesIn(form).length > 5) return 'library.missing.releases' as const
  return form.samples.some(sample => !sample.name.trim()) ? 'library.missing.sample' as const : null
}
