import type { Job, LaterAnswer, RouterRow } from '~/client/types'
import type { Problem } from '~/client/http'

/** A line of the console and what came of it. */
export interface ConsoleEntry {
  id: number
  menu: string
  line: string
  kind: 'read' | 'run' | 'note'
  state: 'asking' | 'later' | 'done' | 'failed'
  asked: { menu: string, filters: Record<string, string> } | null
  rows: RouterRow[]
  count: boolean
  tookMs: number | null
  later: LaterAnswer | null
  job: Job | null
  problem: Problem | null
  note: string
}
interface Session { entries: ConsoleEntry[], history: string[], menu: string, made: number }

const KEPT = 100
const TIMEOUT_S = 60

/** A session with one router: each line reads through live mode or becomes a job. It outlives the page, not the tab. */
export function useConsole(deviceId: string) {
  const api = useApi()
  const { can } = useSession()
  const { read, again } = useRouterReads(deviceId)
  const session = useState<Session>(`console-${deviceId}`, () => ({ entries: [], history: [], menu: '', made: 0 }))
  /** Properties that were seen in a menu, for completion. */
  const known = computed(() => new Map(session.value.entries.filter(one => one.asked && one.rows.length)
    .map(one => [one.asked!.menu, [...new Set(one.rows.flatMap(row => Object.keys(row)))].filter(key => !key.startsWith('.'))])))

  function entry(line: string, kind: ConsoleEntry['kind'], more: Partial<ConsoleEntry> = {}): ConsoleEntry {
    const state = session.value
    const made: ConsoleEntry = {
      id: ++state.made, menu: state.menu, line, kind, state: 'asking', asked: null, rows: [], count: false, tookMs: null, later: null, job: null, problem: null,
      note: '', ...more,
    }
    state.entries = [...state.entries, made].slice(-KEPT)
    return state.entries.at(-1)!
  }

  async function ask(one: ConsoleEntry) {
    one.state = 'asking'
    one.problem = null
    try {
      const answer = one.later ? await again(one.later.job_id) : await read(one.asked!.menu, one.asked!.filters)
      Object.assign(one, answer, { state: answer.later ? 'later' : 'done', rows: answer.later ? one.rows : answer.rows })
    } catch (cause) {
      Object.assign(one, { state: 'failed', problem: asProblem(cause), later: null })
    }
  }

  async function run(one: ConsoleEntry, script: string) {
    try {
      const made = await api.jobs.create({ kind: 'script', script, device_ids: [deviceId], job_class: 'once', timeout_s: TIMEOUT_S, description: '' })
      Object.assign(one, { job: made.items[0]!, state: 'later' })
    } catch (cause) {
      Object.assign(one, { state: 'failed', problem: asProblem(cause) })
    }
  }

  async function look(one: ConsoleEntry) {
    if (one.kind === 'read') return ask(one)
    const job = await api.jobs.get(one.job!.id).catch(() => null)
    if (job) Object.assign(one, { job, state: jobIsOpen(job) ? 'later' : 'done' })
  }

  async function send(line: string) {
    const step = readLine(line, session.value.menu)
    if (line.trim()) session.value.history = [...session.value.history.filter(one => one !== line), line].slice(-KEPT)
    if (step.kind === 'move') session.value.menu = step.menu === '/' ? '' : step.menu
    if (step.kind === 'read') return ask(entry(line, 'read', { asked: { menu: step.menu, filters: step.filters }, count: step.count }))
    if (step.kind !== 'run') return
    if (!can('jobs:write')) return void entry(line, 'note', { state: 'done', note: t('console.readOnly') })
    return run(entry(line, 'run'), step.script)
  }

  const open = () => session.value.entries.filter(one => one.state === 'later')
  useLive().on('job', (change) => { for (const one of open()) if ((one.job?.id ?? one.later?.job_id) === change.id) void look(one) })
  const timer = setInterval(() => { for (const one of open()) void look(one) }, 5000)
  onScopeDispose(() => clearInterval(timer))
  const clear = () => { session.value.entries = [] }
  return { session, known, send, ask, clear }
}
