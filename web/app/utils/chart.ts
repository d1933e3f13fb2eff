import type uPlot from 'uplot'

/** One line of a chart. Points are `[seconds, value]`; null is a gap. `colour` is a token, where a line means something by it. */
export interface ChartLine { label: string, points: readonly (readonly [number, number | null])[], area?: boolean, colour?: string }

const COLOURS = ['--chart-1', '--chart-2', '--chart-3', '--chart-4']

/** The token of a line's colour: its own, else by its place. */
export function colourOf(line: { colour?: string } | undefined, index: number): string {
  return line?.colour ?? COLOURS[index % COLOURS.length]!
}

export function lineColour(index: number, line?: { colour?: string }): string {
  return `var(${colourOf(line, index)})`
}

type Points = ChartLine['points']

/** How many readings a line has. One is no line yet. */
export function knownCount(points: Points): number {
  return points.filter(([, value]) => value !== null).length
}

/** The newest reading. */
export function latestOf(points: Points): number | null {
  return points.findLast(([, value]) => value !== null)?.[1] ?? null
}

/** Lines whose moments differ, as uPlot's columns: one list of moments, one of values a line. */
export function chartColumns(lines: readonly ChartLine[]): uPlot.AlignedData {
  const moments = [...new Set(lines.flatMap(line => line.points.map(([at]) => at)))].sort((a, b) => a - b)
  const columns = lines.map((line) => {
    const known = new Map(line.points.map(([at, value]) => [at, value]))
    return moments.map(at => known.get(at) ?? null)
  })
  return [moments, ...columns] as uPlot.AlignedData
}

export interface ChartSetting {
  width: number
  height: number
  unit: string
  zone: string
  lines: readonly ChartLine[]
  /** The top of the scale when nothing is higher: 100 for percent. */
  ceiling?: number
  sync?: string
  onCursor: (index: number | null, left: number) => void
  onZoom: (from: number, to: number) => void
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

function axis(extra: uPlot.Axis): uPlot.Axis {
  const grid = token('--ui-border')
  return {
    stroke: token('--ui-text-muted'), font: '11px "Inter Variable", system-ui, sans-serif',
    grid: { stroke: grid, width: 1 }, ticks: { show: false }, ...extra,
  }
}

/** The values that stand between two gaps: no line would show them, so they get a dot. */
export function lonely(values: ArrayLike<number | null | undefined>): number[] {
  const known = (index: number) => values[index] !== null && values[index] !== undefined
  return Array.from({ length: values.length }, (_, index) => index).filter(index => known(index) && !known(index - 1) && !known(index + 1))
}

const alone: uPlot.Series.Points.Filter = (plot, index) => lonely(plot.data[index]!)

function series(line: ChartLine, index: number): uPlot.Series {
  const stroke = token(colourOf(line, index))
  const fill = line.area === false ? undefined : `color-mix(in oklab, ${stroke} 12%, transparent)`
  return { label: line.label, stroke, fill, width: 1.5, spanGaps: false, points: { show: true, size: 3, fill: stroke, width: 0, filter: alone } }
}

function range(ceiling?: number): uPlot.Range.Function {
  return (_, _min, max) => [0, Math.max(ceiling ?? 0, (max ?? 0) * 1.12) || 1]
}

/** uPlot's options for our charts: calm grid, values in their unit, drag to zoom, moments in the reader's zone. */
export function chartOptions(Plot: typeof uPlot, setting: ChartSetting): uPlot.Options {
  const { width, height, unit, zone, lines, ceiling, sync, onCursor, onZoom } = setting
  const whole = unit === 'count' || unit === 'checkins'
  return {
    width, height, padding: [8, 20, 0, 0], legend: { show: false },
    tzDate: seconds => Plot.tzDate(new Date(seconds * 1000), zone),
    scales: { x: { time: true }, y: { range: range(ceiling) } },
    axes: [
      axis({ space: 64, size: 40, gap: 8, values: TIME_TICKS }),
      axis({ size: 64, space: height < 140 ? 20 : 34, incrs: whole ? [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] : undefined,
        values: (_, ticks) => ticks.map(value => formatValue(value, unit)) }),
    ],
    series: [{}, ...lines.map(series)],
    cursor: {
      y: false, points: { size: 6 }, drag: { x: true, y: false, setScale: false },
      sync: sync ? { key: sync, setSeries: false } : undefined,
    },
    hooks: {
      setCursor: [plot => onCursor(plot.cursor.idx ?? null, plot.cursor.left ?? -1)],
      setSelect: [(plot) => {
        if (plot.select.width < 4) return
        onZoom(plot.posToVal(plot.select.left, 'x'), plot.posToVal(plot.select.left + plot.select.width, 'x'))
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
      }],
    },
  }
}

const MINUTE = 60
const HOUR = 3600
const DAY = 86400
/** Tick formats by step: clock times within a day, days beyond; the date once where it changes. */
const TIME_TICKS = [
  [DAY, '{D} {MMM}', null, null, null, null, null, null, 1],
  [HOUR, '{HH}:{mm}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
  [MINUTE, '{HH}:{mm}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', null, null, null, null, null, null, 1],
] as unknown as uPlot.Axis.Values
