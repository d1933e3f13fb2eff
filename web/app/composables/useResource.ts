import { Problem } from '~/client/http'

/** Something asked of the API, with how that stands. Kept data stays while it is asked again, so nothing jumps. */
export interface Resource<T> {
  data: T | undefined
  problem: Problem | null
  pending: boolean
  /** When `data` was true, in ms. */
  loadedAt: number | null
  /** Older than it should be by now: three polls were missed. */
  stale: boolean
  refresh: () => Promise<void>
}

interface Options {
  /** Asks again when this changes. */
  watch?: () => unknown
  /** Asks again every so many seconds while the page is visible. */
  everyS?: number
  /** Holds back while false. */
  when?: () => boolean
  /** Forgets what it holds when `watch` changes: another device, not another page of the same list. */
  forget?: boolean
}

export function asProblem(cause: unknown): Problem {
  return cause instanceof Problem ? cause : new Problem(0, 'client.fault', String(cause), t('problem.faultRemedy'))
}

export function useResource<T>(load: (signal: AbortSignal) => Promise<T>, options: Options = {}): Resource<T> {
  let asking: AbortController | null = null
  const resource: Resource<T> = shallowReactive({
    data: undefined, problem: null, pending: true, loadedAt: null, stale: false, refresh,
  })

  async function refresh() {
    if (options.when && !options.when()) return
    asking?.abort()
    const mine = asking = new AbortController()
    resource.pending = true
    try {
      const data = await load(mine.signal)
      if (mine !== asking) return
      Object.assign(resource, { data, problem: null, loadedAt: Date.now(), stale: false })
    } catch (cause) {
      if (mine.signal.aborted || mine !== asking) return
      resource.problem = asProblem(cause)
    }
    resource.pending = false
  }

  function tick() {
    if (document.visibilityState !== 'visible') return
    const age = Date.now() - (resource.loadedAt ?? Date.now())
    resource.stale = age > 3000 * options.everyS!
    if (!resource.pending || age > 20_000) void refresh()
  }

  if (options.watch || options.when) {
    watch([() => JSON.stringify(options.watch?.()), () => options.when?.() ?? true], () => {
      if (options.forget) Object.assign(resource, { data: undefined, problem: null })
      void refresh()
    })
  }
  const timer = options.everyS ? setInterval(tick, options.everyS * 1000) : undefined
  onScopeDispose(() => {
    clearInterval(timer)
    asking?.abort()
  })
  void refresh()
  return resource
}
