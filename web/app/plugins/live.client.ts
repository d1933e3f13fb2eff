import type { FleetEvent, FleetPulse, JobChange, RunChange } from '~/client/types'

const KINDS = [
  'device.enrolled', 'device.pending', 'device.approved', 'device.online', 'device.offline', 'device.rebooted',
  'device.version-changed', 'device.address-changed', 'device.identity-changed', 'device.enrolment-warning',
  'device.removed', 'device.change-undone', 'device.config-changed', 'device.link', 'device.login-failed', 'device.script-failed',
  'device.rejected', 'job.finished',
] as const
interface Heard { event: FleetEvent, pulse: FleetPulse, job: JobChange, run: RunChange }
type Listener = (message: never) => void

/** One event stream for the whole page, open while somebody is signed in. The browser resumes it by Last-Event-ID. */
export default defineNuxtPlugin(() => {
  const { session } = useSession()
  const connected = ref(false)
  const pulse = shallowRef<FleetPulse | null>(null)
  const listeners: Record<keyof Heard, Set<Listener>> = { event: new Set(), pulse: new Set(), job: new Set(), run: new Set() }
  let source: EventSource | null = null
  let retry: ReturnType<typeof setTimeout> | undefined

  function hear(kind: string, raw: Event) {
    const event = heardEvent(kind, JSON.parse((raw as MessageEvent<string>).data) as Partial<FleetEvent>, Date.now())
    for (const listener of listeners.event) listener(event as never)
  }

  function tell<K extends keyof Heard>(kind: K, raw: Event) {
    const message = JSON.parse((raw as MessageEvent<string>).data) as Heard[K]
    for (const listener of listeners[kind]) listener(message as never)
  }

  function close() {
    clearTimeout(retry)
    source?.close()
    source = null
    connected.value = false
  }

  function open() {
    close()
    const mine = source = new EventSource('/api/v1/events/stream')
    mine.onopen = () => { connected.value = true }
    mine.onerror = () => {
      connected.value = false
      // A refused stream is closed for good by the browser; a lost one it reopens itself.
      if (mine.readyState === EventSource.CLOSED && mine === source) retry = setTimeout(open, 5000)
    }
    for (const kind of KINDS) mine.addEventListener(kind, raw => hear(kind, raw))
    mine.addEventListener('fleet.pulse', raw => tell('pulse', raw))
    mine.addEventListener('job.changed', raw => tell('job', raw))
    mine.addEventListener('run.changed', raw => tell('run', raw))
  }

  function on<K extends keyof Heard>(kind: K, listener: (message: Heard[K]) => void) {
    listeners[kind].add(listener as Listener)
    return () => listeners[kind].delete(listener as Listener)
  }

  on('pulse', (message) => { pulse.value = message })
  watch(() => session.value?.organisation.id, id => (id ? open() : close()), { immediate: true })
  return { provide: { live: { connected, pulse, on } } }
})
