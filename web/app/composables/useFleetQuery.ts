import type { QueryAsk, QueryCounts, QueryLine, QueryRow, QueryUnanswered } from '~/client/types'
import type { Problem } from '~/client/http'

export type QueryStatus = 'idle' | 'asking' | 'complete' | 'partial' | 'stopped' | 'bounded' | 'cut' | 'refused'
const SHOWS_MS = 150

/** One question to many routers, as it is answered. Lines that come together are shown together, so that a flood stays smooth. */
export function useFleetQuery() {
  const api = useApi()
  const state = shallowReactive({
    status: 'idle' as QueryStatus, counts: null as QueryCounts | null, seconds: null as number | null, bound: '', asked: null as QueryAsk | null,
    rows: [] as QueryRow[], unanswered: [] as QueryUnanswered[], problem: null as Problem | null,
  })
  let asking: AbortController | null = null
  let fresh: QueryLine[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  function show() {
    clearTimeout(timer)
    timer = undefined
    const lines = fresh
    fresh = []
    const rows = lines.filter(line => line.kind === 'row')
    const unanswered = lines.filter(line => line.kind === 'unanswered')
    if (rows.length) state.rows = state.rows.concat(rows)
    if (unanswered.length) state.unanswered = state.unanswered.concat(unanswered)
    for (const line of lines) {
      if (line.kind === 'progress' || line.kind === 'end') state.counts = line
      if (line.kind === 'end') Object.assign(state, { seconds: line.seconds, bound: line.stopped, status: line.stopped ? 'bounded' : line.complete ? 'complete' : 'partial' })
    }
  }

  async function ask(body: QueryAsk) {
    stop()
    const mine = asking = new AbortController()
    fresh = []
    Object.assign(state, { status: 'asking', counts: null, seconds: null, bound: '', asked: body, rows: [], unanswered: [], problem: null })
    try {
      await api.queries.ask(body, mine.signal, (line) => {
        if (mine !== asking) return
        fresh.push(line)
        timer ??= setTimeout(show, SHOWS_MS)
      })
      if (mine === asking) show()
    } catch (cause) {
      if (mine.signal.aborted || mine !== asking) return
      show()
      if (state.counts === null) Object.assign(state, { status: 'refused', problem: asProblem(cause) })
    }
    if (mine === asking && state.status === 'asking') state.status = 'cut'
  }

  function stop() {
    asking?.abort()
    show()
    if (state.status === 'asking') state.status = 'stopped'
  }
  onScopeDispose(() => {
    asking?.abort()
    clearTimeout(timer)
  })
  return { state, ask, stop }
}
export type FleetQuery = ReturnType<typeof useFleetQuery>
