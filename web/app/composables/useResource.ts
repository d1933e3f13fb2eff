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
  /** Asked for longer than anybody waits without a word. */
  slow: boolean
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

const SLOW_MS = 10_000
const GIVEN_UP_MS = 20_000

export function asProblem(cause: unknown): Problem {
  return cause instanceof Problem ? cause : new Problem(0, 'client.fault', String(cause), t('problem.faultRemedy'))
}

export function useResource<T>(load: (signal: AbortSignal) => Promise<T>, options: Options = {}): Resource<T> {
  let asking: AbortController | null = null
  let askedAt = 0
  let waiting: ReturnType<typeof setTimeout> | undefined
  const resource: Resource<T> = shallowReactive({
    data: undefined, problem: null, pending: true, loadedAt: null, stale: false, slow: false, refresh,
  })

  async function refresh() {
    if (options.when && !options.when()) return
    asking?.abort()
    const mine = asking = new AbortController()
    resource.pending = true
    askedAt = Date.now()
    waiting ??= setTimeout(() => { resource.slow = true }, SLOW_MS)
    try {
      const data = await load(mine.signal)
      if (mine !== asking) return
      Object.assign(resource, { data, problem: null, loadedAt: Date.now(), stale: false })
    } catch (cause) {
      if (mine.signal.aborted || mine !== asking) return
      resource.problem = asProblem(cause)
    }
    resource.pending = resource.slow = false
    clearTimeout(waiting)
    waiting = undefined
  }

  function tick() {
    if (document.visibilityState !== 'visible') return
    resource.stale = resource.loadedAt !== null && Date.now() - resource.loadedAt > 3000 * options.everyS!
    if (!resource.pending || Date.now() - askedAt >= GIVEN_UP_MS) void refresh()
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
    clearTimeout(waiting)
    asking?.abort()
  })
  void refresh()
  return resource
}
