/** Where a load stops being ordinary. Colour only from there on: a calm table is one where nothing is wrong. */
export function level(percent: number | null | undefined): 'normal' | 'high' | 'critical' {
  if (percent === null || percent === undefined || percent < 80) return 'normal'
  return percent < 95 ? 'high' : 'critical'
}

export function levelText(percent: number | null | undefined): string {
  return { normal: '', high: 'text-warning font-medium', critical: 'text-error font-medium' }[level(percent)]
}
