type Values = Record<string, unknown> | null

export interface FieldChange { field: string, before: string | null, after: string | null }

function shown(value: unknown): string | null {
  if (value === undefined) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Field by field what a change did: what is the same on both sides is left out. */
export function changesOf(before: Values, after: Values): FieldChange[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  return fields
    .map(field => ({ field, before: shown(before?.[field]), after: shown(after?.[field]) }))
    .filter(change => change.before !== change.after)
}
