import type { SeriesAnswer } from '~/client/types'

/** One short line for each of a few names, asked for one after another so that a page of them is no burst. */
export function useSparklines(names: () => string[], load: (name: string, signal: AbortSignal) => Promise<SeriesAnswer>) {
  const lines = shallowReactive(new Map<string, (number | null)[]>())
  let asking: AbortController | null = null

  watch(() => names().join('\n'), async () => {
    asking?.abort()
    const mine = asking = new AbortController()
    for (const name of names()) {
      if (mine.signal.aborted) return
      // A line is an ornament: the figures beside it stand without it.
      const answer = await load(name, mine.signal).catch(() => null)
      const points = answer?.series[0]?.points
      if (points && !mine.signal.aborted) lines.set(name, points.map(([, value]) => value))
    }
  }, { immediate: true })
  onScopeDispose(() => asking?.abort())
  return lines
}
