import type { FleetEvent } from '~/client/types'

const LOOKS: Record<string, { icon: string, tone: string }> = {
  'device.enrolled': { icon: 'i-lucide-circle-plus', tone: 'text-primary' },
  'device.pending': { icon: 'i-lucide-hourglass', tone: 'text-warning' },
  'device.approved': { icon: 'i-lucide-badge-check', tone: 'text-success' },
  'device.online': { icon: 'i-lucide-circle-arrow-up', tone: 'text-success' },
  'device.offline': { icon: 'i-lucide-circle-arrow-down', tone: 'text-error' },
  'device.rebooted': { icon: 'i-lucide-rotate-cw', tone: 'text-warning' },
  'device.version-changed': { icon: 'i-lucide-package-check', tone: 'text-primary' },
  'device.address-changed': { icon: 'i-lucide-shuffle', tone: 'text-muted' },
  'device.identity-changed': { icon: 'i-lucide-pencil', tone: 'text-muted' },
  'device.change-undone': { icon: 'i-lucide-undo-2', tone: 'text-error' },
  'device.enrolment-warning': { icon: 'i-lucide-triangle-alert', tone: 'text-warning' },
  'device.config-changed': { icon: 'i-lucide-file-pen-line', tone: 'text-primary' },
  'device.link': { icon: 'i-lucide-cable', tone: 'text-muted' },
  'device.login-failed': { icon: 'i-lucide-shield-alert', tone: 'text-error' },
  'device.script-failed': { icon: 'i-lucide-circle-x', tone: 'text-error' },
  'device.log-rebooted': { icon: 'i-lucide-rotate-cw', tone: 'text-warning' },
  'device.rejected': { icon: 'i-lucide-ban', tone: 'text-error' },
  'device.removing': { icon: 'i-lucide-hourglass', tone: 'text-muted' },
  'device.removed': { icon: 'i-lucide-trash-2', tone: 'text-muted' },
  'job.finished': { icon: 'i-lucide-square-terminal', tone: 'text-muted' },
}

export const EVENT_KINDS = Object.keys(LOOKS)

export function eventLook(kind: string): { icon: string, tone: string } {
  return LOOKS[kind] ?? { icon: 'i-lucide-dot', tone: 'text-muted' }
}

/** News as an event of the list. That a job has ended is told without a moment, and with the job's own kind: it was just now. */
export function heardEvent(kind: string, told: Partial<FleetEvent>, nowMs: number): FleetEvent {
  return { device_id: '', device_name: '', site_id: null, text: '', data: {}, id: `${kind} ${nowMs}`, ...told, kind, at: told.at ?? new Date(nowMs).toISOString() }
}

/** What happened, for a place that names the device beside it: the sentence without its subject. */
export function remarkOf(event: Pick<FleetEvent, 'text' | 'device_name'>): string {
  const subject = `${event.device_name} `
  if (!event.device_name || !event.text.startsWith(subject)) return event.text
  const rest = event.text.slice(subject.length)
  return rest.charAt(0).toUpperCase() + rest.slice(1)
}
