/** The paths of a sparkline: the line, and the area under it. Each run of known values is drawn on its own. */
export function sparkPath(values: (number | null)[], width: number, height: number, max?: number) {
  const known = values.filter((value): value is number => value !== null)
  const top = Math.max(max ?? 0, ...known) || 1
  const step = width / Math.max(1, values.length - 1)
  const x = (index: number) => (index * step).toFixed(1)
  const y = (value: number) => (height - 1 - (Math.max(0, value) / top) * (height - 2)).toFixed(1)
  let stroke = ''
  let area = ''
  let run: string[] = []
  let start = 0

  function close(end: number) {
    if (run.length) {
      const path = run.length === 1 ? `M${run[0]}h0.1` : `M${run.join('L')}`
      stroke += path
      area += `${path}L${x(end)},${height}L${x(start)},${height}Z`
    }
    run = []
  }

  values.forEach((value, index) => {
    if (value === null) return close(index - 1)
    if (!run.length) start = index
    run.push(`${x(index)},${y(value)}`)
  })
  close(values.length - 1)
  return { stroke, area }
}
